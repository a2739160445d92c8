import { gatherBatch } from '../../../shared/data/batch'
import { MNIST1D_TRAINING_SAMPLES } from '../../../shared/data/mnist1d'
import { Random } from '../../../shared/numerics/random'
import { STREAM } from '../../../shared/numerics/random-streams'
import type { Experiment } from '../../../shared/settings/experiment'
import { CLASSES } from './classifier'

/** Labels [B] as rows of zeros and one 1, [B, 10], row-major. */
export function oneHot(labels: Uint8Array): Float32Array {
  const rows = new Float32Array(labels.length * CLASSES)
  labels.forEach((label, i) => (rows[i * CLASSES + label] = 1))
  return rows
}

/** Training samples in a new random order each epoch; the rest that does not fill a batch is left out. */
export class Batches {
  private order: Int32Array
  private epoch = 0
  private at = 0

  constructor(private readonly experiment: Pick<Experiment, 'seed' | 'batch'>) {
    this.order = this.shuffled()
  }

  /** Where the next batch begins. */
  get position(): { epoch: number; at: number } {
    return { epoch: this.epoch, at: this.at }
  }

  set position({ epoch, at }: { epoch: number; at: number }) {
    this.epoch = epoch
    this.at = at
    this.order = this.shuffled()
  }

  next(): { x: Float32Array; y: Float32Array } {
    const { batch } = this.experiment
    if (this.at + batch > this.order.length) {
      this.epoch++
      this.at = 0
      this.order = this.shuffled()
    }
    const { x, y } = gatherBatch(this.order.subarray(this.at, (this.at += batch)))
    return { x, y: oneHot(y) }
  }

  private shuffled(): Int32Array {
    return new Random(this.experiment.seed, STREAM.batches, this.epoch).permutation(MNIST1D_TRAINING_SAMPLES)
  }
}
