import { MNIST1D_LENGTH, mnist1d } from './mnist1d'
import type { Experiment } from '../settings/experiment'
import { STREAM } from '../numerics/random-streams'
import { Random } from '../numerics/random'

/** The first batch of MNIST-1D's training samples in the seed's order. `x` [batch, 40], float32. */
export function dataBatch(experiment: Pick<Experiment, 'batch' | 'seed'>): {
  x: Float32Array
  y: Uint8Array
} {
  const order = new Random(experiment.seed, STREAM.batches, 0).permutation(mnist1d().y.length)
  return gatherBatch(order.subarray(0, experiment.batch))
}

export function gatherBatch(samples: Int32Array): { x: Float32Array; y: Uint8Array } {
  const data = mnist1d()
  const x = new Float32Array(samples.length * MNIST1D_LENGTH)
  samples.forEach((sample, i) => {
    x.set(data.x.subarray(sample * MNIST1D_LENGTH, (sample + 1) * MNIST1D_LENGTH), i * MNIST1D_LENGTH)
  })
  return { x, y: Uint8Array.from(samples, (sample) => data.y[sample]) }
}

/** Whether the input is a data set, and not noise. */
export const usesMnist1d = ({ input }: Pick<Experiment, 'input'>) =>
  input === 'mnist1d' || input === 'sequence'
