/** Bundles a part of the bench that is TypeScript into a file that Node runs; TensorFlow.js stays outside. */
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))

/** @param name of the file in this folder, without .ts @returns the bundle's path */
export async function built(name) {
  const folder = here(`../.cache/bench/${name}`)
  await build({
    configFile: false,
    logLevel: 'error',
    root: here('..'),
    build: {
      ssr: here(`${name}.ts`),
      outDir: folder,
      emptyOutDir: true,
      target: 'node20',
      rollupOptions: { external: [/^@tensorflow\//], output: { format: 'es', entryFileNames: 'main.mjs' } },
    },
  })
  return `${folder}/main.mjs`
}
