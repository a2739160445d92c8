import { formatNumber } from '../../../shared/base/format'
import { INPUT, type BlockGraph } from '../../../shared/graph/block-graph'
import {
  constant,
  scaled,
  type SquareTerm,
  type StreamStatistics,
  type Term,
} from '../../../shared/moments/law'
import { NoTheory } from '../../../shared/moments/moments'
import { placeOf } from '../../../shared/numerics/shape'
import { operationOf, shapesOf } from '../../../shared/operations'
import type { Experiment } from '../../../shared/settings/experiment'
import {
  backwardBlock,
  forwardEdges,
  type EdgeReading,
  type GradientReading,
} from '../../../shared/theory/traversal'
import { alone, visitOf, type Visit } from '../../../shared/theory/walk'

/**
 * The step from one block to the next as people would write it, with the measured numbers of the block before put in.
 */
export interface Formula {
  /** Symbols only. */
  law: string
  /** With numbers in place of the symbols. */
  numbers: string
  predicted: number
}

type Context = Pick<Experiment, 'init' | 'gain' | 'width'>

const n = (value: number) => formatNumber(value)

/** q_k from q_{k-1}; null where it has no short form (see theory's note and numbers instead). */
export function forwardFormula(
  graph: BlockGraph,
  context: Context,
  before: StreamStatistics,
): Formula | null {
  const walk = visitsOf(graph, context)
  const outputOf = (stream: Edge) => forwardEdges(walk, stream, squares(before)).get(graph.output)
  let output = outputOf(streamEdge(before, true))
  // What the block adds to the mean, the blocks before it have added too.
  if (output?.square?.mean?.value) output = outputOf(streamEdge(before, false))
  if (!output?.square) return null
  const { square, scales } = output
  const factor = product(scales) ** 2
  const bracket = (text: string) => (factor === 1 ? text : `${constant(factor).symbols} (${text})`)
  return {
    law: `q′ = ${bracket(square.symbols)}`,
    numbers: bracket(square.numbers ?? n(square.value)),
    predicted: factor * square.value,
  }
}

/** p_{k-1} from p_k: the signal comes from above. */
export function backwardFormula(
  graph: BlockGraph,
  context: Context,
  before: StreamStatistics,
  above: number,
): Formula | null {
  const walk = visitsOf(graph, context)
  const edges = forwardEdges(walk, streamEdge(before, true), squares(before))
  if (!edges.get(graph.output)) return null
  let gradient: Factors
  try {
    const top = { scales: [], factors: [], isBranch: false, isFresh: false, hasSkip: false }
    gradient = backwardBlock(graph.output, walk, edges, top, factors(before))
  } catch (error) {
    if (error instanceof NoTheory) return null
    throw error
  }
  const { hasSkip } = gradient
  const symbols = gradient.factors.map((one) => one.symbols).join(' · ') || '1'
  const branch = product(gradient.factors.map(({ value }) => value))
  const factor = product(gradient.scales) ** 2
  const scale = factor === 1 ? '' : `${constant(factor).symbols} · `
  return {
    law: `p = p′ · ${scale}${hasSkip ? `(1 + ${symbols})` : `(${symbols})`}`,
    numbers: `${n(above)} · ${scale}${hasSkip ? `(1 + ${n(branch)})` : n(branch)}`,
    predicted: above * factor * ((hasSkip ? 1 : 0) + branch),
  }
}

const product = (values: readonly number[]) => values.reduce((all, value) => all * value, 1)

/** What has a law is written out, a factor of 0 too; of the rest, sums are linear combinations. */
const visitsOf = (graph: BlockGraph, context: Context): Visit[] => {
  const shapes = shapesOf(graph, placeOf(context.width))
  return graph.nodes.map((node) => {
    const visit = visitOf(node, shapes, alone(context))
    return operationOf(node).law ? { ...visit, coefficients: null } : visit
  })
}

/**
 * The stream, a chain of operations from it, or its sum with one such chain; then constants, which are written before
 * the bracket if nothing follows. Everything else has no formula, and is null.
 */
