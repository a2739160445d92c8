import type { Backend } from '../backend'
import type { Experiment } from '../../../shared/settings/experiment'
import { learningRateAt } from '../../../shared/network/schedule'
import type { PlannedBlock } from '../../../shared/network/plan'
import type { TrainedWeights } from '../../../shared/network/trained-weights'
import type { TrainFrame } from '../../../shared/protocol/protocol'
import { createProgram, type Compiled, type Program } from '../compile'
import { CLASSES } from './classifier'
import type { OpenedCheckpoint } from './checkpoint/checkpoint'
import type { ArraySource } from './checkpoint/safetensors'
import { firstReplica } from './first-replica'
import { OPTIMIZERS } from './optimizer'
import { SeriesEvaluation, samplesTensor } from './series-evaluation'
import type { Tensor } from './tensor'
import { TrainableParameters, type Layer } from './trainable-parameters'
import { trainingFrame } from './training-frame'
import { trainingStep, type Mode } from './training-step'

/** What a series knows beside its arrays. */
export interface SeriesState {
  /** What steps have taken. */
  milliseconds: number
  /** The last statistics of networks that are given up; null: they are not. */
  lost: number[] | null
}

/** All replicas of one series: their parameters, the compiled steps on them, and their evaluation. */
export class TrainableSeries {
  private readonly parameters: TrainableParameters
  /** What the networks are worth as they are. */
  readonly evaluation: SeriesEvaluation
  private readonly program: Program
  private readonly steps: Record<Mode, Compiled>
  /** The last statistics of networks that are given up. */
  private lost: Float32Array | null = null
  /** What steps have taken, in milliseconds. */
  milliseconds = 0

  constructor(
    readonly backend: Backend,
    plan: readonly PlannedBlock[],
    private readonly experiment: Experiment,
  ) {
    this.parameters = new TrainableParameters(backend, plan, experiment)
    this.evaluation = new SeriesEvaluation(this.parameters)
    this.program = createProgram(backend)
    const define = (mode: Mode) =>
      this.program.define(mode, (inputs) => trainingStep(this.parameters, mode, inputs))
    this.steps = { step: define('step'), 'probed step': define('probed step'), look: define('look') }
  }

  /** The blocks from the input up. */
  get blocks(): Layer[] {
    return this.parameters.blocks
  }

  /** How many numbers one replica learns. */
  get size(): number {
    return this.parameters.size
  }

  /**
   * Records a kind of step, and leaves all as it was. A step is recorded while it runs operation by operation, which
   * rounds otherwise than its graph: so none of training's own is, and one that goes on from a checkpoint runs as one
   * that was never interrupted.
   * @param x samples, [B, 40]
   * @param y the labels' shares, [B, 10]
   * @returns its statistics, taken before its update (see `trainingStep`)
   */
  record(mode: Mode, x: Float32Array, y: Float32Array): Float32Array {
    const { tf } = this.backend
    const variables = [...this.parameters.variables().values()]
    const before = variables.map((variable) => tf.clone(variable))
    const values = this.run(mode, x, y, 0)
    variables.forEach((variable, i) => variable.assign(before[i] as typeof variable))
    tf.dispose(before)
    return values
  }

  /**
   * Runs one step on a batch; networks that are given up are not computed any more, and show their last numbers.
   * @param x samples, [B, 40]
   * @param y the labels' shares, [B, 10]
   * @param step updates before it
   * @returns the step's statistics (see `trainingStep`)
   */
  advance(mode: Mode, x: Float32Array, y: Float32Array, step: number): Float32Array {
    if (this.lost) return this.lost
    const started = performance.now()
    const values = this.run(mode, x, y, step)
    if (mode !== 'look') this.evaluation.forget()
    this.milliseconds += performance.now() - started
    return values
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
  arrays(prefix: string): ArraySource[] {
    return [...this.parameters.variables(), ...this.evaluation.statistics()].map(([name, tensor]) => ({
      name: prefix + name,
      shape: tensor.shape,
      values: () => tensor.dataSync() as Float32Array,
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

  private run(mode: Mode, x: Float32Array, y: Float32Array, step: number): Float32Array {
    const { tf } = this.backend
    const { batch, optimizer } = this.experiment
    const rate = learningRateAt(step, this.experiment)
    const inputs = [
      samplesTensor(this.parameters, x),
      tf.tensor(y, [1, batch, CLASSES]),
      ...OPTIMIZERS[optimizer].factors(this.experiment, rate, step + 1).map((factor) => tf.scalar(factor)),
      ...this.parameters.drawNoise(step + 1),
    ]
    const [statistics] = this.steps[mode](inputs)
    const values = statistics.dataSync() as Float32Array
    tf.dispose([...inputs, statistics])
    return values
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
  trained(): TrainedWeights {
    return firstReplica(this.parameters, this.evaluation)
  }

  dispose(): void {
    this.program.dispose()
    this.evaluation.forget()
    this.parameters.dispose()
  }
}
