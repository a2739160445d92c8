import type { GraphNode } from '../graph/block-graph'
import { gridDeviations, gridGradient, gridMoments, withGrid } from './grid-moments'
import { type GridMoments, NoTheory, kappa1, type Moments, type TheoryContext } from './moments'
import { HermiteExpansion } from '../numerics/hermite'
import type { TheoryReadings } from './readings'
import { kinkParticles, mapParticles } from './trajectories'

/** A function applied to every value. It may change at the scale of 1 around 0, elsewhere only slowly. */
export interface Activation {
  /** In sentences: "GELU". */
  title: string
  f(x: number): number
  df(x: number): number
  /** f and df where many values are wanted and six digits will do; absent: the same. */
  rough?: Pick<Activation, 'f' | 'df'>
  /**
   * For f(x) = x above 0 and this times x below: closed forms in place of series, which converge slowly behind a kink.
   */
  slope?: number
}

type Readings<N extends GraphNode> = Required<
  Pick<
    TheoryReadings<N>,
    'moments' | 'gradientMoments' | 'maskCorrelation' | 'leverage' | 'particles' | 'gradientParticles'
  >
>

/**
 * The theory of an activation: of Gaussian streams in closed form or as a Hermite series, of others on sampled
 * trajectories.
 */
export function activationTheory<N extends GraphNode>(of: (node: N) => Activation): Readings<N> {
  return {
    moments(node, [x], context) {
      const activation = of(node)
      if (x.grid) {
        checkGaussian(activation, x)
        return gridActivation(activation, x, x.grid)
      }
      const { kernel, mean } = isKinked(activation, x)
        ? kinkedMoments(activation, gaussians(activation, x))
        : seriesMoments(activation.f, gaussians(activation, x), dimensionsOf(x, context))
      const normalised = activation.slope === undefined ? 0 : x.normalised
      return { mean, kernel, gaussian: false, sources: x.sources, normalised }
    },
    gradientMoments(node, gradient, [x], context) {
      const activation = of(node)
      // Where the gradient depends on the activation, the units with large slopes need not carry their share of it.
      if (!gradient.uniform)
        throw new NoTheory(`${activation.title} of a gradient that depends on the activation`)
      if (x.grid && !isKinked(activation, x)) {
        const before = gridGradient(gradient, x.grid.square.length)
        const slopes = alongGrid(x, x.grid, (m, s) => secondMoment(expansion(activation.df, m, s)))
        return [
          withGrid(
            { ...gradient, uniform: false },
            slopes.map((slope, s) => slope * before[s]),
          ),
        ]
      }
      const { mean, deviation } = gaussians(activation, x)
      const square = gradient.square.map((g, a) => {
        if (isKinked(activation, x)) return (g * (1 + activation.slope ** 2)) / 2
        return g * secondMoment(expansion(activation.df, mean[a], deviation[a], dimensionsOf(x, context)))
      })
      return [{ square, uniform: false }]
    },
    maskCorrelation(node, x, context) {
      const activation = of(node)
      const { mean, deviation, correlation } = gaussians(activation, x)
      const c = correlation(0, 1)
      if (isKinked(activation, x)) {
        const { slope } = activation
        const [even, odd] = [(1 + slope) / 2, (1 - slope) / 2]
        return (even ** 2 + odd ** 2 * (2 / Math.PI) * Math.asin(c)) / (even ** 2 + odd ** 2)
      }
      const [first, second] = [0, 1].map((a) =>
        expansion(activation.df, mean[a], deviation[a], dimensionsOf(x, context)),
      )
      return first.with(second, c) / Math.sqrt(first.square * second.square)
    },
    leverage(node, x, context) {
      const activation = of(node)
      if (x.grid || isKinked(activation, x)) return null
      const { mean, deviation, correlation } = gaussians(activation, x)
      const [m, s] = [mean[0], deviation[0]]
      const dimensions = dimensionsOf(x, context)
      const slopes = expansion(activation.df, m, s, dimensions)
      const leaning = expansion(activation.df, m, s, dimensions, true)
      if (!(secondMoment(slopes) > 0 && leaning.unit < Infinity)) return null
      const ofSlopes = leaning.unit ** 2 / secondMoment(slopes)
      return { own: leaning.square * ofSlopes, pair: leaning.with(leaning, correlation(0, 1)) * ofSlopes }
    },
    particles(node, [x]) {
      const activation = of(node)
      const { rough = activation, slope } = activation
      return slope === undefined ? { ...mapParticles(x, rough.f), normalised: 0 } : kinkParticles(x, slope)
    },
    gradientParticles(node, gradient, [x]) {
      const { rough = of(node), slope } = of(node)
      const at = x.values
      const values = new Float64Array(gradient.length)
      if (slope === undefined)
        for (let i = 0; i < values.length; i++) values[i] = gradient[i] * rough.df(at[i])
      else for (let i = 0; i < values.length; i++) values[i] = at[i] > 0 ? gradient[i] : gradient[i] * slope
      return [values]
    },
  }
}

