import type { GraphNode } from '../graph/block-graph'
import type { Operation } from './operation'

/** Does nothing: a place to hold on to in a drawing. */
export const identity: Operation<Extract<GraphNode, { op: 'identity' }>> = {
  title: 'identity',
  kind: 'other',
  definition: 'Identity: passes every value on as it is.',
  symbol: () => 'id',
  inputs: 1,
  fields: [],
  shape: (_node, [input]) => input,
  parameters: () => [],
  layer: () => ({ layer: 'identity' }),
  sign: () => 'kept',
  forward: (_math, _node, [x]) => ({ output: x, saved: [] }),
  backward: (_math, _node, gradient) => ({ inputs: [gradient], parameters: [] }),
  coefficients: () => [1],
  moments: (_node, [x]) => x,
  gradientMoments: (_node, gradient) => [gradient],
  particles: (_node, [x]) => x,
  gradientParticles: (_node, gradient) => [gradient],
}