interface Edge {
  form: 'stream' | 'chain' | 'sum'
  /** Before the constants; null where it has no short form. */
  square: (SquareTerm & { numbers?: string }) | null
  /** Constants that follow, the last first. */
  scales: readonly number[]
  /** Whether the weights of a layer, drawn for themselves, make it independent of the stream. */
  isFresh: boolean
}

const streamEdge = ({ q }: StreamStatistics, isCentred: boolean): Edge => ({
  form: 'stream',
  square: { symbols: 'q', value: q, isCentred, mean: null },
  scales: [],
  isFresh: false,
})

/** The mean square of an edge with its constants multiplied in. */
const whole = ({ square, scales }: Edge): SquareTerm | null =>
  square && [...scales].reverse().reduce<SquareTerm>((all, factor) => scaled(factor, all), square)

/** Mean squares in symbols: null where a block has another form than those of Edge. */
const squares = ({ q, m }: StreamStatistics): EdgeReading<Edge | null> => ({
  enter: (stream) => stream,
  combine([skip, branch], coefficients) {
    const isSum = coefficients.length === 2 && coefficients.every((one) => one === 1)
    if (!isSum || skip?.form !== 'stream' || branch?.form !== 'chain' || !branch.isFresh) return null
    const added = whole(branch)
    return { form: 'sum', square: added && sumOf(q, m, added), scales: [], isFresh: true }
  },
  apply({ node, context }, [x]) {
    const { law, kind } = operationOf(node)
    if (!x || !law) return null
    const form = x.form === 'stream' ? 'chain' : x.form
    if (law.constant) return { ...x, form, scales: [law.constant(node), ...x.scales] }
    if (form === 'sum') return null
    const input = whole(x)
    const square = input && law.square(node, input, context)
    return { form, square, scales: [], isFresh: x.isFresh || kind === 'linear' }
  },
})

/** The mean square of stream plus branch, which are independent but for their means. */
function sumOf(q: number, m: number, { symbols, value, mean }: SquareTerm): Edge['square'] {
  const cross = mean ? 2 * m * mean.value : 0
  return {
    symbols: `q + ${symbols}${mean ? ` + 2 m ${mean.symbols}` : ''}`,
    numbers: `${n(q)} + ${n(value)}${mean ? ` + 2 · ${n(m)} · ${n(mean.value)}` : ''}`,
    value: q + value + cross,
    isCentred: !mean,
    mean,
  }
}

/** What a mean squared gradient has been multiplied by on its way back. */
interface Factors {
  /** Constants behind the sum, or at the end of a chain, the last first. */
  scales: readonly number[]
  /** Before those, in the order of the block. */
  factors: readonly Term[]
  /** Whether it has passed the sum. */
  isBranch: boolean
  /** Whether it has passed a layer's weights. */
  isFresh: boolean
  /** Whether the skip connection hands down what the factors have not touched. */
  hasSkip: boolean
}

/** Gradients in symbols, on the edges of `squares`. */
const factors = (before: StreamStatistics): GradientReading<Edge | null, Factors> => ({
  zero: noFormula,
  // Two ways of one gradient: they are correlated.
  add: noFormula,
  scale: (part) => ({ ...part, isBranch: true }),
  isNothing: () => false,
  total(parts) {
    if (parts.length === 1) return parts[0]
    const branch = parts.find(({ factors }) => factors.length > 0)
    if (!branch?.isFresh) noFormula()
    return { ...branch!, hasSkip: true }
  },
  isOrigin: ({ coefficients }) => !coefficients,
  pull({ node, context }, part, [x]) {
    const { law, kind } = operationOf(node)
    if (law?.constant && !part.isBranch && !part.factors.length)
      return [{ ...part, scales: [...part.scales, law.constant(node)] }]
    const isStream = node.inputs[0] === INPUT
    const own = x && law?.gradient(node, context, isStream ? before : null)
    if (!own) return noFormula()
    return [{ ...part, factors: [own, ...part.factors], isFresh: part.isFresh || kind === 'linear' }]
  },
})

/** A clause that nobody reads: where there is no formula, nothing is written. */
function noFormula(): never {
  throw new NoTheory('no short form')
}
