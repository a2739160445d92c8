import type { GraphNode } from '../graph'
import { NoTheory, kappa0, kappa1 } from '../moments'
import { mapParticles } from '../particles'
import type { Operation } from './operation'

/** max(0, x). Moments of a centred Gaussian from Cho and Saul 2009. */
export const relu: Operation<Extract<GraphNode, { op: 'relu' }>> = {
  title: 'ReLU',
  kind: 'activation',
  definition: 'Rectified linear unit: negative values become 0.',
  symbol: () => 'ReLU',
  inputs: 1,
  fields: [],
  shape: (_node, [input]) => input,
  parameters: () => [],
  forward(math, _node, [x]) {
    const output = math.relu(x)
    return { output, saved: [output] }
  },
  backward: (math, _node, gradient, [output]) => ({
    inputs: [math.reluGradient(gradient, output)],
    parameters: [],
  }),
  moments(_node, [x]) {
    if (!x.gaussian || x.mean.some((mean) => mean !== 0))
      throw new NoTheory('ReLU of a stream that is not Gaussian')
    const size = x.mean.length
    const deviation = Float64Array.from(x.mean, (_, a) => Math.sqrt(x.kernel[a * size + a]))
    const kernel = x.kernel.map((moment, at) => {
      const product = deviation[Math.floor(at / size)] * deviation[at % size]
      if (product === Infinity) return Infinity
      return product > 0 ? (product / 2) * kappa1(moment / product) : 0
    })
    return {
      mean: deviation.map((s) => s / Math.sqrt(2 * Math.PI)),
      kernel,
      gaussian: false,
      sources: x.sources,
    }
  },
  gradientMoments(_node, gradient) {
    // Where the gradient depends on the activation, half of the units need not carry half of it.
    if (!gradient.uniform) throw new NoTheory('a gradient that depends on the activation')
    return [{ square: gradient.square.map((g) => g / 2), uniform: false }]
  },
  maskCorrelation: (_node, { kernel, mean: { length } }) =>
    kappa0(kernel[1] / Math.sqrt(kernel[0] * kernel[length + 1])),
  particles: (_node, [x]) => mapParticles(x, (value) => Math.max(0, value)),
  gradientParticles: (_node, gradient, [x]) => [gradient.map((g, at) => (x.values[at] > 0 ? g : 0))],
}
