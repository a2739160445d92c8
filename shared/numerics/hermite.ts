import { NODES, WEIGHTS, panelPoints } from './gauss-legendre'

/**
 * A function of a Gaussian in Hermite polynomials: E[f(X) f(Y)] = Σ a_n(X) a_n(Y) c^n for jointly Gaussian X and Y of
 * correlation c, whatever their means and variances (Mehler 1866; Daniely et al. 2016 for networks).
 *
 * And of a coordinate of a vector in d dimensions that is of fixed length and in all directions alike, in Gegenbauer
 * polynomials: with C_n(c)/C_n(1) in place of c^n, for two coordinates whose axes have the cosine c (Funk and Hecke;
 * Müller 1966). Hermite's are those of d without end.
 */

/** Beyond this many deviations nothing is left of a Gaussian in float64. */
const REACH = 9
/** Narrow enough for polynomials of the highest order, which change sign every π/√n. */
const PANEL = 0.75
const MOST_TERMS = 192
/** What may be missing from a sum, as a share of √(E[f(X)²] E[f(Y)²]). */
const PRECISION = 1e-9
/**
 * Where float64 would overflow, the function is taken at this deviation: all of ours have reached their asymptotes long
 * before.
 */
const LARGEST = 1e150

/**
 * f of a Gaussian X = m + s z in normalised Hermite polynomials h_n of z, with coefficients a_n = E[f(X) h_n(z)] by
 * Gauss–Legendre quadrature. They are found as they are asked for, at most 192 of them; the rest of the sum is told
 * from how they decay.
 */
export class HermiteExpansion {
  /** E[f] and E[f²], both as multiples of `unit` and its square. */
  readonly mean: number
  readonly square: number
  /** So large that f/unit is of order one; may be infinite. */
  readonly unit: number
  private readonly coefficients: number[] = []
  /** E[f²] less the squares of the coefficients so far. */
  private readonly rest: number[] = []
  private readonly z: Float64Array
  private readonly weighted: Float64Array
  private readonly previous: Float64Array
  private readonly current: Float64Array
  private readonly steps: Steps

  /**
   * f of a Gaussian with this mean and standard deviation; f may change at the scale of 1 around 0, elsewhere only
   * slowly.
   * @param dimensions of the vector of fixed length whose coordinate it is, at least 3; Infinity: Gaussian
   */
  constructor(
    f: (x: number) => number,
    mean: number,
    deviation: number,
    private readonly dimensions = Infinity,
  ) {
    this.steps = recurrence(dimensions)
    const [m, s] = [clamp(mean), clamp(deviation)]
    const unit = Math.max(1, Math.abs(f(m + s)), Math.abs(f(m - s)))
    this.unit = (m !== mean || s !== deviation) && unit > 1 ? Infinity : unit
    const { z, weights } = quadrature(m, s, dimensions)
    this.z = z
    const values = z.map((x) => f(m + s * x) / unit)
    this.weighted = values.map((value, i) => value * weights[i])
    this.previous = new Float64Array(z.length)
    this.current = new Float64Array(z.length).fill(1)
    this.square = values.reduce((sum, value, i) => sum + value * this.weighted[i], 0)
    this.mean = this.coefficient(0)
  }

  /** a_n, and what is left of E[f²] after it. */
  private coefficient(n: number): number {
    while (this.coefficients.length <= n) {
      const order = this.coefficients.length
      let sum = 0
      for (let i = 0; i < this.z.length; i++) sum += this.weighted[i] * this.current[i]
      this.coefficients.push(sum)
      this.rest.push(Math.max(0, (order ? this.rest[order - 1] : this.square) - sum * sum))
      const [root, next] = [this.steps(order), 1 / this.steps(order + 1)]
      for (let i = 0; i < this.z.length; i++) {
        const h = (this.z[i] * this.current[i] - root * this.previous[i]) * next
        this.previous[i] = this.current[i]
        this.current[i] = h
      }
    }
    return this.coefficients[n]
  }

