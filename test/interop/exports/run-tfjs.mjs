// Runs code for TensorFlow.js as it is: each line of standard input names a module. With `shape`, prints q_0..q_L of
// networks at initialisation; with `inputs`, the outputs of the network that `load` makes of `arrays`, or of the export
// that the module lies in where they are null; or what went wrong.
import { createInterface } from 'node:readline'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

/** Prints to standard error how slow it is, which is known. */
console.warn = () => {}

const tf = createRequire(import.meta.url)('@tensorflow/tfjs')

async function found({ file, shape, networks, dims, inputs, arrays }) {
  const module = await import(pathToFileURL(file).href)
  if (inputs) return [...(await module.load(arrays ?? undefined)).apply(tf.tensor(inputs, dims)).dataSync()]
  return Array.from({ length: networks }, (_, k) =>
    tf.tidy(() => {
      const x = tf.randomNormal(shape, 0, 1, 'float32', 1000 + k)
      return module
        .network()
        .stream(x, true)
        .map((h) => tf.mean(tf.square(h)).dataSync()[0])
    }),
  )
}

for await (const line of createInterface({ input: process.stdin })) {
  let said
  try {
    said = { found: await found(JSON.parse(line)) }
  } catch (error) {
    said = { problem: error.stack }
  }
  console.log(JSON.stringify(said))
}
