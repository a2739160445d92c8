import { statisticsOf, type BatchStatistics } from '../../../shared/block/interpreter'
import { describedData } from '../../../shared/data/data-sets'
import type { DataPart, DataSet } from '../../../shared/data/description'
import { labelLength, wantedOutputs } from '../../../shared/data/targets'
import { inputShape } from '../../../shared/network/plan'
import { positions } from '../../../shared/numerics/shape'
import { operationOf } from '../../../shared/operations'
import { lossOf } from './loss'
import { replicasOverTraining } from './memory'
import { forwardPlanned } from './planned-block'
import { pooled, readout } from './readout'
import type { Tensor } from './tensor'
import { takeValues } from './tensor-values'
import type { Layer, Learned, TrainableParameters } from './trainable-parameters'

/**
 * Of each replica: the loss (see `lossOf`), and the error, NaN where the loss is not finite. The error is the share of
 * wrong answers; of real targets the share of their variance that is left unexplained, 1 - R²: mean squared error over
 * variance, both means over standardised targets.
 */
export interface Worth {
  loss: Float32Array
  error: Float32Array
}

/** What the outputs for some samples are held against. */
export interface Wanted {
  /** [samples, outputs] (see `wantedOutputs`). */
  rows: Float32Array
  /** Of the targets of all samples that are evaluated, these among them; null: samples have classes. */
  variance: number | null
}

/** Of samples `from` up to `to` of a part. @param variance see `targetVariance` */
export function wantedOf(
  data: DataSet,
  { y }: Pick<DataPart, 'y'>,
  from: number,
  to: number,
  variance: number | null,
): Wanted {
  const length = labelLength(data.description)
  return { rows: wantedOutputs(data, y.subarray(from * length, to * length)), variance }
}

/** [B, values] → [1, B × positions, units], as the stem takes them. */
export function samplesTensor({ backend, experiment }: TrainableParameters, x: Float32Array): Tensor {
  const input = inputShape(experiment)
  return backend.tf.tensor(x, [1, x.length / input.units, input.units])
}

/**
 * The networks of a series in evaluation, block by block: noise is its mean. Statistics over a batch are those over all
 * training samples once these were taken (`overTraining`) and until `forget`, which an update makes necessary; else
 * those of the samples that go in.
 */
export class SeriesEvaluation {
  /** Over all training samples, [R, 1, units] each. */
  private readonly taken = new Map<Layer, BatchStatistics<Tensor>>()

  constructor(private readonly parameters: TrainableParameters) {}

  /** Whether networks are evaluated with statistics over all training samples. */
  get needsStatistics(): boolean {
    const has = ([, { planned }]: [string, Layer]) =>
      planned.graph.nodes.some((node) => operationOf(node).statistics)
    return this.parameters.experiment.batchStatistics === 'training' && this.parameters.layers().some(has)
  }

  /**
   * All training samples at once, so that every norm normalises with its mean and variance over all of them, the
   * norms below doing so already; these are the statistics from now on (Wu and Johnson 2021, "Rethinking Batch in
   * BatchNorm", section 3: PreciseBN, exactly). As many replicas at a time as memory allows.
   * @param x training samples, [S, values]
   * @param passed told of each layer that some networks' are through; may throw
   */
  async overTraining(x: Float32Array, wanted: Wanted, passed: () => void = () => {}): Promise<Worth> {
    const { backend, experiment, plan } = this.parameters
    const { tf } = backend
    const { replicas } = experiment
    this.forget()
    const atOnce = replicasOverTraining(plan, experiment)
    const parts: { statistics: Map<Layer, BatchStatistics<Tensor>>; worth: Worth }[] = []
    for (let first = 0; first < replicas; first += atOnce) {
      parts.push(await this.passTraining(x, wanted, first, Math.min(atOnce, replicas - first), passed))
    }
    for (const [, layer] of this.parameters.layers()) {
      const own = new Map<string, Tensor[]>()
      for (const [node, list] of parts[0].statistics.get(layer)!) {
        const joined = list.map((_, i) =>
          tf.concat(parts.map((one) => one.statistics.get(layer)!.get(node)![i])),
        )
        own.set(node, joined)
      }
      this.taken.set(layer, own)
      parts.forEach(({ statistics }) => tf.dispose([...statistics.get(layer)!.values()]))
    }
    const joined = (key: 'loss' | 'error') => Float32Array.from(parts.flatMap(({ worth }) => [...worth[key]]))
    return { loss: joined('loss'), error: joined('error') }
  }

  /** Statistics over the training samples do not hold any more. */
  forget(): void {
    for (const own of this.taken.values()) this.parameters.backend.tf.dispose([...own.values()])
    this.taken.clear()
  }

  /** Statistics over the training samples by name, such as "blocks.3.norm.mean"; none where they are not known. */
  statistics(): Map<string, Tensor> {
    const all = new Map<string, Tensor>()
    for (const [name, layer] of this.parameters.layers()) {
      for (const node of layer.planned.graph.nodes) {
        const own = this.taken.get(layer)?.get(node.id) ?? []
        own.forEach((tensor, i) => all.set(`${name}.${node.id}.${operationOf(node).statistics![i]}`, tensor))
      }
    }
    return all
  }

