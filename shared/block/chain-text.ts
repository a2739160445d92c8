import { INPUT, type BlockGraph, type GraphNode } from '../graph/block-graph'
import { operationOf } from '../operations'
import { ratioText } from '../operations/units'

/**
 * A block whose branch is a chain as branch, sum (+), and what follows the sum: "lin BN ReLU lin BN, +, ReLU"; null for
 * any other block.
 */
export function chainText({ nodes, output }: BlockGraph): string | null {
  const at = nodes.findIndex(({ op }) => op === 'sum')
  const isChain = nodes.every(({ inputs }, i) => {
    const before = i === 0 ? INPUT : nodes[i - 1].id
    return i === at
      ? inputs[0] === INPUT && inputs[1] === before
      : inputs.length === 1 && inputs[0] === before
  })
  if (at < 0 || !isChain || nodes[nodes.length - 1].id !== output) return null
  const text = (some: GraphNode[]) => some.map((node) => stepText(nodes, node)).join(' ')
  const before = text(nodes.slice(0, at))
  const after = text(nodes.slice(at + 1))
  return after ? `${before}, +, ${after}` : `${before}, +`
}

function stepText(nodes: readonly GraphNode[], node: GraphNode): string {
  if (node.op !== 'linear') return operationOf(node).symbol(node)
  const input = unitsBefore(nodes, node)
  return input === 1 && node.units === 1 ? 'lin' : `lin(${named(input)} to ${named(node.units)})`
}

/** Units that come into an operation, as a ratio of the network's width: those of the last layer before it. */
function unitsBefore(nodes: readonly GraphNode[], node: GraphNode): number {
  const [from] = node.inputs
  if (from === INPUT) return 1
  const last = nodes.find(({ id }) => id === from)!
  return last.op === 'linear' ? last.units : unitsBefore(nodes, last)
}

const named = (ratio: number) => (ratio === 1 ? 'N' : ratioText(ratio))
