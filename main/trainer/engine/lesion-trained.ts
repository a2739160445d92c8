import type { BatchStatistics } from '../../../shared/block/interpreter'
import { checkLabels } from '../../../shared/experiment/experiment'
import type { DataPart, DataSet } from '../../../shared/data/description'
import { dataSetOf } from '../../../shared/data/samples'
import { scaledRange } from '../../../shared/data/scale'
import { targetVariance } from '../../../shared/data/targets'
import { evaluatedSamples } from '../../../shared/network/schedule'
import type { Classified, LesionOutcome, LesionSeries, LesionSpread } from '../../../shared/lesion/results'
import { positions } from '../../../shared/numerics/shape'
import { operationOf } from '../../../shared/operations'
import type { LesionStatistics } from '../../../shared/settings/lesion'
import { cosineBetween, cosineSpread, spreadOf } from './lesion-cosine'
import {
  measureLesionSeries,
  passesOf,
  type LesionBlocks,
  type LesionJob,
  type LesionStream,
} from './lesion-series'
import { checkMemory, samplesOverTraining, wholeMemory } from './memory'
import { trainMemory } from './training-memory'
import type { TrainableSeries } from './trainable-series'
import type { Layer } from './trainable-parameters'
import type { PreparedSeries } from './prepared-series'
import { Progress } from './progress'
import type { Tensor } from './tensor'
import { trainNetworks } from './train'
import { wantedOf, type Wanted, type Worth } from './series-evaluation'

/**
 * Trains the networks, then changes them: outputs, loss and accuracy (of real targets R²) on the data set's test and
 * training samples, in evaluation: noise is its mean. Statistics over a batch are over the training samples, or those
 * of the evaluated ones, as the experiment says; in the intact network, or in the changed one, as `statistics` says.
 * @returns false if it was stopped on the way
 */
export async function lesionsOfTrained(
  job: LesionJob,
  series: LesionSeries[],
  prepared: readonly PreparedSeries[],
  statistics: LesionStatistics,
): Promise<boolean> {
  const { backend, experiment, control, emit } = job
  checkLabels(experiment)
  const { test, training } = evaluatedSamples(experiment)
  // Training's parameters and all samples' h_0..h_L are there at the same time.
  const whole = wholeMemory({ ...experiment, batch: test + training }, prepared)
  checkMemory(trainMemory(experiment, prepared) + whole)
  const after = async (networks: readonly TrainableSeries[]) => {
    const progress = new Progress(series.length * passesOf(job), 'blocks', emit)
    for (const [i, network] of networks.entries()) {
      const blocks = new TrainedBlocks(network, statistics)
      try {
        await measureLesionSeries({ ...job, progress }, blocks, series[i])
        series[i].intact = blocks.intact
      } finally {
        blocks.dispose()
      }
    }
  }
  const onlyProgress: Parameters<typeof trainNetworks>[3] = (event) => {
    if (event.type === 'progress') emit(event)
  }
  const options = { after, prepared, place: job.place, isPart: true }
  const { finished } = await trainNetworks(backend, experiment, control, onlyProgress, options)
  return finished
}

const PARTS = ['training', 'test'] as const
type Part = (typeof PARTS)[number]

/** The streams of the samples of both parts. */
class Streams implements LesionStream {
  constructor(readonly of: Record<Part, Tensor>) {}

  dispose(): void {
    PARTS.forEach((part) => this.of[part].dispose())
  }
}

/** What the norms of a layer are given for the samples of each part. */
type Statistics = Record<Part, BatchStatistics<Tensor>>

interface UsedStatistics {
  statistics?: Statistics
  release(): void
}

const keepThem = () => {}
/** Of a layer without norms. */
const NO_STATISTICS: UsedStatistics = { release: keepThem }

class TrainedBlocks implements LesionBlocks<Streams> {
  readonly input: Streams
  /** Known once something was held against it. */
  intact: Classified | null = null
  private outputs: Tensor | null = null
  private readonly wanted: Record<Part, Wanted>
  /** What the intact network keeps, by layer. */
  private readonly kept = new Map<Layer, Statistics>()

