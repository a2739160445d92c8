import { augmented, isAugmented, type Augmentation } from '../../../shared/data/augment'
import { gatherBatch } from '../../../shared/data/batch'
import { describedData, type DataChoice } from '../../../shared/data/data-sets'
import { batchesPerEpoch } from '../../../shared/network/schedule'
import { Random } from '../../../shared/numerics/random'
import { STREAM } from '../../../shared/numerics/random-streams'
import type { Experiment } from '../../../shared/settings/experiment'

/**
 * Labels [B] as rows of shares that sum to one, [B, C], row-major: (1 - s) for the label and s/C for every class
 * (Szegedy et al. 2016; torch.nn.CrossEntropyLoss).
 * @param classes C
 * @param smoothing s; with 0, zeros and one 1
 */
export function oneHot(labels: Uint8Array, classes: number, smoothing = 0): Float32Array {
  const rows = new Float32Array(labels.length * classes).fill(smoothing / classes)
  labels.forEach((label, i) => (rows[i * classes + label] += 1 - smoothing))
  return rows
}

/** Training samples in a new random order each epoch; the rest that does not fill a batch is left out. */
export class Batches {
  private epoch = -1
  private order: Int32Array = new Int32Array()

  constructor(
    private readonly experiment: Pick<Experiment, 'seed' | 'batch' | 'labelSmoothing'> &
      Augmentation &
      DataChoice,
  ) {}

  /** The batch after `step` others, augmented: samples [B, values] and their labels' shares [B, classes]. */
  at(step: number): { x: Float32Array; y: Float32Array } {
    const { batch, labelSmoothing, seed } = this.experiment
    const { classes, shape } = describedData(this.experiment)
    const each = batchesPerEpoch(batch, this.experiment)
    this.shuffle(Math.floor(step / each))
    const from = (step % each) * batch
    const samples = this.order.subarray(from, from + batch)
    const { x, y } = gatherBatch(samples, this.experiment)
    const seen = isAugmented(this.experiment)
      ? augmented(x, samples, shape, this.experiment, { seed, step })
      : x
    return { x: seen, y: oneHot(y, classes, labelSmoothing) }
  }

  private shuffle(epoch: number): void {
    if (epoch === this.epoch) return
    this.epoch = epoch
    const { training } = describedData(this.experiment)
    this.order = new Random(this.experiment.seed, STREAM.batches, epoch).permutation(training)
  }
}
