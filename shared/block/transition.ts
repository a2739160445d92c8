import { InputError } from '../base/errors'
import { INPUT, ancestors, type BlockGraph, type GraphNode } from '../graph/block-graph'
import { operationOf, shapesOf } from '../operations'
import { positions, sameShape, shapeText, type BlockPlace, type Shape } from '../numerics/shape'

/** What a block has to turn its input into. */
export interface Transition extends BlockPlace {
  stride: 1 | 2
  /** How skip connections follow. */
  shortcut: 'A' | 'B'
}

/** After every `stride`-th position of a row and a column, at `units`. */
const strided = ({ rows, columns }: Shape, stride: number, units: number): Shape => ({
  units,
  rows: Math.ceil(rows / stride),
  columns: Math.ceil(columns / stride),
})

export const targetOf = ({ input, width, stride }: Omit<Transition, 'shortcut'>): Shape =>
  strided(input, stride, width)

const isConvolution = (node: GraphNode): node is Extract<GraphNode, { op: 'conv-1d' | 'conv-2d' }> =>
  node.op === 'conv-1d' || node.op === 'conv-2d'

/**
 * The block that begins a stage: on every path the first convolution takes the stride; layers follow the new width by
 * themselves; where the sides of a sum (or product) then no longer fit, the one that the layers have not changed gets a
 * projection.
 * @param where for errors
 * @throws InputError when the block cannot change the shape so
 */
export function withTransition(graph: BlockGraph, transition: Transition, where: string): BlockGraph {
  const target = targetOf(transition)
  const stridedGraph = { ...graph, nodes: graph.nodes.map((node) => stride(graph, node, transition)) }
  const fitted = projectSides(stridedGraph, transition, where)
  const output = shapesOf(fitted, transition).get(fitted.output)!
  if (sameShape(output, target)) return fitted
  const what =
    `block "${graph.name}" cannot turn ${shapeText(transition.input)} into ${shapeText(target)}: it gives ` +
    `${shapeText(output)}`
  const halves = positions(output) !== positions(target)
  throw new InputError(
    where,
    what,
    halves
      ? 'Use stride 1, or a block whose layers are convolutions.'
      : 'Give every path through the block a linear layer, or keep the width.',
  )
}

/** A block that changes the shape, which the skip connection leaves with a variance of `kept`. */
export interface VarianceReset {
  /** Counts from 0. */
  block: number
  kept: number
}

/**
 * Behind a block that changes the shape, the variance that later blocks expect (`block-scale`, 1/β) begins again: its
 * skip connection starts from x/β, as its branch does (Brock et al. 2021, section 3).
 */
export function withReset(graph: BlockGraph, { block, kept }: VarianceReset): BlockGraph {
  if (!graph.nodes.some(({ op }) => op === 'block-scale')) return graph
  const nodes = graph.nodes.map((node): GraphNode => {
    if (node.op !== 'block-scale') return node
    const { factors } = node
    const again = (k: number) => 1 / Math.sqrt(factors[k - block] ** -2 - 1 + kept)
    return { ...node, factors: factors.map((factor, k) => (k > block ? again(k) : factor)) }
  })
  return { ...graph, nodes }
}

function stride(graph: BlockGraph, node: GraphNode, transition: Transition): GraphNode {
  if (!isConvolution(node) || transition.stride === 1) return node
  const before = ancestors(graph, node.id)
  const isFirst = !graph.nodes.some(
    (other) => other.id !== node.id && before.has(other.id) && isConvolution(other),
  )
  return isFirst ? { ...node, stride: node.stride * transition.stride } : node
}

function projectSides(graph: BlockGraph, transition: Transition, where: string): BlockGraph {
  const nodes: GraphNode[] = []
  const shapes = new Map<string, Shape>([[INPUT, transition.input]])
  const add = (node: GraphNode) => {
    nodes.push(node)
    const inputs = node.inputs.map((id) => shapes.get(id)!)
    shapes.set(node.id, operationOf(node).shape(node, inputs, transition.width))
  }
  const isUnchanged = (id: string) => {
    const before = ancestors({ ...graph, nodes }, id)
    return !nodes.some((node) => before.has(node.id) && operationOf(node).kind === 'linear')
  }
  for (const node of graph.nodes) {
    const [first, second] = node.inputs
    if (node.inputs.length === 1 || sameShape(shapes.get(first)!, shapes.get(second!)!)) {
      add(node)
      continue
    }
    const side = !isUnchanged(first) && isUnchanged(second!) ? 1 : 0
    const [from, to] = [shapes.get(node.inputs[side]!)!, shapes.get(node.inputs[1 - side]!)!]
    const id = freeId(graph, nodes)
    const expected = nodes.find(({ op, inputs }) => op === 'block-scale' && inputs[0] === node.inputs[side])
    const start = expected?.id ?? node.inputs[side]!
    add(projection(id, start, from, to, transition, graph.name, where, expected !== undefined))
    const inputs = node.inputs.map((input, i) => (i === side ? id : input))
    add({ ...node, inputs } as GraphNode)
  }
  return { ...graph, nodes }
}

function freeId(graph: BlockGraph, added: GraphNode[]): string {
  const taken = new Set([...graph.nodes, ...added].map((node) => node.id))
  for (let i = 1; ; i++) if (!taken.has(`projection-${i}`)) return `projection-${i}`
}

function projection(
  id: string,
  input: string,
  from: Shape,
  to: Shape,
  { width, shortcut }: Transition,
  block: string,
  where: string,
  isStandardised: boolean,
): GraphNode {
  const step = [1, 2].find((s) => sameShape(strided(from, s, to.units), to))
  const what = `block "${block}" joins ${shapeText(from)} and ${shapeText(to)}`
  if (step === undefined) {
    throw new InputError(
      where,
      `${what}, which no projection makes alike`,
      'Use stride 1, or convolutions on the branch.',
    )
  }
  if (shortcut === 'A') {
    if (to.units === width && from.units <= width)
      return { id, op: 'shortcut', inputs: [input], stride: step }
    throw new InputError(where, `${what}, and option A only adds units up to the width`, 'Use shortcut "B".')
  }
  const layer = {
    id,
    inputs: [input] as [string],
    units: to.units / width,
    bias: false,
    ...(isStandardised && { standardised: 1 }),
  }
  if (positions(from) === 1) return { ...layer, op: 'linear' }
  const window = { kernel: 1, stride: step, padding: 0 }
  return { ...layer, ...window, op: from.rows === 1 ? 'conv-1d' : 'conv-2d' }
}
