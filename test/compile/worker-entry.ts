/** Trains a small network twice, traced and eager, and tells the losses. */
import { parentPort, workerData } from 'node:worker_threads'
import { loadBackend } from '../../main/trainer/backend'
import { compile, type Step } from '../../main/trainer/compile'
import type { Variable } from '../../main/trainer/compile/native'

const { library, seed } = workerData
const backend = loadBackend({ library })
const { tf } = backend

function trainer(): Step {
  const w: Variable = tf.tidy(() => tf.variable(tf.randomNormal([16, 16], 0, 0.2, 'float32', seed)))
  return ([x, rate]) => {
    const { value, grads } = tf.variableGrads(
      () =>
        tf
          .matMul(tf.relu(x!) as never, w as never)
          .add(x!)
          .square()
          .mean() as never,
      [w],
    )
    w.assign(w.sub(grads[w.name]!.mul(rate!)))
    return [value]
  }
}

const x = tf.randomNormal([8, 16], 0, 1, 'float32', 5)
const rate = tf.scalar(0.1)
const losses = (step: Step): number[] =>
  Array.from({ length: 50 }, () => tf.tidy(() => step([x, rate]).map((loss) => loss.dataSync()[0]!))[0]!)

const traced = compile(backend, trainer())
parentPort!.postMessage({ eager: losses(trainer()), traced: losses(traced), mode: traced.mode })
traced.dispose()