/**
 * Where positions differ: each has its own deviation; a pair of samples is taken at the typical one, and made right for
 * their scatter.
 */
function gridActivation(activation: Activation, x: Moments, grid: GridMoments): Moments {
  const rest = { gaussian: false, sources: x.sources }
  const { typical, correlation } = gridDeviations(x, grid)
  const between = typical ** 2 * correlation + x.mean[0] ** 2
  const pair: Moments = {
    ...x,
    kernel: Float64Array.of(typical ** 2 + x.mean[0] ** 2, between, between, typical ** 2 + x.mean[0] ** 2),
  }
  const atTypical = isKinked(activation, x)
    ? kinkedMoments(activation, gaussians(activation, pair))
    : seriesMoments(activation.f, gaussians(activation, pair))
  if (isKinked(activation, x)) {
    const { deviation } = gridDeviations(x, grid)
    const scale = (s: number) => deviation[s] / typical
    return gridMoments(
      {
        square: grid.square.map((_, s) => atTypical.kernel[0] * scale(s) ** 2),
        mean: grid.square.map((_, s) => atTypical.mean[0] * scale(s)),
        isShared: grid.isShared,
      },
      atTypical.kernel[1],
      rest,
    )
  }
  const series = (m: number, s: number) => expansion(activation.f, m, s)
  return gridMoments(
    {
      square: alongGrid(x, grid, (m, s) => secondMoment(series(m, s))),
      mean: alongGrid(x, grid, (m, s) => times(series(m, s).unit, series(m, s).mean)),
      isShared: grid.isShared,
    },
    atTypical.kernel[1],
    rest,
  )
}

const POINTS = 6

/** A smooth function of the deviation at every position, by interpolation between a few (Chebyshev's points). */
function alongGrid(
  x: Moments,
  grid: GridMoments,
  f: (mean: number, deviation: number) => number,
): Float64Array {
  const { deviation } = gridDeviations(x, grid)
  const [low, high] = [Math.min(...deviation), Math.max(...deviation)]
  const at = (i: number) => (low + high) / 2 + ((high - low) / 2) * Math.cos((Math.PI * (i + 0.5)) / POINTS)
  const points = Array.from({ length: POINTS }, (_, i) => at(i))
  const values = points.map((point) => f(x.mean[0], point))
  if (high - low <= 1e-9 * high) return deviation.map(() => values[0])
  return deviation.map((d) =>
    values.reduce((sum, value, i) => {
      const weight = points.reduce((w, p, j) => (j === i ? w : (w * (d - p)) / (points[i] - p)), 1)
      return sum + value * weight
    }, 0),
  )
}

interface Gaussians {
  mean: Float64Array
  deviation: Float64Array
  correlation(a: number, b: number): number
}

/** Beyond so many samples a batch norm's units are as good as Gaussian. */
const MOST_DIMENSIONS = 4096

/**
 * Behind a batch norm, a unit's values over the batch are a vector of fixed length in B - 1 dimensions, in all
 * directions alike; else they are taken as Gaussian.
 */
function dimensionsOf({ normalised = 0 }: Moments, { batch, exchangeable }: TheoryContext): number {
  return exchangeable && normalised > 1 - 1e-9 && batch <= MOST_DIMENSIONS ? batch - 1 : Infinity
}

