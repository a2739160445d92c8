import type { Failure } from '../../../shared/network/results'
import { summarisePoint } from '../../../shared/numerics/statistics'
import type { TrainEvent } from '../../../shared/protocol/protocol'
import type { Experiment } from '../../../shared/settings/experiment'
import { findForwardNonFinite } from './first-non-finite'
import type { Tensor } from './tensor'
import type { TrainableSeries } from './trainable-series'

/** What has been said, and what the next failure is told with; by series. */
export interface FailureState {
  found: (Failure | null)[]
  lastLoss: number[]
}

/** Says once per series where and when numbers stopped being finite. */
export class FailureReport {
  /** By series. */
  readonly found: (Failure | null)[]
  private readonly lastLoss: number[]

  constructor(
    private readonly networks: TrainableSeries[],
    private readonly experiment: Experiment,
    private readonly emit: (event: TrainEvent) => void,
    before: FailureState = { found: networks.map(() => null), lastLoss: networks.map(() => NaN) },
  ) {
    this.found = [...before.found]
    this.lastLoss = [...before.lastLoss]
  }

  get state(): FailureState {
    return { found: [...this.found], lastLoss: [...this.lastLoss] }
  }

  look(step: number, outputs: Float32Array[], x: Float32Array): void {
    outputs.forEach((values, series) => {
      if (this.found[series]) return
      const losses = this.networks[series].losses(values)
      if (losses.every(Number.isFinite)) {
        this.lastLoss[series] = summarisePoint(losses).mean
        return
      }
      const found = this.locate(this.networks[series], x, series)
      const failure = { step, series, replicas: this.experiment.replicas, ...found }
      this.found[series] = failure
      this.emit({ type: 'non-finite', ...failure })
    })
  }

  /** The first parameters, else the first block's output on this batch, that are not finite. */
  private locate(network: TrainableSeries, x: Float32Array, series: number) {
    const { tf } = network.backend
    const meanSquare = (h: Tensor) => (tf.mean(tf.square(h)).dataSync() as Float32Array)[0]
    const finite = (tensor: Tensor) => tf.all(tf.isFinite(tensor)).dataSync()[0] === 1
    return tf.tidy(() => {
      const broken = network.blocks.findIndex((layer) => !network.expected(layer).every(finite))
      if (broken >= 0) {
        const operation = 'the update of the weights; the value before is the loss'
        return { block: broken + 1, before: this.lastLoss[series], quantity: 'parameter' as const, operation }
      }
      let h = network.evaluation.enter(x)
      for (const [i, layer] of network.blocks.entries()) {
        const output = network.evaluation.passBlock(layer, h)
        if (!Number.isFinite(meanSquare(output))) {
          return {
            block: i + 1,
            before: meanSquare(h),
            ...findForwardNonFinite(network.backend, layer.planned, h, network.expected(layer)),
          }
        }
        h = output
      }
      return {
        block: network.blocks.length,
        before: meanSquare(h),
        quantity: 'activation' as const,
        operation: 'the loss',
      }
    })
  }
}