  /** Those of a layer, over the training samples; none where they are not known. */
  statisticsOf(layer: Layer): BatchStatistics<Tensor> | undefined {
    return this.taken.get(layer)
  }

  /** @param x samples [B, values] @param passed told of each block that they are through; may throw */
  async evaluate(x: Float32Array, wanted: Wanted, passed: () => void = () => {}): Promise<Worth> {
    const { tf } = this.parameters.backend
    const h = tf.tidy(() =>
      this.parameters.blocks.reduce((below, layer) => {
        const next = this.passBlock(layer, below)
        below.dispose()
        passed()
        return next
      }, this.enter(x)),
    )
    try {
      const { outputs, ...worth } = await this.judge(h, wanted)
      outputs.dispose()
      return worth
    } finally {
      h.dispose()
    }
  }

  /**
   * From h_L: the outputs [R, B, C], which are the caller's, and what they are worth.
   * @param statistics of the head, as `passBlock` takes them
   */
  async judge(
    h: Tensor,
    wanted: Wanted,
    statistics?: BatchStatistics<Tensor>,
  ): Promise<Worth & { outputs: Tensor }> {
    const { head, output } = this.parameters
    const top = head ? this.passBlock(head, h, statistics) : h
    try {
      return await this.worthOf(top, wanted, [output[0].variable, output[1].variable])
    } finally {
      if (top !== h) top.dispose()
    }
  }

  /** h_0 of samples. */
  enter(x: Float32Array): Tensor {
    const { stem, backend } = this.parameters
    return backend.tf.tidy(() => this.passBlock(stem, this.samples(x)))
  }

  /** Samples [B, values] as every replica's stem takes them. */
  samples(x: Float32Array): Tensor {
    const { backend, experiment } = this.parameters
    const { tf } = backend
    return tf.tidy(() => tf.tile(samplesTensor(this.parameters, x), [experiment.replicas, 1, 1]))
  }

  /** One layer of blocks. @param statistics over a batch, where they are not those over all training samples */
  passBlock(layer: Layer, h: Tensor, statistics = this.taken.get(layer)): Tensor {
    const { tf } = this.parameters.backend
    const flat = () => this.parameters.expected(layer)
    return tf.tidy(() => forwardPlanned(tf, layer.planned, h, flat(), statistics).output)
  }

  /** The layer's statistics over the rows of h, [R, 1, units] each, which are the caller's. */
  statisticsOver(layer: Layer, h: Tensor): BatchStatistics<Tensor> {
    const { tf } = this.parameters.backend
    const { planned } = layer
    const own = tf.tidy(() => {
      const trace = forwardPlanned(tf, planned, h, this.parameters.expected(layer))
      return Object.fromEntries(statisticsOf(planned.graph, trace))
    })
    return new Map(Object.entries(own))
  }

  /** Some replicas with all training samples, all of them together. */
  private async passTraining(
    x: Float32Array,
    wanted: Wanted,
    first: number,
    count: number,
    passed: () => void,
  ) {
    const { backend, head, output, blocks, stem } = this.parameters
    const { tf } = backend
    const some = (tensor: Tensor) =>
      tensor.shape[0] === 1 ? tensor : tf.slice(tensor, [first, 0, 0], [count, -1, -1])
    const statistics = new Map<Layer, BatchStatistics<Tensor>>()
    let h = tf.tidy(() => tf.tile(samplesTensor(this.parameters, x), [count, 1, 1]))
    try {
      for (const layer of [stem, ...blocks, ...(head ? [head] : [])]) {
        const [next, own] = tf.tidy(() => {
          const trace = forwardPlanned(tf, layer.planned, h, this.parameters.expected(layer).map(some))
          return [trace.output, Object.fromEntries(statisticsOf(layer.planned.graph, trace))]
        }) as [Tensor, Record<string, Tensor[]>]
        statistics.set(layer, new Map(Object.entries(own)))
        h.dispose()
        h = next
        passed()
      }
    } catch (error) {
      tf.dispose([h, ...[...statistics.values()].flatMap((own) => [...own.values()])])
      throw error
    }
    const end = ({ variable }: Learned): Tensor => tf.slice(variable, [first, 0, 0], [count, -1, -1])
    const ends = [end(output[0]), end(output[1])] as const
    const { outputs, ...worth } = await this.worthOf(h, wanted, ends)
    tf.dispose([...ends, outputs, h])
    return { statistics, worth }
  }

  /** From what reaches the mean over positions. */
  private async worthOf(
    h: Tensor,
    { rows, variance }: Wanted,
    output: readonly [Tensor, Tensor],
  ): Promise<Worth & { outputs: Tensor }> {
    const { backend, experiment, top } = this.parameters
    const { tf } = backend
    const length = output[1].shape[2]!
    const [outputs, loss, accuracy] = tf.tidy(() => {
      const own = readout(tf, pooled(tf, h, positions(top)), output)
      const found = lossOf(describedData(experiment))(
        tf,
        own,
        tf.tensor(rows, [1, rows.length / length, length]),
      )
      return [own, found.loss, found.accuracy]
    })
    const [losses, right] = await Promise.all([loss, accuracy].map(takeValues))
    const error = losses.map((one, r) => {
      if (!Number.isFinite(one)) return NaN
      return variance === null ? 1 - right[r] : one / variance
    })
    return { outputs, loss: losses, error }
  }
}
