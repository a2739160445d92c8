import { gatherBatch } from '../../../shared/data/batch'
import { MNIST1D_TRAINING_SAMPLES } from '../../../shared/data/mnist1d'
import { batchesPerEpoch } from '../../../shared/network/schedule'
import { Random } from '../../../shared/numerics/random'
import { STREAM } from '../../../shared/numerics/random-streams'
import type { Experiment } from '../../../shared/settings/experiment'
import { CLASSES } from './classifier'

/**
 * Labels [B] as rows of shares that sum to one, [B, 10], row-major: (1 - s) for the label and s/10 for every class
 * (Szegedy et al. 2016; torch.nn.CrossEntropyLoss).
 * @param smoothing s; with 0, zeros and one 1
 */
export function oneHot(labels: Uint8Array, smoothing = 0): Float32Array {
  const rows = new Float32Array(labels.length * CLASSES).fill(smoothing / CLASSES)
  labels.forEach((label, i) => (rows[i * CLASSES + label] += 1 - smoothing))
  return rows
}

/** Training samples in a new random order each epoch; the rest that does not fill a batch is left out. */
export class Batches {
  private epoch = -1
  private order: Int32Array = new Int32Array()

  constructor(private readonly experiment: Pick<Experiment, 'seed' | 'batch' | 'labelSmoothing'>) {}

  /** The batch after `step` others: samples [B, 40] and their labels' shares [B, 10]. */
  at(step: number): { x: Float32Array; y: Float32Array } {
    const { batch, labelSmoothing } = this.experiment
    const each = batchesPerEpoch(batch)
    this.shuffle(Math.floor(step / each))
    const from = (step % each) * batch
    const { x, y } = gatherBatch(this.order.subarray(from, from + batch))
    return { x, y: oneHot(y, labelSmoothing) }
  }

  private shuffle(epoch: number): void {
    if (epoch === this.epoch) return
    this.epoch = epoch
    this.order = new Random(this.experiment.seed, STREAM.batches, epoch).permutation(MNIST1D_TRAINING_SAMPLES)
  }
}
