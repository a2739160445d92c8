import type { Failure } from '../../../shared/network/results'
import { summarisePoint } from '../../../shared/numerics/statistics'
import type { TrainEvent } from '../../../shared/protocol/protocol'
import type { Experiment } from '../../../shared/settings/experiment'
import { allFinite, findForwardNonFinite } from './first-non-finite'
import type { Tensor } from './tensor'
import { takeValues } from './tensor-values'
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

  async look(step: number, outputs: Float32Array[], x: Float32Array): Promise<void> {
    for (const [series, values] of outputs.entries()) {
      if (this.found[series]) continue
      const losses = this.networks[series].losses(values)
      if (losses.every(Number.isFinite)) {
        this.lastLoss[series] = summarisePoint(losses).mean
        continue
      }
      const found = await this.locate(this.networks[series], x, series)
      const failure = { step, series, replicas: this.experiment.replicas, ...found }
      this.found[series] = failure
      this.emit({ type: 'non-finite', ...failure })
    }
  }

  /** The first parameters, else the first block's output on this batch, that are not finite. */
  private async locate(network: TrainableSeries, x: Float32Array, series: number) {
    const { backend, blocks, evaluation } = network
    const { tf } = backend
    const broken = await firstBroken(network)
    if (broken !== null) {
      const operation = 'the update of the weights; the value before is the loss'
      return { block: broken, before: this.lastLoss[series], quantity: 'parameter' as const, operation }
    }
    const meanSquare = async (h: Tensor) => {
      const [value] = await takeValues(tf.tidy(() => tf.mean(tf.square(h))))
      return value
    }
    let h = evaluation.enter(x)
    try {
      for (const [i, layer] of blocks.entries()) {
        const output = evaluation.passBlock(layer, h)
        if (!Number.isFinite(await meanSquare(output))) {
          output.dispose()
          const before = await meanSquare(h)
          const flat = () => network.expected(layer)
          return { block: i + 1, before, ...(await findForwardNonFinite(backend, layer.planned, h, flat)) }
        }
        h.dispose()
        h = output
      }
      const before = await meanSquare(h)
      return { block: blocks.length, before, quantity: 'activation' as const, operation: 'the loss' }
    } finally {
      h.dispose()
    }
  }
}

/** The first block with a parameter that is not finite, counted from 1; null: there is none. */
async function firstBroken(network: TrainableSeries): Promise<number | null> {
  const { tf } = network.backend
  for (const [i, layer] of network.blocks.entries()) {
    const flags = tf.tidy(() => {
      const own = network.expected(layer).map((tensor) => allFinite(tf, tensor))
      return own.length ? tf.stack(own) : tf.ones([1])
    })
    if ((await takeValues(flags)).includes(0)) return i + 1
  }
  return null
}
