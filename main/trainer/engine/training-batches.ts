import { augmented, isAugmented, type Augmentation } from '../../../shared/data/augment'
import { gatherBatch } from '../../../shared/data/batch'
import { describedData, type DataChoice } from '../../../shared/data/data-sets'
import { batchesPerEpoch } from '../../../shared/network/schedule'
import { Random } from '../../../shared/numerics/random'
import { STREAM } from '../../../shared/numerics/random-streams'
import type { Experiment } from '../../../shared/settings/experiment'

/** Training samples in a new random order each epoch; the rest that does not fill a batch is left out. */
export class Batches {
  private epoch = -1
  private order: Int32Array = new Int32Array()

  constructor(
    private readonly experiment: Pick<Experiment, 'seed' | 'batch' | 'labelSmoothing'> &
      Augmentation &
      DataChoice,
  ) {}

  /** The batch after `step` others, augmented: samples [B, values] and what is to be put out [B, outputs]. */
  at(step: number): { x: Float32Array; y: Float32Array } {
    const { batch, labelSmoothing, seed } = this.experiment
    const { shape } = describedData(this.experiment)
    const each = batchesPerEpoch(batch, this.experiment)
    this.shuffle(Math.floor(step / each))
    const from = (step % each) * batch
    const samples = this.order.subarray(from, from + batch)
    const { x, y } = gatherBatch(samples, this.experiment, labelSmoothing)
    const seen = isAugmented(this.experiment)
      ? augmented(x, samples, shape, this.experiment, { seed, step })
      : x
    return { x: seen, y }
  }

  private shuffle(epoch: number): void {
    if (epoch === this.epoch) return
    this.epoch = epoch
    const { training } = describedData(this.experiment)
    this.order = new Random(this.experiment.seed, STREAM.batches, epoch).permutation(training)
  }
}
