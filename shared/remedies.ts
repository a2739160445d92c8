import { named } from './errors'
import { INPUT, ancestors, type BlockGraph, type GraphNode } from './graph'

/** A remedy is a function from block graph to block graph; `note` says why it left the block as it is. */
export interface Remedy {
  name: string
  title: string
  definition: string
  apply(graph: BlockGraph, context: { depth: number }): { graph: BlockGraph; note: string | null }
}

type SumNode = Extract<GraphNode, { op: 'sum' }>

const sums = (graph: BlockGraph) => graph.nodes.filter((node): node is SumNode => node.op === 'sum')
const noSums = 'This network has no sums, so the remedy leaves it as it is.'

/** The nodes on a sum's branch (its second input) that do not also feed its skip. */
function branchNodes(graph: BlockGraph, sum: SumNode): GraphNode[] {
  const onSkip = ancestors(graph, sum.inputs[0])
  const onBranch = ancestors(graph, sum.inputs[1])
  return graph.nodes.filter((node) => onBranch.has(node.id) && !onSkip.has(node.id))
}

/** `added` right after node `after`; every user of `after` in `users` then reads `added`. */
function insertAfter(
  graph: BlockGraph,
  after: string,
  added: GraphNode,
  users: (node: GraphNode) => boolean,
) {
  const nodes: GraphNode[] = after === INPUT ? [added] : []
  for (const node of graph.nodes) {
    const reads = users(node) && node.inputs.includes(after)
    const inputs = reads ? node.inputs.map((input) => (input === after ? added.id : input)) : node.inputs
    nodes.push({ ...node, inputs } as GraphNode)
    if (node.id === after) nodes.push(added)
  }
  return { ...graph, nodes }
}

function scaleSums(graph: BlockGraph): BlockGraph {
  return sums(graph).reduce((current, sum, i) => {
    const id = `rsqrt2-${i + 1}`
    const scale: GraphNode = { id, op: 'scale', inputs: [sum.id], factor: Math.SQRT1_2, text: '1/√2' }
    const scaled = insertAfter(current, sum.id, scale, () => true)
    return { ...scaled, output: current.output === sum.id ? id : current.output }
  }, graph)
}

/** One more operation at the end of every branch, before its sum. */
function endBranches(
  graph: BlockGraph,
  make: (id: string, input: string, i: number) => GraphNode,
): BlockGraph {
  return sums(graph).reduce((current, sum, i) => {
    const nodes = current.nodes.flatMap((node) => {
      if (node.id !== sum.id) return [node]
      const added = make(`branch-scale-${i + 1}`, sum.inputs[1], i)
      return [added, { ...sum, inputs: [sum.inputs[0], added.id] as [string, string] }]
    })
    return { ...current, nodes }
  }, graph)
}

/** A norm at the start of each branch (Understanding Deep Learning, fig. 11.6c); of the whole block in a plain network. */
function normaliseBranches(graph: BlockGraph, op: 'batch-norm' | 'layer-norm') {
  const isNorm = (node: GraphNode) => node.op === 'batch-norm' || node.op === 'layer-norm'
  const branches = sums(graph).length
    ? sums(graph).map((sum) => ({ start: sum.inputs[0], nodes: branchNodes(graph, sum) }))
    : [{ start: INPUT, nodes: graph.nodes }]
  const bare = branches.filter((branch) => !branch.nodes.some(isNorm))
  if (!bare.length)
    return { graph, note: 'The branch already has a normalisation, so the remedy leaves it as it is.' }
  const changed = bare.reduce((current, branch, i) => {
    const inside = new Set(branch.nodes.map((node) => node.id))
    const norm: GraphNode = { id: `branch-norm-${i + 1}`, op, inputs: [branch.start] }
    return insertAfter(current, branch.start, norm, (node) => inside.has(node.id))
  }, graph)
  return { graph: changed, note: null }
}

const onSums =
  (change: (graph: BlockGraph, depth: number) => BlockGraph): Remedy['apply'] =>
  (graph, { depth }) =>
    sums(graph).length ? { graph: change(graph, depth), note: null } : { graph, note: noSums }

export const REMEDIES: readonly Remedy[] = [
  {
    name: 'none',
    title: 'none',
    definition: 'The block as it is drawn.',
    apply: (graph) => ({ graph, note: null }),
  },
  {
    name: 'rsqrt2',
    title: '1/√2',
    definition: 'Multiplies every sum by 1/√2, so that two independent parts of equal size keep their size.',
    apply: onSums(scaleSums),
  },
  {
    name: 'batch-norm',
    title: 'batch norm',
    definition:
      'Batch normalisation at the start of each branch (per unit, over the batch; gamma 1, beta 0, eps 1e-5).',
    apply: (graph) => normaliseBranches(graph, 'batch-norm'),
  },
  {
    name: 'layer-norm',
    title: 'layer norm',
    definition:
      'Layer normalisation at the start of each branch (per sample, over the units; gamma 1, beta 0, eps 1e-5).',
    apply: (graph) => normaliseBranches(graph, 'layer-norm'),
  },
  {
    name: 'rsqrt-depth',
    title: '1/√L',
    definition: 'Multiplies each branch by 1/√L, L the number of blocks (stable ResNet, Hayou et al. 2021).',
    apply: onSums((graph, depth) =>
      endBranches(graph, (id, input) => ({
        id,
        op: 'scale',
        inputs: [input],
        factor: 1 / Math.sqrt(depth),
        text: `1/√${depth}`,
      })),
    ),
  },
  {
    name: 'skipinit',
    title: 'SkipInit',
    definition: 'Multiplies each branch by a learned scalar that starts at 0 (De and Smith 2020).',
    apply: onSums((graph) =>
      endBranches(graph, (id, input) => ({ id, op: 'gain', inputs: [input], initial: 0 })),
    ),
  },
]

export const REMEDY_NAMES: readonly string[] = REMEDIES.map((remedy) => remedy.name)

/** The remedy of that name. @throws InputError naming the nearest remedy. */
export function remedyNamed(name: string, where = '--remedies'): Remedy {
  return named(REMEDIES, name, where, 'remedy')
}