/** @throws NoTheory */
function checkGaussian({ title }: Activation, x: Moments): void {
  if (!x.gaussian) throw new NoTheory(`${title} of a stream that is not Gaussian`)
}

/** @throws NoTheory */
function gaussians(activation: Activation, x: Moments): Gaussians {
  checkGaussian(activation, x)
  const size = x.mean.length
  const deviation = x.mean.map((mean, a) => Math.sqrt(Math.max(0, x.kernel[a * size + a] - mean * mean)))
  return {
    mean: x.mean,
    deviation,
    correlation(a, b) {
      if (a === b) return 1
      const c = (x.kernel[a * size + b] - x.mean[a] * x.mean[b]) / deviation[a] / deviation[b]
      // Beyond float64, samples of a network that grows have become alike.
      return Number.isNaN(c) ? (deviation[a] === Infinity ? 1 : 0) : Math.min(1, Math.max(-1, c))
    },
  }
}

/** Whether the closed forms hold: a kink at 0 and a centred Gaussian. */
function isKinked(activation: Activation, x: Moments): activation is Activation & { slope: number } {
  return activation.slope !== undefined && x.mean.every((mean) => mean === 0)
}

/** f = (1 + a)/2 x + (1 - a)/2 |x| for slope a below 0: Cho and Saul 2009 and E[|x||y|]. */
function kinkedMoments({ slope }: Activation & { slope: number }, { deviation, correlation }: Gaussians) {
  const [linear, bent] = [(1 + slope) / 2, (1 - slope) / 2]
  const kernel = pairs(deviation.length, (a, b) => {
    const c = correlation(a, b)
    return times(deviation[a] * deviation[b], linear ** 2 * c + bent ** 2 * (2 * kappa1(c) - c))
  })
  return { mean: deviation.map((s) => bent * s * Math.sqrt(2 / Math.PI)), kernel }
}

function seriesMoments(
  f: Activation['f'],
  { mean, deviation, correlation }: Gaussians,
  dimensions = Infinity,
) {
  const series = Array.from(mean, (m, a) => expansion(f, m, deviation[a], dimensions))
  const kernel = pairs(mean.length, (a, b) => {
    const [x, y] = [series[a], series[b]]
    return times(x.unit * y.unit, x.with(y, correlation(a, b)))
  })
  return { mean: Float64Array.from(series, (x) => times(x.unit, x.mean)), kernel }
}

/** A symmetric matrix from its entries. */
function pairs(size: number, entry: (a: number, b: number) => number): Float64Array {
  const matrix = new Float64Array(size * size)
  for (let a = 0; a < size; a++) {
    for (let b = 0; b <= a; b++) matrix[a * size + b] = matrix[b * size + a] = entry(a, b)
  }
  return matrix
}

/** A share of a size that may be infinite; none of it is nothing. */
const times = (size: number, share: number) => (share === 0 ? 0 : size * share)

const secondMoment = (series: HermiteExpansion) => times(series.unit ** 2, series.square)

/**
 * Expansions are wanted again: forward and backward, for every sample of the pair, and in the next block where the
 * stream is stable.
 */
const known = new WeakMap<(x: number) => number, Map<string, HermiteExpansion>>()
const MOST_KNOWN = 1024

/** Of f(x), x = mean + deviation z. @param isTimesZ of z f(x) in its place */
function expansion(
  f: (x: number) => number,
  mean: number,
  deviation: number,
  dimensions = Infinity,
  isTimesZ = false,
): HermiteExpansion {
  const ofFunction = known.get(f) ?? new Map<string, HermiteExpansion>()
  known.set(f, ofFunction)
  const key = `${mean}/${deviation}/${dimensions}/${isTimesZ}`
  const before = ofFunction.get(key)
  if (before) return before
  if (ofFunction.size >= MOST_KNOWN) ofFunction.clear()
  const expanded = isTimesZ ? (x: number) => ((x - mean) / deviation) * f(x) : f
  const made = new HermiteExpansion(expanded, mean, deviation, dimensions)
  ofFunction.set(key, made)
  return made
}
