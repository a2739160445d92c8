import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'electron-vite'
import license from 'rollup-plugin-license'
import type { Plugin } from 'vite'
import { noticesOutput } from './bin/lib/notices.mjs'
import { sourceNotices } from './bin/lib/source-notices.mjs'

const root = import.meta.dirname

/** Bundles have none: those that explain are in the sources, licences in the notices, which ship. */
const comments = { legal: false, jsdoc: false }

/** Programs that run outside the renderer, by the name of their file in out/main. */
const programs = {
  /** Electron's main process. */
  index: 'main/index.ts',
  cli: 'main/hosts/cli/start.ts',
  /** A thread of a host. */
  thread: 'main/hosts/lab/thread.ts',
  /** The thread of a host that works with samples. */
  'data-thread': 'main/hosts/lab/data-thread.ts',
  /** The process that computes, and the threads in it: one measures and trains, one computes theories. */
  trainer: 'main/trainer/index.ts',
  worker: 'main/trainer/worker.ts',
  theory: 'main/trainer/theory.ts',
  /** The process that looks for a GPU by WebGPU and says what it found. */
  'webgpu-report': 'main/trainer/webgpu-report.ts',
}

/** Workers of the page that computes, by the name of their file in out/renderer. */
const pageWorkers = {
  'trainer-jobs': 'main/trainer/page/jobs.ts',
  'trainer-theory': 'main/trainer/page/theory.ts',
}

/**
 * KaTeX's style sheet names each font three times; every browser meant here reads WOFF2, so the other two need not be
 * in the bundle.
 */
const onlyWoff2: Plugin = {
  name: 'only-woff2',
  enforce: 'pre',
  transform(code, id) {
    if (!/katex[^/]*\.css/.test(id)) return null
    return { code: code.replace(/,\s*url\([^)]*\.(?:woff|ttf)\)\s*format\([^)]*\)/g, ''), map: null }
  },
}

/** What ONNX Runtime is beside its JavaScript, which looks for it beside itself. */
const onnxRuntime: Plugin = {
  name: 'onnx-runtime',
  generateBundle() {
    const fileName = 'ort-wasm-simd-threaded.wasm'
    const source = readFileSync(resolve(root, 'node_modules/onnxruntime-web/dist', fileName))
    this.emitFile({ type: 'asset', fileName, source })
  },
}

/** What the packages in a bundle want to be said of them; bin/package.mjs ships it. */
function notices(bundle: string): Plugin[] {
  const sources = sourceNotices()
  const output = noticesOutput(resolve(root, 'out'), bundle, sources)
  return [sources.collect, license({ thirdParty: { multipleVersions: true, output } }) as Plugin]
}

export default defineConfig({
  main: {
    plugins: [onnxRuntime, notices('main')],
    build: {
      outDir: 'out/main',
      // Node 16 is the oldest that the bundles meet: the Electron of the tests. The newest is Electron 45's Node 24.
      target: 'node16',
      externalizeDeps: false,
      rolldownOptions: {
        input: existing(programs),
        // TensorFlow finds its library relative to its own files; ws tries two optional speed-ups that are not
        // installed.
        external: [/^@tensorflow\//, 'bufferutil', 'utf-8-validate'],
        // One flat folder: __dirname is out/main in an entry and in a chunk alike.
        output: {
          format: 'cjs',
          entryFileNames: '[name].cjs',
          chunkFileNames: '[name]-[hash].cjs',
          comments,
        },
      },
    },
  },
  preload: {
    plugins: [notices('preload')],
    build: {
      outDir: 'out/preload',
      target: 'node16',
      externalizeDeps: false,
      rolldownOptions: {
        // A sandboxed preload script is one CommonJS file.
        input: existing({ index: 'main/preload.ts', trainer: 'main/trainer-preload.ts' }),
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: resolve(root, 'renderer'),
    plugins: [onlyWoff2, svelte({ configFile: false }), notices('page')],
    worker: { plugins: () => [notices('page-worker')] },
    build: {
      outDir: resolve(root, 'out/renderer'),
      target: 'chrome108',
      minify: true,
      // The content security policy allows no data: scripts or fonts; small files stay files.
      assetsInlineLimit: 0,
      rolldownOptions: {
        // The page of the workbench; the one that computes in Electron, and its workers: what they share is there once.
        input: existing({ index: 'renderer/index.html', trainer: 'renderer/trainer.html', ...pageWorkers }),
        output: {
          // Workers are asked for by their names.
          entryFileNames: ({ name }) => (name in pageWorkers ? '[name].js' : 'assets/[name]-[hash].js'),
          comments,
        },
      },
    },
  },
})

/** Only what is there: a part that is not written yet must not keep the others from being built. */
function existing(inputs: Record<string, string>): Record<string, string> {
  const files = Object.entries(inputs).map(([name, file]) => [name, resolve(root, file)] as const)
  return Object.fromEntries(files.filter(([, file]) => existsSync(file)))
}