  constructor(
    private readonly network: TrainableSeries,
    private readonly statistics: LesionStatistics,
  ) {
    const { experiment, evaluation, parameters, backend } = network
    const data = dataSetOf(experiment)
    const counts = evaluatedSamples(experiment)
    const ofParts = <T>(of: (part: DataPart, count: number) => T): Record<Part, T> => ({
      training: of(data.training, counts.training),
      test: of(data.test, counts.test),
    })
    this.wanted = ofParts((part, count) => wantedIn(data, part, count))
    const samples = new Streams(
      ofParts((part, count) => evaluation.samples(scaledRange(data, part, 0, count))),
    )
    this.input = this.pass(parameters.stem, samples)
    backend.tf.dispose(Object.values(samples.of))
  }

  through(h: Streams, k: number): Streams {
    return this.pass(this.network.blocks[k - 1], h)
  }

  async compare(intact: Streams, changed: Streams): Promise<LesionOutcome> {
    const { tf } = this.network.backend
    const own = await this.outputsOf(intact)
    const { outputs, classified } = await this.judge(changed)
    try {
      return { cosine: await cosineSpread(tf, own, outputs, outputs.shape[1]!), classified }
    } finally {
      outputs.dispose()
    }
  }

  async between(intact: Streams): Promise<LesionSpread> {
    const outputs = await this.outputsOf(intact)
    return cosineBetween(this.network.backend.tf, outputs, outputs.shape[1]!)
  }

  dispose(): void {
    this.input.dispose()
    this.outputs?.dispose()
    const { tf } = this.network.backend
    this.kept.forEach((own) => tf.dispose(tensorsIn(own)))
  }

  /** The intact network's, for the test samples. */
  private async outputsOf(intact: Streams): Promise<Tensor> {
    if (this.outputs) return this.outputs
    const { outputs, classified } = await this.judge(intact)
    this.intact = classified
    return (this.outputs = outputs)
  }

  /** What h_L is worth, and the outputs for the test samples, which are the caller's. */
  private async judge(h: Streams): Promise<{ outputs: Tensor; classified: Classified }> {
    const { head } = this.network.parameters
    const { evaluation } = this.network
    const { statistics, release } = head ? this.statisticsFor(head, h) : NO_STATISTICS
    const of = (part: Part) => evaluation.judge(h.of[part], this.wanted[part], statistics?.[part])
    try {
      const { outputs: unused, ...training } = await of('training')
      unused.dispose()
      const { outputs, ...test } = await of('test')
      return { outputs, classified: { ...worthOf(test), training: worthOf(training) } }
    } finally {
      release()
    }
  }

  private pass(layer: Layer, h: Streams): Streams {
    const { evaluation } = this.network
    const { statistics, release } = this.statisticsFor(layer, h)
    const of = (part: Part) => evaluation.passBlock(layer, h.of[part], statistics?.[part])
    try {
      return new Streams({ training: of('training'), test: of('test') })
    } finally {
      release()
    }
  }

  /**
   * What the norms of a layer are given, to be released after use. The intact network goes through first: what its
   * layers keep is what they meet then.
   */
  private statisticsFor(layer: Layer, h: Streams): UsedStatistics {
    if (!layer.planned.graph.nodes.some((node) => operationOf(node).statistics)) return NO_STATISTICS
    const kept = this.kept.get(layer)
    if (kept) return { statistics: kept, release: keepThem }
    const statistics = this.taken(layer, h)
    if (this.statistics === 'intact') {
      this.kept.set(layer, statistics)
      return { statistics, release: keepThem }
    }
    return { statistics, release: () => this.network.backend.tf.dispose(tensorsIn(statistics)) }
  }

  private taken(layer: Layer, { of }: Streams): Statistics {
    const { experiment, evaluation, plan, backend } = this.network
    const { tf } = backend
    const over = (h: Tensor) => evaluation.statisticsOver(layer, h)
    if (experiment.batchStatistics === 'evaluated')
      return { training: over(of.training), test: over(of.test) }
    const rows = samplesOverTraining(plan, experiment) * positions(layer.planned.place.input)
    const some = tf.slice(of.training, [0, 0, 0], [-1, rows, -1])
    const own = over(some)
    some.dispose()
    return { training: own, test: own }
  }
}

/** Each once. */
const tensorsIn = ({ training, test }: Statistics): Tensor[] =>
  [...new Set([training, test])].flatMap((own) => [...own.values()].flat())

const wantedIn = (data: DataSet, part: DataPart, count: number): Wanted =>
  wantedOf(data, part, 0, count, targetVariance(data, part, count))

const worthOf = ({ loss, error }: Worth) => ({
  loss: spreadOf(loss),
  accuracy: spreadOf(error.map((share) => 1 - share)),
})
