import { INPUT } from '../../../shared/graph/block-graph'
import { learningRateAt } from '../../../shared/network/schedule'
import { outputShape, type PlannedBlock } from '../../../shared/network/plan'
import { positions, type Shape } from '../../../shared/numerics/shape'
import { createProgram, type Program } from '../compile'
import { OPTIMIZERS } from './optimizer'
import { samplesTensor } from './series-evaluation'
import type { Tensor, TfModule } from './tensor'
import { takeValues } from './tensor-values'
import type { TrainableParameters, Variable } from './trainable-parameters'
import { clipFactor } from './training-parts'
import { Segment, rowOf, type Back, type Row } from './training-segment'
import { Top } from './training-segment-top'
import type { Mode } from './training-step'
import type { Prepare, Steps } from './training-steps'
import type { Learnt, Look } from './training-updates'

/** Blocks `from` up to `to` (counted from 0) of every series. */
interface Piece {
  from: number
  to: number
  segment: Segment
  rows: Row[]
}

const lookOf = (mode: Mode): Look => (mode === 'step' ? 'plain' : 'probed')

/**
 * The steps of several series whose blocks go through in segments, each compiled once for all that are equal: what is
 * recorded does not grow with depth. Of a segment only its input is kept until gradients come back to it; its values
 * are then computed once more (Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost"), by the same
 * operations of the same numbers, noise included: so a step is that of `WholeSteps`, to the last bit.
 */
export class SegmentedSteps implements Steps {
  private readonly program: Program
  private readonly stem: Segment
  private readonly stemRows: Row[]
  private readonly top: Top
  private readonly pieces: Piece[]
  private readonly tf: TfModule

  /** @param series of one experiment, at least one; they stay the caller's @param length blocks of a segment */
  constructor(
    private readonly series: readonly TrainableParameters[],
    length: number,
  ) {
    const { backend } = series[0]
    this.tf = backend.tf
    this.program = createProgram(backend)
    this.stemRows = series.map((one) => rowOf(one, [one.stem]))
    this.stem = new Segment(this.program, this.stemRows, true)
    this.top = new Top(this.program, series)
    this.pieces = piecesOf(this.program, series, length)
  }

  async record(
    mode: Mode,
    x: Float32Array,
    y: Float32Array,
    prepare: Prepare = () => {},
  ): Promise<Float32Array[]> {
    const look = lookOf(mode)
    const kinds = new Map(this.pieces.map((piece) => [piece.segment, piece]))
    const parts = 1 + kinds.size
    let part = 1
    for (const piece of kinds.values()) {
      prepare(part++, parts)
      this.tf.tidy(() => this.recordSegment(look, piece.segment, piece.rows, piece.from))
    }
    prepare(part, parts)
    this.tf.tidy(() => this.recordEnds(look, x, y))
    return mode === 'step' ? [] : this.run('look', x, y, 0)
  }

  /** @param x samples, [B, values] @param y what is to be put out, [B, outputs] @param step updates before it */
  async run(mode: Mode, x: Float32Array, y: Float32Array, step: number): Promise<Float32Array[]> {
    return Promise.all(this.tf.tidy(() => this.step(mode, x, y, step)).map(takeValues))
  }

  private step(mode: Mode, x: Float32Array, y: Float32Array, step: number): Tensor[] {
    const { tf, series, pieces } = this
    const look = lookOf(mode)
    const factors = this.factors(step)
    const given = ({ from, to }: Piece) => this.given(from, to, step + 1)
    const none = series.map(() => [])

    const samples = this.samples(x)
    const entered = this.stem.forward(look, this.stemRows, samples, none)
    const onTheWay = series.map((_, i) => [...entered[i].statistics])
    const streams = [entered.map(({ output }) => output)]
    for (const piece of pieces) {
      const own = given(piece)
      const passed = piece.segment.forward(look, piece.rows, streams[streams.length - 1], own)
      tf.dispose(own)
      streams.push(passed.map(({ output }) => output))
      passed.forEach(({ statistics }, i) => onTheWay[i].push(...statistics))
    }

    const learn = (learnt: readonly Learnt[]) => learnt.forEach((own) => take(own, mode !== 'look'))
    const top = this.top.run(look, streams[pieces.length], this.wanted(y), factors)
    learn(top.map(({ learnt }) => learnt))
    tf.dispose(streams[pieces.length])
    let gradients = top.map(({ gradient }) => gradient)
    const backs: Back[][] = []
    for (const [at, piece] of [...pieces.entries()].reverse()) {
      const own = given(piece)
      const back = piece.segment.backward(look, piece.rows, streams[at], gradients, own, factors)
      tf.dispose([own, streams[at], gradients])
      learn(back.map(({ learnt }) => learnt))
      gradients = back.map(({ gradient }) => gradient!)
      backs.unshift(back)
    }
    const bottom = this.stem.backward(look, this.stemRows, samples, gradients, none, factors)
    learn(bottom.map(({ learnt }) => learnt))

    let ratios = backs.map((back) => back.map(({ learnt }) => learnt.ratios))
    if (series[0].experiment.clip) {
      const learnt = [top, ...[...backs].reverse(), bottom].map((part) => part.map((one) => one.learnt))
      const clips = series.map((one, i) => {
        const waiting = learnt.flatMap((part) => part[i].waiting)
        return clipFactor(
          tf,
          waiting.map(({ square }) => square),
          one.experiment,
        )
      })
      learn(this.top.apply(look, learnt[0], clips, factors))
      learn(this.stem.apply(look, this.stemRows, learnt[learnt.length - 1], clips, factors))
      ratios = pieces.map(({ segment, rows }, at) => {
        const own = learnt[pieces.length - at]
        const applied = segment.apply(look, rows, own, clips, factors)
        learn(applied)
        tf.dispose(own.flatMap(({ waiting }) => waiting.map(({ gradient }) => gradient)))
        return applied.map((one) => one.ratios)
      })
    }
    if (look === 'plain') return top.map(({ losses }) => losses)
    return series.map((_, i) =>
      tf.concat([
        top[i].losses,
        ...onTheWay[i],
        ...backs.map((back) => back[i].statistics[0]),
        ...top[i].square,
        ...backs.map((back) => back[i].statistics[1]),
        ...ratios.flatMap((of) => of[i]),
      ]),
    )
  }

