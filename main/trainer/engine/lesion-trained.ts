import { checkLabels } from '../../../shared/experiment/experiment'
import { dataSetOf } from '../../../shared/data/samples'
import { scaledRange } from '../../../shared/data/scale'
import { targetVariance } from '../../../shared/data/targets'
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
import { wantedOf, type Wanted } from './series-evaluation'
import { takeStatistics } from './training-evaluation'

/**
 * Trains the networks, then changes them: outputs, loss and accuracy (of real targets R²) on the data set's test
 * samples, in evaluation (noise is its mean; batch statistics are the trained network's over the training samples, or
 * those of the test samples, as the experiment says).
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
  private intactOutputs: Tensor | null = null
  private readonly wanted: Wanted

  constructor(private readonly network: TrainableSeries) {
    const data = dataSetOf(network.experiment)
    const { test } = evaluatedSamples(network.experiment)
    this.wanted = wantedOf(data, data.test, 0, test, targetVariance(data, data.test, test))
    this.input = network.evaluation.enter(scaledRange(data, data.test, 0, test))
  }

  through(h: Tensor, k: number): Tensor {
    return this.network.evaluation.passBlock(this.network.blocks[k - 1], h)
  }

  compare(intact: Tensor, changed: Tensor): LesionOutcome {
    const { tf } = this.network.backend
    if (!this.intactOutputs) {
      const { outputs, ...worth } = this.network.evaluation.judge(intact, this.wanted)
      this.intactOutputs = tf.keep(outputs)
      this.intact = classified(worth)
    }
    const { outputs, ...worth } = this.network.evaluation.judge(changed, this.wanted)
    const cosine = cosineSpread(tf, this.intactOutputs, outputs, outputs.shape[1]!)
    return { cosine, classified: classified(worth) }
  }

  dispose(): void {
    this.input.dispose()
    this.intactOutputs?.dispose()
  }
}

const classified = ({ loss, error }: { loss: Float32Array; error: Float32Array }): Classified => ({
  loss: spreadOf(loss),
  accuracy: spreadOf(error.map((share) => 1 - share)),
})
