import { learningRateAt } from '../../../shared/network/schedule'
import { createProgram, type Compiled, type Program, type Runner } from '../compile'
import { OPTIMIZERS } from './optimizer'
import { samplesTensor } from './series-evaluation'
import type { Tensor } from './tensor'
import { readValues } from './tensor-values'
import type { TrainableParameters } from './trainable-parameters'
import { trainingStep, type Mode } from './training-step'

/** Told of each part of the steps before it is prepared: its number, from 1, of so many. May throw. */
export type Prepare = (part: number, parts: number) => void

/** The steps of several series on the same batches. */
export interface Steps {
  /**
   * Records a kind of step, and leaves all as it was. A step is recorded while it runs operation by operation, which
   * rounds otherwise than its graph: so none of training's own is, and one that goes on from a checkpoint runs as one
   * that was never interrupted.
   * @param x samples, [B, values]
   * @param y what is to be put out, [B, outputs]
   * @returns but for a plain step each series' statistics, taken before an update (see `trainingStep`)
   */
  record(mode: Mode, x: Float32Array, y: Float32Array, prepare?: Prepare): Promise<Float32Array[]>
  /**
   * Runs one step of each series on a batch.
   * @param x samples, [B, values]
   * @param y what is to be put out, [B, outputs]
   * @param step updates before it
   * @returns each series' statistics (see `trainingStep`)
   */
  run(mode: Mode, x: Float32Array, y: Float32Array, step: number): Promise<Float32Array[]>
  dispose(): void
}

/**
 * The steps of several series, compiled as one: a run makes a step of each, on the same batch. TensorFlow computes at
 * the same time what does not wait for each other, so series of whatever shapes keep all cores as busy as a single one
 * of as many networks does; they are recorded and loaded once; and each computes what it computes alone, to the last
 * bit.
 */
export class WholeSteps implements Steps {
  private readonly program: Program
  private readonly steps: Record<Mode, Compiled>

  /** @param series of one experiment, at least one; they stay the caller's @param runner of their operations */
  constructor(
    private readonly series: readonly TrainableParameters[],
    runner: Runner = 'kernels',
  ) {
    const { backend } = series[0]
    this.program = createProgram(backend, runner)
    const define = (mode: Mode) => this.program.define(mode, (inputs) => this.together(mode, inputs))
    this.steps = { step: define('step'), 'probed step': define('probed step'), look: define('look') }
  }

  /** Each series' step; what one has computed is freed before the next begins. */
  private together(mode: Mode, inputs: Tensor[]): Tensor[] {
    const { tf } = this.series[0].backend
    const noises = this.series.map((one) => one.noiseCount)
    const shared = inputs.slice(0, inputs.length - noises.reduce((sum, count) => sum + count, 0))
    let at = shared.length
    return this.series.flatMap((one, i) => {
      const noise = inputs.slice(at, (at += noises[i]))
      return tf.tidy(() => trainingStep(one, mode, [...shared, ...noise]))
    })
  }

  async record(mode: Mode, x: Float32Array, y: Float32Array): Promise<Float32Array[]> {
    const { tf } = this.series[0].backend
    const variables = this.series.flatMap((one) => [...one.variables().values()])
    const before = variables.map((variable) => tf.clone(variable))
    const values = await this.run(mode, x, y, 0)
    variables.forEach((variable, i) => variable.assign(before[i] as typeof variable))
    tf.dispose(before)
    return values
  }

  async run(mode: Mode, x: Float32Array, y: Float32Array, step: number): Promise<Float32Array[]> {
    const [first] = this.series
    const { tf } = first.backend
    const { experiment } = first
    const factors = OPTIMIZERS[experiment.optimizer].factors(
      experiment,
      learningRateAt(step, experiment),
      step + 1,
    )
    const inputs = [
      samplesTensor(first, x),
      tf.tensor(y, [1, experiment.batch, y.length / experiment.batch]),
      ...factors.map((factor) => tf.scalar(factor)),
      ...this.series.flatMap((one) => one.drawNoise(step + 1)),
    ]
    const statistics = this.steps[mode](inputs)
    try {
      return await Promise.all(statistics.map(readValues))
    } finally {
      tf.dispose([...inputs, ...statistics])
    }
  }

  dispose(): void {
    this.program.dispose()
  }
}
