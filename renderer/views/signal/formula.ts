import type { Experiment } from '../../../shared/settings/experiment'
import { branchNeverNegative } from '../../../shared/signal/findings'
import { formatNumber } from '../../../shared/base/format'
import { INPUT, nodeById, type BlockGraph, type GraphNode } from '../../../shared/graph/block-graph'
import { biasVariance } from '../../../shared/graph/initialisation'
import { shapesOf } from '../../../shared/operations'
import { weightVariance } from '../../../shared/operations/weights'
import { placeOf } from '../../../shared/numerics/shape'

/** The step from one block to the next as people would write it, with the measured numbers of the block before put in. */
export interface Formula {
  /** Symbols only. */
  law: string
  /** The same with numbers. */
  numbers: string
  predicted: number
}

export interface Before {
  q: number
  v: number
  m: number
}

type Context = Pick<Experiment, 'init' | 'gain' | 'width'>

/** Mean square along the branch while it has a short form. */
interface Walk {
  symbols: string
  value: number
  /** Zero mean and Gaussian: half of it passes a ReLU. */
  centred: boolean
  /** Mean, where a ReLU made one. */
  mean: { symbols: string; value: number } | null
}

const n = (value: number) => formatNumber(value)

/** Constants of a law: 2, not 2.00. */
const constant = (value: number) => String(Number(value.toPrecision(3)))

/** q_k from q_{k-1}; null where it has no short form (see theory's note and numbers instead). */
export function forwardFormula(graph: BlockGraph, context: Context, before: Before): Formula | null {
  const parts = partsOf(graph)
  if (!parts || biasVariance(context, context.width) > 0) return null
  const walk = walkBranch(graph, parts.branch, context, before)
  if (!walk) return null
  const hasSkip = parts.sum !== null
  const cross = hasSkip && walk.mean ? 2 * before.m * walk.mean.value : 0
  const sum = (hasSkip ? before.q : 0) + walk.value + cross
  const factor = parts.scale ** 2
  const crossSymbols = hasSkip && walk.mean ? ` + 2 m ${walk.mean.symbols}` : ''
  const crossNumbers = hasSkip && walk.mean ? ` + 2 · ${n(before.m)} · ${n(walk.mean.value)}` : ''
  const scaled = (text: string) => (factor === 1 ? text : `${constant(factor)} (${text})`)
  return {
    law: `q′ = ${scaled(`${hasSkip ? 'q + ' : ''}${walk.symbols}${crossSymbols}`)}`,
    numbers: scaled(`${hasSkip ? `${n(before.q)} + ` : ''}${n(walk.value)}${crossNumbers}`),
    predicted: factor * sum,
  }
}

/** p_{k-1} from p_k: the signal comes from above. */
export function backwardFormula(
  graph: BlockGraph,
  context: Context,
  before: Before,
  above: number,
): Formula | null {
  const parts = partsOf(graph)
  if (!parts) return null
  const branch = branchGain(graph, parts.branch, context, before)
  if (!branch) return null
  const hasSkip = parts.sum !== null
  const factor = parts.scale ** 2
  const inner = hasSkip ? `(1 + ${branch.symbols})` : `(${branch.symbols})`
  const innerNumbers = hasSkip ? `(1 + ${n(branch.value)})` : n(branch.value)
  const scale = factor === 1 ? '' : `${constant(factor)} · `
  return {
    law: `p = p′ · ${scale}${inner}`,
    numbers: `${n(above)} · ${scale}${innerNumbers}`,
    predicted: above * factor * ((hasSkip ? 1 : 0) + branch.value),
  }
}

interface Parts {
  sum: GraphNode | null
  branch: GraphNode[]
  /** Product of the constant scales after the sum. */
  scale: number
}

