import type { Backend } from '../backend'
import type { Experiment } from '../../../shared/settings/experiment'
import type { PlannedBlock } from '../../../shared/network/plan'
import type { TrainedWeights } from '../../../shared/network/trained-weights'
import type { TrainFrame } from '../../../shared/protocol/protocol'
import type { OpenedCheckpoint } from './checkpoint/format'
import type { LaterSource } from './checkpoint/safetensors-format'
import { firstReplica } from './first-replica'
import type { PreparedSeries } from './prepared-series'
import { SeriesEvaluation } from './series-evaluation'
import type { Tensor } from './tensor'
import { readValues } from './tensor-values'
import { TrainableParameters, type Layer } from './trainable-parameters'
import { trainingFrame } from './training-frame'

/** What a series knows beside its arrays. */
export interface SeriesState {
  /** What steps have taken. */
  milliseconds: number
  /** The last statistics of networks that are given up; null: they are not. */
  lost: number[] | null
}

/** All replicas of one series: their parameters, what was learned of them, and their evaluation. */
export class TrainableSeries {
  readonly parameters: TrainableParameters
  /** What the networks are worth as they are. */
  readonly evaluation: SeriesEvaluation
  /** What its networks show for good once all are beyond repair, and computed no more; null: they are computed. */
  lost: Float32Array | null = null
  /** What steps have taken, in milliseconds. */
  milliseconds = 0

  constructor(
    readonly backend: Backend,
    prepared: PreparedSeries,
    readonly experiment: Experiment,
    numbers?: ConstructorParameters<typeof TrainableParameters>[3],
    drawn?: () => void,
  ) {
    this.parameters = new TrainableParameters(backend, prepared, experiment, numbers, drawn)
    this.evaluation = new SeriesEvaluation(this.parameters)
  }

  get plan(): readonly PlannedBlock[] {
    return this.parameters.plan
  }

  /** The blocks from the input up. */
  get blocks(): Layer[] {
    return this.parameters.blocks
  }

  /** How many numbers one replica learns. */
  get size(): number {
    return this.parameters.size
  }

  /** To be told of each update. @param milliseconds its share of the time that it took */
  updated(milliseconds: number): void {
    this.evaluation.forget()
    this.milliseconds += milliseconds
  }

  /** Gives up networks that are all beyond repair. @param values of the last probed step, which stand for all later */
  giveUpLost(values: Float32Array): void {
    if (this.losses(values).every((loss) => !Number.isFinite(loss))) this.lost = values
  }

  /** What it knows beside its arrays. */
  get state(): SeriesState {
    const { lost, milliseconds } = this
    return { milliseconds, lost: lost && [...lost] }
  }

  /**
   * All that its steps change, and statistics over the training samples where they are known, to be written.
   * @param prefix of the names
   */
  arrays(prefix: string): LaterSource[] {
    return [...this.parameters.variables(), ...this.evaluation.statistics()].map(([name, tensor]) => ({
      name: prefix + name,
      shape: tensor.shape,
      values: () => readValues(tensor),
    }))
  }

  /** Goes on from what was written. @throws Error, a clause about the file, where it does not fit */
  restore(state: SeriesState, arrays: OpenedCheckpoint['arrays'], prefix: string): void {
    const { tf } = this.backend
    for (const [name, variable] of this.parameters.variables()) {
      const shape = arrays.shapes.get(prefix + name)
      if (shape?.join() !== variable.shape.join()) throw new Error(`"${prefix + name}" has another shape`)
      const value = tf.tensor(arrays.values(prefix + name), variable.shape)
      variable.assign(value as typeof variable)
      value.dispose()
    }
    this.milliseconds = state.milliseconds
    this.lost = state.lost && Float32Array.from(state.lost)
  }

  /** Loss of each replica: the first R numbers of a step's statistics. */
  losses(values: Float32Array): Float32Array {
    return values.subarray(0, this.experiment.replicas)
  }

  /** A probed step's statistics over the replicas. */
  frame(values: Float32Array): TrainFrame['series'][number] {
    return trainingFrame(values, this.experiment)
  }

  /**
   * Parameters as the interpreter wants them, noise at its mean; what is not learned is the caller's to
   * dispose (call it in a tidy).
   */
  expected(layer: Layer): Tensor[] {
    return this.parameters.expected(layer)
  }

  /** The first replica. */
  trained(): Promise<TrainedWeights> {
    return firstReplica(this.parameters, this.evaluation)
  }

  dispose(): void {
    this.evaluation.forget()
    this.parameters.dispose()
  }
}
