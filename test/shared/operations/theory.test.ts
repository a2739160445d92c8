import { describe, expect, test } from 'vitest'
import type { BlockGraph, GraphNode } from '../../../shared/graph/block-graph'
import type { Initialisation } from '../../../shared/graph/initialisation'
import type { Gradient, Moments, TheoryContext } from '../../../shared/moments/moments'
import { particleMoments, type Particles } from '../../../shared/moments/trajectories'
import { blockParameters, drawNoise, drawParameter, noiseShape } from '../../../shared/network/parameters'
import { array3, float64, type Array3 } from '../../../shared/numerics/float64'
import { Random } from '../../../shared/numerics/random'
import { vector } from '../../../shared/numerics/shape'
import { operationOf } from '../../../shared/operations'
import { topParticles } from '../../../shared/theory/sampled-theory'

// Theory of one operation, on a Gaussian input whose samples share a part, against the operation itself in float64.

const SAMPLES = 32
const HE: Initialisation = { init: 'he', gain: 1 }

interface Case {
  node: Record<string, unknown>
  /** Units of the input; few where what hangs on the fan-in is to be seen. */
  units?: number
  initialisation?: Initialisation
  /** Mean of the input. */
  mean?: number
  /** Relative, of the forward and of the backward reading. */
  tolerance?: number
}

const WIDTH = 1200
const LINEAR: Record<string, unknown> = { op: 'linear', units: 1 }
const cases: Case[] = [
  { node: LINEAR, units: 300 },
  { node: { ...LINEAR, gain: 1.7 }, units: 300, mean: 0.6 },
  { node: LINEAR, units: 300, initialisation: { init: 'lecun', gain: 1.5 } },
  { node: LINEAR, units: 300, initialisation: { init: 'glorot', gain: 1 } },
  // A fan-in of few units, so that the bias is a good part of the mean square.
  { node: LINEAR, units: 4, initialisation: { init: 'pytorch', gain: 1 }, tolerance: 0.1 },
  { node: { ...LINEAR, gain: 2 }, units: 4, initialisation: { init: 'pytorch', gain: 1.5 }, tolerance: 0.1 },
  {
    node: { ...LINEAR, bias: false },
    units: 4,
    initialisation: { init: 'pytorch', gain: 1 },
    tolerance: 0.1,
  },
  { node: { ...LINEAR, standardised: 1.7, bias: false }, units: 300, mean: 0.8 },
  { node: { op: 'scale', factor: -1.3, text: '' }, mean: 0.5 },
  { node: { op: 'gain', initial: 0.6 }, mean: 0.5 },
  { node: { op: 'diagonal', initial: 0.6 }, mean: 0.5 },
  { node: { op: 'block-scale', factors: [3, 0.7], text: '' }, mean: 0.5 },
  { node: { op: 'shift', initial: -0.4 }, mean: 0.5 },
  { node: { op: 'shift', initial: 0 }, mean: 0.5 },
  { node: { op: 'identity' }, mean: 0.5 },
  { node: { op: 'relu' } },
  { node: { op: 'leaky-relu', slope: 0.2 } },
  { node: { op: 'tanh' } },
  { node: { op: 'gelu' } },
  { node: { op: 'silu' } },
  { node: { op: 'dropout', rate: 0.3 }, mean: 0.5 },
  { node: { op: 'center' } },
  { node: { op: 'batch-norm' } },
  { node: { op: 'layer-norm' }, mean: 0.5 },
  { node: { op: 'group-norm', groups: 2 }, mean: 0.5 },
]

function correlated(units: number, mean: number): Array3 {
  const random = new Random(81, units)
  const x = array3([1, SAMPLES, units])
  for (let unit = 0; unit < units; unit++) {
    const shared = random.normal()
    for (let s = 0; s < SAMPLES; s++)
      x.values[s * units + unit] = 1.5 * (Math.sqrt(0.7) * random.normal() + Math.sqrt(0.3) * shared) + mean
  }
  return x
}

/** [unit, sample] as sampled theory has it. */
function asParticles({ shape: [, samples, units], values }: Array3): Particles {
  const turned = new Float64Array(values.length)
  for (let s = 0; s < samples; s++)
    for (let unit = 0; unit < units; unit++) turned[unit * samples + s] = values[s * units + unit]
  return { units, samples, values: turned, sources: new Set(['input']) }
}

