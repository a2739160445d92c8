import { array3, float64, type Array3 } from '../numerics/float64'
import type { Random } from '../numerics/random'
import type { TensorMath } from '../numerics/tensor-math'

/**
 * A layer's weights that nobody draws, [1, in, out] independent normals of one deviation. The products of S samples
 * with them have a known law, which costs S² (in + out) in place of S · in · out: forward, every output unit is a
 * Gaussian vector over the samples with covariance deviation² X X'; backward, given what forward has found, U = X W
 * fixes W in the span of the samples, and outside it is as it was drawn:
 *
 *     G W' = (G U') (X X')⁺ X + G W̃' (1 - X' (X X')⁺ X),   G W̃' Gaussian with covariance deviation² G G'.
 *
 * Exact for a layer that is used once, for any width. Matthews et al. 2018 (1804.11271), section 2, has the forward
 * law; the backward one is linear conditioning of the same Gaussian.
 */
export class ImpliedWeight implements Array3 {
  readonly shape: Array3['shape']
  readonly values = new Float64Array(0)
  private seen: { x: Array3; root: Root; products: Array3 } | null = null
  /** Drawn after all, where samples are so many that this is less work. */
  private weights: Array3 | null = null

  constructor(
    private readonly outputs: number,
    private readonly inputs: number,
    private readonly deviation: number,
    private readonly random: Random,
  ) {
    this.shape = [1, inputs, outputs]
  }

  /** X W, [1, S, out], of samples X, [1, S, in]. */
  forward(x: Array3): Array3 {
    const samples = x.shape[1]
    if (layerWork(samples, this.inputs, this.outputs).isDrawn) {
      this.weights = array3(this.shape)
      this.random.fillNormal(this.weights.values, this.deviation)
      return float64.matMul(x, this.weights)
    }
    const root = rootOf(gram(x, x), samples)
    const products = this.draw(root, this.outputs)
    this.seen = { x, root, products }
    return products
  }

  /** G W', [1, S, in], of gradients G, [1, S, out], at what `forward` gave. */
  backward(gradient: Array3): Array3 {
    if (this.weights) return float64.matMul(gradient, this.weights, false, true)
    if (!this.seen) throw new Error('The weights have not been met on the way up')
    const { x, root, products } = this.seen
    const samples = x.shape[1]
    const fresh = this.draw(rootOf(gram(gradient, gradient), samples), x.shape[2])
    const [known, drawn] = [gram(gradient, products), gram(fresh, x)]
    const inSpan = known.map((value, at) => value - drawn[at])
    for (let g = 0; g < samples; g++) solve(root, inSpan.subarray(g * samples, (g + 1) * samples))
    for (let g = 0; g < samples; g++)
      for (let s = 0; s < samples; s++) addRow(fresh, g, x, s, inSpan[g * samples + s])
    return fresh
  }

  /** [1, S, units]: of each unit a Gaussian vector with covariance deviation² L L'. */
  private draw({ lower, samples }: Root, units: number): Array3 {
    const drawn = array3([1, samples, units])
    this.random.fillNormal(drawn.values, this.deviation)
    // In place, from the last sample on: each takes of those before it, which are as they were drawn until then.
    for (let s = samples - 1; s >= 0; s--) {
      for (let at = s * units; at < (s + 1) * units; at++) drawn.values[at] *= lower[s * samples + s]
      for (let before = 0; before < s; before++) addRow(drawn, s, drawn, before, lower[s * samples + before])
    }
    return drawn
  }
}

/**
 * Multiplications for S samples through a layer, both ways, and whether they are fewer with weights that are drawn:
 * 2 S · in · out, in place of products of samples with each other and with units.
 */
export function layerWork(samples: number, inputs: number, outputs: number) {
  const implied = 3.5 * samples ** 2 * (inputs + outputs) + samples ** 3
  const drawn = drawnWork(samples, inputs, outputs)
  return { work: Math.min(implied, drawn), isDrawn: drawn < implied }
}

/** Multiplications with weights that are drawn. */
export const drawnWork = (samples: number, inputs: number, outputs: number) =>
  (2 * samples + DRAW) * inputs * outputs

/** What drawing a normal takes, in multiplications. */
const DRAW = 20

/** `float64`, in which products with implied weights follow their law. Gradients of weights are not asked for. */
export const impliedMath: TensorMath<Array3> = {
  ...float64,
  matMul(a, b, transposeA = false, transposeB = false) {
    if (b instanceof ImpliedWeight) return transposeB ? b.backward(a) : b.forward(a)
    // In a block, samples are transposed for the gradient of weights alone, which nobody wants here.
    return transposeA ? array3([1, 1, 1]) : float64.matMul(a, b, transposeA, transposeB)
  },
}

/** Adds a multiple of one sample's row to another's, of as many units. */
function addRow(to: Array3, row: number, from: Array3, other: number, factor: number): void {
  const [units, target, source] = [to.shape[2], to.values, from.values]
  const [start, end] = [row * units, (row + 1) * units]
  for (let at = start, u = other * units; at < end; at++, u++) target[at] += factor * source[u]
}

/** Products of the rows of two arrays of one replica, [S × S]. */
function gram(a: Array3, b: Array3): Float64Array {
  const [, samples, units] = a.shape
  const [left, right, products] = [a.values, b.values, new Float64Array(samples * samples)]
  for (let i = 0; i < samples; i++) {
    for (let j = 0; j < (a === b ? i + 1 : samples); j++) {
      let sum = 0
      for (let u = 0; u < units; u++) sum += left[i * units + u] * right[j * units + u]
      products[i * samples + j] = sum
      if (a === b) products[j * samples + i] = sum
    }
  }
  return products
}

/** L with L L' the matrix; rows that depend on those before them have 0 on the diagonal. */
interface Root {
  lower: Float64Array
  samples: number
}

/** What of a sample is left beside the others, relative: below it is rounding. */
const DEPENDENT = 1e-12

/** Cholesky's decomposition of a positive semi-definite matrix. */
function rootOf(matrix: Float64Array, samples: number): Root {
  const lower = new Float64Array(samples * samples)
  for (let i = 0; i < samples; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i * samples + j]
      for (let k = 0; k < j; k++) rest -= lower[i * samples + k] * lower[j * samples + k]
      if (i === j) lower[i * samples + i] = rest > DEPENDENT * matrix[i * samples + i] ? Math.sqrt(rest) : 0
      else lower[i * samples + j] = lower[j * samples + j] > 0 ? rest / lower[j * samples + j] : 0
    }
  }
  return { lower, samples }
}

/** (L L')⁺ y in place, over the samples that do not depend on others; 0 at these. */
function solve({ lower, samples }: Root, y: Float64Array): void {
  for (let i = 0; i < samples; i++) {
    const pivot = lower[i * samples + i]
    for (let k = 0; k < i; k++) y[i] -= lower[i * samples + k] * y[k]
    y[i] = pivot > 0 ? y[i] / pivot : 0
  }
  for (let i = samples - 1; i >= 0; i--) {
    const pivot = lower[i * samples + i]
    for (let k = i + 1; k < samples; k++) y[i] -= lower[k * samples + i] * y[k]
    y[i] = pivot > 0 ? y[i] / pivot : 0
  }
}