/** A block of one sum and one chain of operations, followed by nothing but constant scales; null for any other. */
function partsOf(graph: BlockGraph): Parts | null {
  let id = graph.output
  let scale = 1
  for (let node = nodeById(graph, id); node.op === 'scale'; node = nodeById(graph, id)) {
    scale *= node.factor
    id = node.inputs[0]
    if (id === INPUT) return null
  }
  const end = nodeById(graph, id)
  if (end.op === 'sum' && end.inputs[0] !== INPUT) return null
  const branch = chainTo(graph, end.op === 'sum' ? end.inputs[1] : id)
  return branch && { sum: end.op === 'sum' ? end : null, branch, scale }
}

function chainTo(graph: BlockGraph, end: string): GraphNode[] | null {
  const chain: GraphNode[] = []
  for (let id = end; id !== INPUT;) {
    const node = nodeById(graph, id)
    if (node.op === 'sum') return null
    chain.unshift(node)
    id = node.inputs[0]
  }
  return chain
}

function walkBranch(graph: BlockGraph, branch: GraphNode[], context: Context, before: Before): Walk | null {
  const shapes = shapesOf(graph, placeOf(context.width))
  const isCentred = !branchNeverNegative(graph) && branch[branch.length - 1]?.op !== 'relu'
  let walk: Walk = { symbols: 'q', value: before.q, centred: isCentred, mean: null }
  for (const node of branch) {
    switch (node.op) {
      case 'linear': {
        if (node.standardised) return null
        const [from, to] = [shapes.get(node.inputs[0])!.units, shapes.get(node.id)!.units]
        const s = weightVariance(node, context, from, to).factor
        walk = { symbols: times(constant(s), walk.symbols), value: s * walk.value, centred: true, mean: null }
        break
      }
      case 'relu': {
        if (!walk.centred) return null
        const mean = Math.sqrt(walk.value / (2 * Math.PI))
        walk = {
          symbols: times('½', walk.symbols),
          value: walk.value / 2,
          centred: false,
          mean: { symbols: `√(${walk.symbols}/2π)`, value: mean },
        }
        break
      }
      case 'batch-norm':
      case 'layer-norm':
        walk = { symbols: '1', value: 1, centred: true, mean: null }
        break
      case 'scale':
      case 'gain': {
        const factor = node.op === 'scale' ? node.factor : node.initial
        walk = {
          symbols: times(constant(factor * factor), walk.symbols),
          value: factor * factor * walk.value,
          centred: walk.centred,
          mean: walk.mean && {
            symbols: times(constant(factor), walk.mean.symbols),
            value: factor * walk.mean.value,
          },
        }
        break
      }
      default:
        return null
    }
  }
  return walk
}

function branchGain(graph: BlockGraph, branch: GraphNode[], context: Context, before: Before) {
  const shapes = shapesOf(graph, placeOf(context.width))
  let symbols = ''
  let value = 1
  const multiply = (text: string, factor: number) => {
    symbols = symbols ? `${symbols} · ${text}` : text
    value *= factor
  }
  for (const [i, node] of branch.entries()) {
    switch (node.op) {
      case 'linear': {
        const [from, to] = [shapes.get(node.inputs[0])!.units, shapes.get(node.id)!.units]
        const factor = (weightVariance(node, context, from, to).factor * to) / from
        multiply(constant(factor), factor)
        break
      }
      case 'relu':
        multiply('½', 0.5)
        break
      case 'batch-norm':
        // Only at the start is its input the stream, whose batch variance is measured.
        if (i > 0) return null
        multiply('1/v', 1 / before.v)
        break
      case 'layer-norm':
        if (i > 0) return null
        multiply('1/(q − m²)', 1 / (before.q - before.m ** 2))
        break
      case 'scale':
        multiply(constant(node.factor ** 2), node.factor ** 2)
        break
      case 'gain':
        multiply(constant(node.initial ** 2), node.initial ** 2)
        break
      default:
        return null
    }
  }
  return { symbols: symbols || '1', value }
}

/** "2 · ½ · q"; a factor of one is not written. */
function times(factor: string, rest: string): string {
  if (factor === '1') return rest
  return rest === '1' ? factor : `${factor} · ${rest}`
}