const asMoments = (x: Array3): Moments => {
  const { mean, square, cross } = particleMoments(asParticles(x))
  return {
    mean: Float64Array.of(mean, mean),
    kernel: Float64Array.of(square, cross, cross, square),
    gaussian: true,
    sources: new Set(['input']),
  }
}

const meanSquare = (values: Float64Array) => values.reduce((sum, g) => sum + g * g, 0) / values.length

/** What the operation does to such an input, forward and with a gradient of standard normals back. */
function measured(one: Case) {
  const { units = WIDTH, initialisation = HE, mean = 0, tolerance = 0.05 } = one
  const node = { id: 'node', inputs: ['input'], ...one.node } as unknown as GraphNode
  const graph: BlockGraph = { name: '', title: '', description: '', nodes: [node], output: 'node' }
  const operation = operationOf(node)
  const input = vector(units)
  const output = operation.shape(node, [input], WIDTH)
  const at = { block: 2, depth: 3 }
  const seed = 7
  const context: TheoryContext = {
    batch: SAMPLES,
    exchangeable: true,
    initialisation,
    input,
    output,
    at,
    seed,
  }
  const x = correlated(units, mean)
  const parameters = blockParameters(graph, { input, width: WIDTH }, at).map((place) => {
    if (place.role === 'noise') {
      const noise = array3([1, ...noiseShape(place, SAMPLES)])
      drawNoise(noise.values, place, { seed, block: 2, pass: 0, samples: SAMPLES }, 1)
      return noise
    }
    const own = array3([1, ...place.shape])
    drawParameter(own.values, place, at.block, { ...initialisation, seed }, 1)
    return own
  })
  const made = operation.forward(float64, node, [x], parameters, undefined, input)
  const moments = particleMoments(asParticles(made.output))
  // Of the size of the values, since means and covariances may be 0.
  const near = (theory: number, value: number, scale: number) =>
    expect(Math.abs(theory - value)).toBeLessThan(tolerance * scale)

  const top = array3([1, SAMPLES, output.units])
  new Random(82).fillNormal(top.values, 1)
  const back = operation.backward(float64, node, top, made.saved, parameters, false, input).inputs[0]
  const gradient: Gradient = { square: Float64Array.of(1, 1), uniform: true }
  return { node, operation, x, context, measured: moments, near, gradient, back }
}

describe.each(cases)('$node, mean $mean, $initialisation', (one) => {
  /** Computed in each test, so that what a test runs is that test's own. */
  const setUp = () => measured(one)

  test('mean, mean square and the moment of two samples', () => {
    const { operation, node, x, context, measured, near } = setUp()
    const theory = operation.moments(node, [asMoments(x)], context)
    near(theory.mean[0], measured.mean, Math.sqrt(measured.square))
    for (const sample of [0, 3]) near(theory.kernel[sample], measured.square, measured.square)
    for (const pair of [1, 2]) near(theory.kernel[pair], measured.cross, measured.square)
  })

  test('the same of sampled trajectories', () => {
    const { operation, node, x, context, measured, near } = setUp()
    const theory = particleMoments(operation.particles(node, [asParticles(x)], context))
    near(theory.mean, measured.mean, Math.sqrt(measured.square))
    near(theory.square, measured.square, measured.square)
    near(theory.cross, measured.cross, measured.square)
  })

  test('the mean square of a gradient that comes back', () => {
    const { operation, node, x, context, near, gradient, back } = setUp()
    const [theory] = operation.gradientMoments(node, gradient, [asMoments(x)], context)
    const size = meanSquare(back.values)
    for (const square of theory.square) near(square, size, size)
  })

  test('the same of sampled trajectories, going back', () => {
    const { operation, node, x, context, near, back } = setUp()
    const from = asParticles(x)
    const through = operation.particles(node, [from], context)
    const top = topParticles(through, 83).values
    const [theory] = operation.gradientParticles(node, top, [from], through, context)
    const size = meanSquare(back.values)
    near(meanSquare(theory), size, size)
  })
})
