import { checkLabels } from '../../../shared/experiment/experiment'
import { dataSetOf } from '../../../shared/data/samples'
import { scaledRange } from '../../../shared/data/scale'
import { evaluatedSamples } from '../../../shared/network/schedule'
import type { Classified, LesionOutcome, LesionSeries } from '../../../shared/lesion/results'
import { cosineSpread, spreadOf } from './lesion-cosine'
import { measureLesionSeries, passesOf, type LesionBlocks, type LesionJob } from './lesion-series'
import { checkMemory, trainMemory, wholeMemory } from './memory'
import type { TrainableSeries } from './trainable-series'
import type { PreparedSeries } from './prepared-series'
import { Progress } from './progress'
import type { Tensor } from './tensor'
import { trainNetworks } from './train'
import { oneHot } from './training-batches'
import { takeStatistics } from './training-evaluation'

/**
 * Trains the networks, then changes them: logits, loss and accuracy on the data set's test samples, in evaluation
 * (noise is its mean; batch statistics are the trained network's over the training samples, or those of the test
 * samples, as the experiment says).
 * @returns false if it was stopped on the way
 */
export function lesionsOfTrained(
  job: LesionJob,
  series: LesionSeries[],
  prepared: readonly PreparedSeries[],
): boolean {
  const { backend, experiment, control, emit } = job
  checkLabels(experiment)
  const samples = evaluatedSamples(experiment).test
  // Training's parameters and the test samples' h_0..h_L are there at the same time.
  const whole = wholeMemory({ ...experiment, batch: samples }, prepared)
  checkMemory(trainMemory(experiment, prepared) + whole)
  const after = (networks: readonly TrainableSeries[]) => {
    const progress = new Progress(series.length * passesOf(job), 'blocks', emit)
    networks.forEach((network, i) => {
      takeStatistics(network)
      const blocks = new TrainedBlocks(network)
      try {
        measureLesionSeries({ ...job, progress }, blocks, series[i])
        series[i].intact = blocks.intact
      } finally {
        blocks.dispose()
      }
    })
  }
  const onlyProgress: Parameters<typeof trainNetworks>[3] = (event) => {
    if (event.type === 'progress') emit(event)
  }
  return trainNetworks(backend, experiment, control, onlyProgress, { after, prepared, place: job.place })
    .finished
}

class TrainedBlocks implements LesionBlocks {
  readonly input: Tensor
  /** Known once something was held against it. */
  intact: Classified | null = null
  private intactLogits: Tensor | null = null
  private readonly labels: Float32Array

  constructor(private readonly network: TrainableSeries) {
    const data = dataSetOf(network.experiment)
    const { test } = evaluatedSamples(network.experiment)
    this.labels = oneHot(data.test.y.subarray(0, test), data.description.classes)
    this.input = network.evaluation.enter(scaledRange(data, data.test, 0, test))
  }

  through(h: Tensor, k: number): Tensor {
    return this.network.evaluation.passBlock(this.network.blocks[k - 1], h)
  }

  compare(intact: Tensor, changed: Tensor): LesionOutcome {
    const { tf } = this.network.backend
    if (!this.intactLogits) {
      const { logits, ...worth } = this.network.evaluation.classify(intact, this.labels)
      this.intactLogits = tf.keep(logits)
      this.intact = classified(worth)
    }
    const { logits, ...worth } = this.network.evaluation.classify(changed, this.labels)
    const cosine = cosineSpread(tf, this.intactLogits, logits, logits.shape[1]!)
    return { cosine, classified: classified(worth) }
  }

  dispose(): void {
    this.input.dispose()
    this.intactLogits?.dispose()
  }
}

const classified = ({ loss, error }: { loss: Float32Array; error: Float32Array }): Classified => ({
  loss: spreadOf(loss),
  accuracy: spreadOf(error.map((share) => 1 - share)),
})
