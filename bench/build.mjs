/** Bundles the lab's side of the bench, TypeScript, into a file that Node runs; TensorFlow.js stays outside. */
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))

export async function buildOurs() {
  await build({
    configFile: false,
    logLevel: 'error',
    root: here('..'),
    build: {
      ssr: here('ours.ts'),
      outDir: here('../.cache/bench'),
      emptyOutDir: true,
      target: 'node20',
      rollupOptions: { external: [/^@tensorflow\//], output: { format: 'es', entryFileNames: 'ours.mjs' } },
    },
  })
  return here('../.cache/bench/ours.mjs')
}
