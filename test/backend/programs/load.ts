// Bundled by the test as the product is, and run by Node versions of its choice: loads the backend, in the main thread
// and in workers, multiplies matrices, trains a step, and prints what it found as one JSON line.
import * as fs from 'node:fs'
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads'
import { loadBackend, preloadBinding, type Backend } from '../../../main/trainer/backend'
import { createProgram } from '../../../main/trainer/compile'
import type { TensorFlowLibrary } from '../../../main/runtime/types'

interface Work {
  library: TensorFlowLibrary | null
  fail?: boolean
}

function compute({ tf, kind, device, binding }: Backend) {
  const product = Array.from(
    tf
      .matMul(
        [
          [1, 2],
          [3, 4],
        ],
        [
          [5, 6],
          [7, 8],
        ],
      )
      .dataSync(),
  )
  // TopK and scalar creation go through the functions that Node 23 removed.
  const top = Array.from(tf.topk(tf.tensor1d([3, 1, 2]), 2).values.dataSync())
  const weights = tf.variable(tf.ones([2, 2]))
  const optimizer = tf.train.sgd(0.1)
  const loss = optimizer.minimize(
    () =>
      tf
        .matMul(tf.ones([1, 2]), weights)
        .square()
        .sum()
        .asScalar(),
    true,
  )
  return {
    node: process.versions.node,
    kind,
    device,
    product,
    top,
    loss: loss!.dataSync()[0],
    weights: Array.from(weights.dataSync()),
    bindingVersion: binding?.TF_Version ?? null,
  }
}

/** A product, compiled by XLA, and the flags that XLA was given. */
function computeByXla(backend: Backend) {
  const { tf } = backend
  const program = createProgram(backend, 'xla')
  const step = program.define('product', ([a, b]) => [tf.matMul(a as never, b as never)])
  const inputs = [tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6, 7, 8], [2, 2])]
  tf.dispose(step(inputs))
  return { product: Array.from(step(inputs)[0].dataSync()), flags: process.env.XLA_FLAGS }
}

/** As Linux counts them; `compute` are those that TensorFlow gives this name, for operations at once. */
function threadsOfProcess() {
  const names = fs
    .readdirSync('/proc/self/task')
    .map((id) => fs.readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim())
  return { all: names.length, compute: names.filter((name) => name === 'tf_Compute').length }
}

async function run(library: TensorFlowLibrary | null, mode: string) {
  if (mode === 'plain') return compute(loadBackend({ library: null }))
  if (mode === 'main') {
    const backend = loadBackend({ library, threads: 2 })
    const again = loadBackend({ library }) === backend
    return { ...compute(backend), again, threads: process.env.TF_NUM_INTRAOP_THREADS }
  }
  const threads = /^threads=(\d+)$/.exec(mode)?.[1]
  if (threads) {
    const { device, product } = compute(loadBackend({ library, threads: Number(threads), device: 'cpu' }))
    return { device, product, ...threadsOfProcess(), devices: process.env.CUDA_VISIBLE_DEVICES }
  }
  if (mode === 'xla') return computeByXla(loadBackend({ library }))
  if (mode === 'gpu') return compute(loadBackend({ library, device: 'gpu' }))
  preloadBinding({ library })
  const work = (fail = false) =>
    new Promise<unknown>((resolve, reject) => {
      const data: Work = { library, fail }
      const worker = new Worker(__filename, { workerData: data })
      let answer: unknown
      worker.on('message', (message) => (answer = message))
      worker.on('error', (error) => (fail ? resolve(error.message) : reject(error)))
      worker.on('exit', () => resolve(answer))
    })
  if (mode === 'failing') return [await work(true), await work(true), await work(false)]
  if (mode === 'parallel') return Promise.all([work(), work(), work()])
  const answers = []
  for (let i = 0; i < 4; i++) answers.push(await work())
  return answers
}

if (isMainThread) {
  const library = JSON.parse(process.argv[2]!) as TensorFlowLibrary | null
  run(library, process.argv[3]!).then(
    (found) => process.stdout.write(`${JSON.stringify(found)}\n`),
    (error: Error) => {
      process.stdout.write(`${JSON.stringify({ error: error.message })}\n`)
      process.exitCode = 1
    },
  )
} else {
  const { library, fail } = workerData as Work
  const backend = loadBackend({ library })
  if (fail) throw new Error('on purpose')
  parentPort!.postMessage(compute(backend))
}
