import { outputShape, type PlannedBlock } from '../../../shared/network/plan'
import { STREAM } from '../../../shared/numerics/random-streams'
import { positions } from '../../../shared/numerics/shape'
import type { Experiment } from '../../../shared/settings/experiment'
import { firstStream } from './first-stream'
import { WEIGHT_BUDGET_BYTES } from './memory'
import { forwardStatistics, safeMeanSquare } from './statistics'
import type { Tensor, TfModule } from './tensor'
import { normalTensor, takeValues } from './tensor-values'
import { Weights } from './weights'

/** Some replicas: what they have in common in all series. */
export interface SignalPart {
  /** With these replicas alone. */
  experiment: Experiment
  /** The first of them. */
  first: number
  weights: Weights
  /** h_0, and its statistics as `forwardStatistics` makes them. */
  input: Tensor
  inputStatistics: Float32Array
  /** g_L: an independent standard normal gradient per sample and value; and its mean square, by replica. */
  top: Tensor
  topSquares: Float32Array
}

/** Those of the last part are kept, so that series that are measured whole share them. */
export class SignalParts {
  private part: SignalPart | null = null

  constructor(
    private readonly tf: TfModule,
    private readonly experiment: Experiment,
    /** Of any of its series: all streams begin and end in one shape. */
    private readonly plan: readonly PlannedBlock[],
  ) {}

  async replicas(first: number, count: number): Promise<SignalPart> {
    if (this.part?.first === first && this.part.experiment.replicas === count) return this.part
    this.dispose()
    const { tf } = this
    const experiment = { ...this.experiment, replicas: count }
    const { batch, seed } = experiment
    const weights = new Weights(tf, experiment, WEIGHT_BUDGET_BYTES, first)
    const input = firstStream(tf, experiment, weights)
    const { graph } = this.plan[0]
    const inputStatistics = await takeValues(tf.tidy(() => forwardStatistics(tf, graph, null, input, batch)))
    const shape = outputShape(this.plan.at(-1)!)
    const values = { replicas: count, batch: batch * positions(shape), width: shape.units, seed }
    const top = normalTensor(tf, values, STREAM.topGradient, first)
    const topSquares = await takeValues(tf.tidy(() => safeMeanSquare(tf)(top)))
    return (this.part = { experiment, first, weights, input, inputStatistics, top, topSquares })
  }

  dispose(): void {
    this.part?.input.dispose()
    this.part?.top.dispose()
    this.part?.weights.dispose()
    this.part = null
  }
}