  /** What is recorded are operations and shapes: any numbers will do. */
  private recordSegment(look: Look, segment: Segment, rows: readonly Row[], from: number): void {
    const { layers } = rows[0]
    const given = this.given(from, from + layers.length, 1)
    const zeros = (shape: (block: PlannedBlock) => Shape, at: number) =>
      rows.map((row) => this.zeros(shape(row.layers[at].planned)))
    const h = zeros(({ shapes }) => shapes.get(INPUT)!, 0)
    const gradients = zeros(outputShape, layers.length - 1)
    const factors = this.factors(0)
    segment.forward(look, rows, h, given)
    const learnt = segment.backward(look, rows, h, gradients, given, factors).map((back) => back.learnt)
    this.recordUpdate((clips) => segment.apply(look, rows, learnt, clips, factors))
  }

  private recordEnds(look: Look, x: Float32Array, y: Float32Array): void {
    const samples = this.samples(x)
    const factors = this.factors(0)
    const none = this.series.map(() => [])
    const entered = this.stem.forward(look, this.stemRows, samples, none).map(({ output }) => output)
    const bottom = this.stem.backward(look, this.stemRows, samples, entered, none, factors)
    const below = bottom.map(({ learnt }) => learnt)
    this.recordUpdate((clips) => this.stem.apply(look, this.stemRows, below, clips, factors))
    const last = this.series.map(({ plan }) => this.zeros(outputShape(plan[plan.length - 1])))
    const above = this.top.run(look, last, this.wanted(y), factors).map(({ learnt }) => learnt)
    this.recordUpdate((clips) => this.top.apply(look, above, clips, factors))
  }

  private recordUpdate(apply: (clips: Tensor[]) => unknown): void {
    const { clip, replicas } = this.series[0].experiment
    if (clip) apply(this.series.map(() => this.tf.zeros([replicas, 1, 1])))
  }

  private zeros(shape: Shape): Tensor {
    const { replicas, batch } = this.series[0].experiment
    return this.tf.zeros([replicas, batch * positions(shape), shape.units])
  }

  /** By series, what blocks `from` up to `to` do not learn. */
  private given(from: number, to: number, pass: number): Tensor[][] {
    const blocks = Array.from({ length: to - from }, (_, i) => from + i + 1)
    return this.series.map((one) => blocks.flatMap((k) => one.given(k, pass)))
  }

  private samples(x: Float32Array): Tensor[] {
    const [first] = this.series
    const tiled = this.tf.tile(samplesTensor(first, x), [first.experiment.replicas, 1, 1])
    return this.series.map(() => tiled)
  }

  private wanted(y: Float32Array): Tensor {
    const { batch } = this.series[0].experiment
    return this.tf.tensor(y, [1, batch, y.length / batch])
  }

  private factors(step: number): Tensor[] {
    const { experiment } = this.series[0]
    const rate = learningRateAt(step, experiment)
    const numbers = OPTIMIZERS[experiment.optimizer].factors(experiment, rate, step + 1)
    return numbers.map((number) => this.tf.scalar(number))
  }

  dispose(): void {
    this.program.dispose()
  }
}

/** Gives parameters their new values, or only frees these. */
function take({ trained, changes }: Learnt, isKept: boolean): void {
  changes?.forEach(({ parameter, slots }, i) => {
    if (isKept) {
      const { variable, slots: own } = trained[i]
      ;[...own.values()].forEach((slot, at) => slot.assign(slots[at] as Variable))
      variable.assign(parameter as Variable)
    }
    ;[parameter, ...slots].forEach((tensor) => tensor.dispose())
  })
}

/**
 * Blocks in segments of about `length`. Blocks that are equal in every series share a segment's graphs: a run of them
 * is cut into segments of at most two lengths.
 */
function piecesOf(program: Program, series: readonly TrainableParameters[], length: number): Piece[] {
  const kindOf = kinds(series)
  const known = new Map<string, Segment>()
  const pieces: Piece[] = []
  const depth = series[0].plan.length
  for (let from = 0; from < depth;) {
    let end = from + 1
    while (end < depth && kindOf(end) === kindOf(from)) end++
    const count = Math.ceil((end - from) / length)
    const size = end - from
    for (let i = 0; i < count; i++) {
      const [first, last] = [i, i + 1].map((at) => from + Math.round((at * size) / count))
      const rows = series.map((one) => rowOf(one, one.blocks.slice(first, last)))
      const key = `${kindOf(from)} ${last - first}`
      const segment = known.get(key) ?? new Segment(program, rows)
      known.set(key, segment)
      pieces.push({ from: first, to: last, segment, rows })
    }
    from = end
  }
  return pieces
}

/** A name for what stands at a place in all series. */
function kinds(series: readonly TrainableParameters[]): (at: number) => string {
  const numbers = new Map<PlannedBlock, number>()
  const numberOf = (block: PlannedBlock) => {
    if (!numbers.has(block)) numbers.set(block, numbers.size)
    return numbers.get(block)!
  }
  return (at) => series.map(({ plan }) => numberOf(plan[at])).join()
}
