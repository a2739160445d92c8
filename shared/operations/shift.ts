import type { GraphNode } from '../graph/block-graph'
import { mapParticles } from '../moments/trajectories'
import type { Operation } from './operation'
import { shortNumber } from './symbols'

/** Addition of one learned scalar, shared by all units (Fixup's biases, Zhang et al. 2019). */
export const shift: Operation<Extract<GraphNode, { op: 'shift' }>> = {
  title: 'learned shift',
  kind: 'scale',
  definition: 'Addition of one learned number to every value.',
  symbol: (node) => `+${shortNumber(node.initial)}`,
  inputs: 1,
  fields: [
    {
      key: 'initial',
      label: 'Initial value',
      type: 'number',
      default: 0,
      definition: 'Where the learned number starts.',
    },
  ],
  shape: (_node, [input]) => input,
  parameters: (node) => [{ role: 'shift', shape: [1, 1], fanIn: 1, initial: node.initial }],
  layer: ({ initial }) => ({ layer: 'shift', initial }),
  forward: (math, _node, [x], [added]) => ({ output: math.add(x, added), saved: [] }),
  backward: (math, _node, gradient) => ({ inputs: [gradient], parameters: [math.sum(gradient, [1, 2])] }),
  coefficients: ({ initial }) => (initial === 0 ? [1] : null),
  moments({ initial }, [x]) {
    const size = x.mean.length
    const kernel = x.kernel.map(
      (moment, at) =>
        moment + initial * (x.mean[Math.floor(at / size)] + x.mean[at % size]) + initial * initial,
    )
    const grid = x.grid && {
      ...x.grid,
      square: x.grid.square.map((q, s) => q + 2 * initial * x.grid!.mean[s] + initial ** 2),
      mean: x.grid.mean.map((mean) => mean + initial),
    }
    return { ...x, mean: x.mean.map((mean) => mean + initial), kernel, grid }
  },
  gradientMoments: (_node, gradient) => [gradient],
  particles: ({ initial }, [x]) => mapParticles(x, (value) => value + initial),
  gradientParticles: (_node, gradient) => [gradient],
}
