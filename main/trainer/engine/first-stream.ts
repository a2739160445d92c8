import { dataBatch, usesData } from '../../../shared/data/batch'
import { inputShape, stemOf } from '../../../shared/network/plan'
import { STREAM } from '../../../shared/numerics/random-streams'
import { positions } from '../../../shared/numerics/shape'
import type { Experiment } from '../../../shared/settings/experiment'
import { forwardPlanned } from './planned-block'
import type { Tensor, TfModule } from './tensor'
import { normalTensor } from './tensor-values'
import type { Weights } from './weights'

/**
 * h_0 [R, B × positions, N]: Gaussian noise (every replica its own) or the data's first batch (the same for
 * all), through the stem; the caller disposes of it.
 */
export function firstStream(tf: TfModule, experiment: Experiment, weights: Weights): Tensor {
  const { replicas, batch, seed } = experiment
  const shape = inputShape(experiment)
  const rows = batch * positions(shape)
  return tf.tidy(() => {
    const x = usesData(experiment)
      ? tf.tile(tf.tensor(dataBatch(experiment).x, [1, rows, shape.units]), [replicas, 1, 1])
      : normalTensor(tf, { replicas, batch: rows, width: shape.units, seed }, STREAM.input, weights.first)
    const stem = stemOf(experiment)
    return stem ? forwardPlanned(tf, stem, x, weights.stemParameters(stem)).output : x
  })
}
