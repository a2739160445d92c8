import type { GraphNode } from '../../graph/block-graph'
import { depthOf } from '../../settings/network'
import { labelOf } from '../../block/draft'
import { replaceOperation, setField } from '../actions'
import { estimatedGrowth } from '../growth'
import type { Mend } from '../problems'
import { removing, type Context, type Warning } from './warning'

/** The signal counts as dead where less than this share of the input's mean square is left at the end. */
const DEAD = 1e-6

/** The smallest constant factor where the signal dies, the largest where it explodes, else one that is 0. */
export function constantFactors({ draft, experiment, nodes, here }: Context): Warning[] {
  const scaled = nodes.filter((node): node is Extract<GraphNode, { op: 'scale' }> => node.op === 'scale')
  if (!scaled.length) return []
  const depth = experiment.network ? depthOf(experiment.network) : experiment.blocks
  const { last, overflow } = estimatedGrowth(nodes, draft.output, depth, experiment, here.shapes)
  const set = (node: GraphNode, factor: number, text: string): Mend => ({
    label: `Set the ${labelOf(draft, node.id)} to ${text}`,
    apply: (d) => setField(setField(d, node.id, 'factor', factor), node.id, 'text', text),
  })
  const smallest = scaled.reduce((a, b) => (Math.abs(a.factor) <= Math.abs(b.factor) ? a : b))
  const largest = scaled.reduce((a, b) => (Math.abs(a.factor) >= Math.abs(b.factor) ? a : b))
  const name = (node: GraphNode) => labelOf(draft, node.id)
  if (last < DEAD && Math.abs(smallest.factor) < 1) {
    return [
      {
        kind: 'dies',
        node: smallest.id,
        text:
          `The signal dies: with the ${name(smallest)} the mean square falls to about ` +
          `${last.toExponential(0)} of its size after ${depth} blocks, and gradients with it.`,
        mends: [set(smallest, 1, '1'), ...removing(draft, smallest.id)],
      },
    ]
  }
  if (overflow !== null && Math.abs(largest.factor) > 1) {
    return [
      {
        kind: 'explodes',
        node: largest.id,
        text:
          `The signal explodes: with the ${name(largest)} the mean square leaves the range of float32 at ` +
          `about block ${overflow}.`,
        mends: [set(largest, 1 / Math.sqrt(depth), `1/√${depth}`), ...removing(draft, largest.id)],
      },
    ]
  }
  const zero = scaled.find(({ factor }) => factor === 0)
  if (!zero) return []
  return [
    {
      kind: 'dies',
      node: zero.id,
      text: 'A constant factor of 0 stops signal and gradient: what leads here has no effect and learns nothing.',
      mends: [
        set(zero, 1 / Math.sqrt(depth), `1/√${depth}`),
        {
          label: 'Make it a learned scale that starts at 0',
          apply: (d) => replaceOperation(d, zero.id, 'gain'),
        },
      ],
    },
  ]
}
