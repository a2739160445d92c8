import type { GraphNode } from '../graph/block-graph'
import { sumOfMoments } from '../moments/sum-of-moments'
import { addParticles } from '../moments/trajectories'
import { joinMisfit } from './join'
import type { Operation } from './operation'

/** Sum of the skip connection and the branch. */
export const sum: Operation<Extract<GraphNode, { op: 'sum' }>> = {
  title: 'sum',
  kind: 'join',
  definition: 'Sum: the branch’s result is added to the skip connection.',
  symbol: () => '+',
  inputs: 2,
  fields: [],
  shape: (_node, [input]) => input,
  misfit: (_node, inputs, text) => joinMisfit('sum', inputs, text),
  parameters: () => [],
  layer: () => ({ layer: 'sum' }),
  forward: (math, _node, [skip, branch]) => ({ output: math.add(skip, branch), saved: [] }),
  backward: (_math, _node, gradient) => ({ inputs: [gradient, gradient], parameters: [] }),
  coefficients: () => [1, 1],
  moments: (_node, sides) =>
    sumOfMoments(
      sides.map((side) => ({ ...side, factor: 1 })),
      sides[0].mean.length,
    ),
  gradientMoments: (_node, gradient) => [gradient, gradient],
  particles: (_node, [skip, branch]) => addParticles(skip, branch),
  gradientParticles: (_node, gradient) => [gradient, gradient],
}
