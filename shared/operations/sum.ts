import type { GraphNode } from '../graph/block-graph'
import { gridSum } from '../moments/grid-moments'
import { NoTheory } from '../moments/moments'
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
  forward: (math, _node, [skip, branch]) => ({ output: math.add(skip, branch), saved: [] }),
  backward: (_math, _node, gradient) => ({ inputs: [gradient, gradient], parameters: [] }),
  coefficients: () => [1, 1],
  moments(_node, [skip, branch]) {
    // Without a linear layer in between, both sides are functions of the same coordinate.
    if ([...branch.sources].some((source) => skip.sources.has(source)))
      throw new NoTheory('a sum whose sides depend on each other, with no linear layer in between')
    const size = skip.mean.length
    const kernel = skip.kernel.map((moment, at) => {
      const [a, b] = [Math.floor(at / size), at % size]
      return moment + branch.kernel[at] + skip.mean[a] * branch.mean[b] + branch.mean[a] * skip.mean[b]
    })
    return {
      mean: skip.mean.map((mean, a) => mean + branch.mean[a]),
      kernel,
      grid: gridSum([skip, branch].map((term) => ({ ...term, factor: 1 }))),
      gaussian: skip.gaussian && branch.gaussian,
      sources: new Set([...skip.sources, ...branch.sources]),
    }
  },
  gradientMoments: (_node, gradient) => [gradient, gradient],
  particles: (_node, [skip, branch]) => addParticles(skip, branch),
  gradientParticles: (_node, gradient) => [gradient, gradient],
}
