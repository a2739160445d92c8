import type { BlockGraph } from '../graph/block-graph'
import type { PlannedBlock } from '../network/plan'
import type { FiniteWidth } from './finite-width'
import type { Theory } from './series'

const STREAM =
  'Batch normalisation of the stream amplifies differences between samples at every block: deep networks follow ' +
  'this curve only when they are much wider than the batch.'

const OUTLIER =
  'The branch ends in a ReLU: at finite width p grows faster than in the limit, along one outlier direction.'

/** Of a mean over networks. */
const ABOVE = 1.1

/**
 * Why networks of finite width leave the limit.
 * @param found what they show; null: these are not drawn
 * @param isOff whether a remark says that they do, or may
 */
export function causesOf(
  plan: readonly PlannedBlock[],
  theory: Theory,
  found: FiniteWidth | null,
  isOff: boolean,
): string[] {
  // Without a limit there is none to leave.
  if (!theory.q) return []
  const graphs = [...new Set(plan.map(({ graph }) => graph))]
  const isAbove = theory.p && (!found || theory.p.some((limit, k) => found.p.mean[k] > ABOVE * limit))
  return [
    // What smaller batches show is not the worst of it.
    ...((isOff || !found) && graphs.some(normalisesStream) ? [STREAM] : []),
    ...(isOff && isAbove && graphs.some(endsInReLU) ? [OUTLIER] : []),
  ]
}

const sumIn = ({ nodes }: BlockGraph) => nodes.findIndex(({ op }) => op === 'sum')

function normalisesStream(graph: BlockGraph): boolean {
  const sum = sumIn(graph)
  return sum >= 0 && graph.nodes.some(({ op }, i) => i > sum && op === 'batch-norm')
}

function endsInReLU(graph: BlockGraph): boolean {
  const sum = graph.nodes[sumIn(graph)]
  return graph.nodes.some(({ id, op }) => id === sum?.inputs[1] && op === 'relu')
}
