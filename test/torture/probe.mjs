// Preloaded into every process and thread of a host (NODE_OPTIONS): the thread that computes notes, at the end of each
// job, how many tensors TensorFlow.js held at most when it told something of the job, and how many it holds then. It is
// part of the tests alone, so that the trainer is the one that is shipped.
import { appendFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { isMainThread, parentPort } from 'node:worker_threads'

const loaded = createRequire(import.meta.url).cache
const file = process.env.TORTURE_TENSORS

if (file && !isMainThread && parentPort) {
  const post = parentPort.postMessage.bind(parentPort)
  let most = 0
  parentPort.postMessage = (message, ...rest) => {
    const now = tensors()
    most = Math.max(most, now)
    if (message?.type === 'reply' || message?.type === 'error') {
      appendFileSync(file, `${most}/${now}\n`)
      most = 0
    }
    post(message, ...rest)
  }
}

function tensors() {
  const core = Object.values(loaded).find(({ id }) => /tfjs-core[\\/]dist[\\/]tf-core\.node\.js$/.test(id))
  return core ? core.exports.memory().numTensors : NaN
}