  /** E[f(X) f(Y)] over both units, for a correlation c of X and Y; both of as many dimensions. */
  with(other: HermiteExpansion, c: number): number {
    if (this === other && c >= 1) return this.square
    const enough = PRECISION * Math.sqrt(this.square * other.square)
    if (this.dimensions !== Infinity) return this.onSphere(other, c, enough)
    let [sum, power] = [0, 1]
    for (let n = 0; n < MOST_TERMS; n++, power *= c) {
      sum += this.coefficient(n) * other.coefficient(n) * power
      const rest = Math.sqrt(this.rest[n] * other.rest[n])
      if (rest * Math.abs(power * c) <= enough) return sum
    }
    return c > 0 ? sum + this.tail(other, c) : sum
  }

  /** As `with`, on a sphere: p_n(√d c)/p_n(√d) by the recurrence of the polynomials. */
  private onSphere(other: HermiteExpansion, c: number, enough: number): number {
    const far = Math.sqrt(this.dimensions)
    let sum = 0
    let [before, here] = [0, 1]
    let [beforeFar, hereFar] = [0, 1]
    for (let n = 0; n < MOST_TERMS; n++) {
      const ratio = here / hereFar
      sum += this.coefficient(n) * other.coefficient(n) * ratio
      if (Math.sqrt(this.rest[n] * other.rest[n]) * Math.max(Math.abs(ratio), Math.abs(c)) <= enough) break
      const [root, next] = [this.steps(n), 1 / this.steps(n + 1)]
      ;[before, here] = [here, (far * c * here - root * before) * next]
      ;[beforeFar, hereFar] = [hereFar, (far * hereFar - root * beforeFar) * next]
    }
    return sum
  }

  /**
   * The terms that were not computed: their sum at c = 1 is known, and their decay is a power of n, as behind every
   * kink.
   */
  private tail(other: HermiteExpansion, c: number): number {
    const rest = (n: number) => Math.sqrt(this.rest[n] * other.rest[n])
    const [half, all] = [rest(MOST_TERMS / 2 - 1), rest(MOST_TERMS - 1)]
    const exponent = Math.max(0.25, Math.log2(half / all))
    const loss = -Math.log(c) * MOST_TERMS
    let share = 0
    for (let i = 0; i < NODES.length; i++) {
      for (const at of [0.5 + NODES[i] / 2, 0.5 - NODES[i] / 2]) {
        share += (WEIGHTS[i] / 2) * Math.exp(-loss * at ** (-1 / exponent))
      }
    }
    return all * share
  }
}

const clamp = (x: number) => Math.min(LARGEST, Math.max(-LARGEST, x))

/** b_n of x p_n = b_(n+1) p_(n+1) + b_n p_(n-1), normalised polynomials of variance 1. */
type Steps = (n: number) => number

function recurrence(d: number): Steps {
  if (d === Infinity) return Math.sqrt
  return (n) => (n === 0 ? 0 : Math.sqrt((d * n * (n + d - 3)) / ((2 * n + d - 2) * (2 * n + d - 4))))
}

/** Nodes z and weights for a coordinate of variance 1, fine where mean + deviation z passes 0. */
function quadrature(
  mean: number,
  deviation: number,
  dimensions: number,
): { z: Float64Array; weights: Float64Array } {
  const reach = Math.min(REACH, Math.sqrt(dimensions))
  const edges = new Set<number>([-reach, reach])
  for (let edge = -REACH; edge <= REACH; edge += PANEL) edges.add(edge)
  const centre = deviation > 0 ? -mean / deviation : NaN
  if (Math.abs(centre) < REACH) {
    edges.add(centre)
    for (let step = 0.5 / deviation; step < PANEL; step *= 2) {
      edges.add(centre - step)
      edges.add(centre + step)
    }
  }
  const inside = [...edges].filter((edge) => Math.abs(edge) <= reach).sort((a, b) => a - b)
  const { points, weights } = panelPoints(inside)
  const exponent = (dimensions - 3) / 2
  const density = (z: number) =>
    dimensions === Infinity
      ? Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)
      : Math.exp(exponent * Math.log1p(-Math.min(1, (z * z) / dimensions)))
  const weighted = weights.map((weight, i) => weight * density(points[i]))
  const all = dimensions === Infinity ? 1 : weighted.reduce((sum, weight) => sum + weight, 0)
  return { z: Float64Array.from(points), weights: Float64Array.from(weighted, (weight) => weight / all) }
}
