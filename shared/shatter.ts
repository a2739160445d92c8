/**
 * Shattered gradients (Balduzzi et al. 2017): networks of one input, y(x), along a line. What is asked for, the autocorrelation of dy/dx, the
 * noises it is held against, and theory's gradient correlation. Definitions: docs/command-line.md.
 */
import { InputError } from './errors'
import type { Experiment } from './experiment'
import type { BlockGraph } from './graph'
import { NoTheory } from './moments'
import { Random } from './random'
import { percentile } from './statistics'
import { gradientCorrelation, normalInput } from './theory'

export interface ShatterSettings {
  /** Number of points on the line, at equal distances, both ends included. */
  points: number
  range: [from: number, to: number]
  /** Whether the mean over the line is subtracted from every ReLU's input, per unit. */
  center: 'on' | 'off'
  /** The largest lag of the autocorrelation; null: half the points. */
  lags: number | null
}

export const MOST_POINTS = 65_536
const FEWEST_POINTS = 8

export function defaultShatter(): ShatterSettings {
  return { points: 256, range: [-2, 2], center: 'off', lags: null }
}

/** Names of the settings in error messages: paths in a document, or options of the command line. */
const OPTIONS: Record<keyof ShatterSettings, string> = {
  points: '--points',
  range: '--range',
  center: '--center',
  lags: '--lags',
}

/** The settings as they stand in an experiment's document. @throws InputError */
export function parseShatterSection(value: unknown, where: string): ShatterSettings {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InputError(
      where,
      'these are not settings of shatter (a JSON object)',
      'Remove them for the defaults.',
    )
  }
  return parseShatter(value as Record<string, unknown>)
}

/** Any values to valid settings; absent ones take their defaults. @throws InputError */
export function parseShatter(value: Record<string, unknown>): ShatterSettings {
  const { points, range, center, lags } = { ...defaultShatter(), ...value }
  const whole = (x: unknown, least: number, most: number, where: string): number => {
    if (typeof x === 'number' && Number.isInteger(x) && x >= least && x <= most) return x
    const what = typeof x === 'number' && Number.isInteger(x) ? 'is out of range' : 'is not a whole number'
    throw new InputError(where, `${show(x)} ${what}`, `Give a whole number from ${least} to ${most}.`)
  }
  whole(points, FEWEST_POINTS, MOST_POINTS, OPTIONS.points)
  const isRange =
    Array.isArray(range) &&
    range.length === 2 &&
    range.every((x) => typeof x === 'number' && Number.isFinite(x))
  if (!isRange) {
    throw new InputError(
      OPTIONS.range,
      `${show(range)} is not a range`,
      'Give two numbers with a comma between them, for example -2,2.',
    )
  }
  const [from, to] = range as [number, number]
  if (!(Math.fround(from + (to - from) / ((points as number) - 1)) > Math.fround(from))) {
    throw new InputError(
      OPTIONS.range,
      `${from},${to} does not go from a smaller number to a larger one`,
      `Give two numbers with room for ${points} different points, for example -2,2.`,
    )
  }
  if (center !== 'on' && center !== 'off') {
    throw new InputError(OPTIONS.center, `${show(center)} is not a choice`, 'Give on or off.')
  }
  if (lags !== null) {
    whole(lags, 1, MOST_POINTS, OPTIONS.lags)
    if ((lags as number) >= (points as number)) {
      throw new InputError(
        OPTIONS.lags,
        `a lag of ${lags} points needs more than ${points} points`,
        `Give more points, or a lag below ${points}.`,
      )
    }
  }
  return { points: points as number, range: [from, to], center, lags: lags as number | null }
}

const show = (value: unknown) => (JSON.stringify(value) ?? String(value)).slice(0, 60)

/** A one-input network brings its own input and stem, whatever the experiment says. */
export function shatterExperiment(experiment: Experiment): Experiment {
  return { ...experiment, input: 'normal', stem: 'linear' }
}

export const lastLag = ({ points, lags }: ShatterSettings) => lags ?? Math.floor(points / 2)

/** The line's points. */
export function gridOf({ points, range: [from, to] }: ShatterSettings): Float64Array {
  return Float64Array.from({ length: points }, (_, i) => from + ((to - from) * i) / (points - 1))
}

/** Where deviations are this much smaller than the values, they are float32's rounding and not a signal. */
const CONSTANT = 1e-5

/**
 * Σ_i d_i d_{i+lag} / Σ_i d_i², d the values less their mean, for lags 0..last: the sum has fewer terms at larger lags and is not scaled up
 * for that. NaN where the values are not finite or all alike.
 */
export function autocorrelation(values: ArrayLike<number>, last: number): Float64Array {
  const n = values.length
  let [mean, largest] = [0, 0]
  for (let i = 0; i < n; i++) {
    mean += values[i] / n
    largest = Math.max(largest, Math.abs(values[i]))
  }
  // Scaled, so that squares stay in range.
  const deviations = Float64Array.from(values, (value) => (largest > 0 ? (value - mean) / largest : 0))
  const at = (lag: number) => {
    let sum = 0
    for (let i = 0; i + lag < n; i++) sum += deviations[i] * deviations[i + lag]
    return sum
  }
  const variance = at(0)
  const defined = variance > n * CONSTANT ** 2
  return Float64Array.from({ length: last + 1 }, (_, lag) => (defined ? at(lag) / variance : NaN))
}

/** Over networks, one entry per lag: mean, 5th and 95th percentile. */
export interface Band {
  mean: number[]
  low: number[]
  high: number[]
}

export function bandOf(curves: readonly Float64Array[]): Band {
  const band: Band = { mean: [], low: [], high: [] }
  for (let lag = 0; lag < curves[0].length; lag++) {
    const values = Float64Array.from(curves, (curve) => curve[lag]).sort()
    const known = !values.some(Number.isNaN)
    band.mean.push(values.reduce((sum, x) => sum + x, 0) / values.length)
    band.low.push(known ? percentile(values, 0.05) : NaN)
    band.high.push(known ? percentile(values, 0.95) : NaN)
  }
  return band
}

const NOISE_DRAWS = 200

/** The autocorrelation of 200 draws of white noise (independent normal values) and of brown noise (their running sums). */
export function noiseReferences(settings: ShatterSettings, seed: number): { white: Band; brown: Band } {
  const last = lastLag(settings)
  const draws = Array.from({ length: NOISE_DRAWS }, (_, draw) => {
    const white = new Float64Array(settings.points)
    new Random(seed, 88, draw).fillNormal(white, 1)
    let sum = 0
    const brown = white.map((step) => (sum += step))
    return { white: autocorrelation(white, last), brown: autocorrelation(brown, last) }
  })
  return { white: bandOf(draws.map(({ white }) => white)), brown: bandOf(draws.map(({ brown }) => brown)) }
}

/**
 * The gradient correlation in the limit of infinite width and batch, or null and why there is none.
 * @param graph the block as it is measured (remedy and centring applied)
 */
export function correlationTheory(
  graph: BlockGraph,
  experiment: Experiment,
): { theory: number | null; theoryNote: string | null } {
  try {
    return { theory: gradientCorrelation(graph, experiment, normalInput('none')), theoryNote: null }
  } catch (error) {
    if (!(error instanceof NoTheory)) throw error
    return { theory: null, theoryNote: `No theory: ${error.message}.` }
  }
}
