/**
 * Shattered gradients (Balduzzi et al. 2017): networks of one input, y(x), along a line. What is asked for, the
 * autocorrelation of dy/dx, the noises it is held against, and theory's gradient correlation. Definitions:
 * docs/command-line.md.
 */
import type { Band } from './results'
import type { ShatterSettings } from '../settings/shatter'
import { autocorrelation } from '../numerics/autocorrelation'
import type { Experiment } from '../settings/experiment'
import type { BlockGraph } from '../graph/block-graph'
import { NoTheory } from '../moments/moments'
import { planNetwork } from '../network/plan'
import { Random } from '../numerics/random'
import { STREAM } from '../numerics/random-streams'
import { percentile } from '../numerics/statistics'
import { gradientCorrelation } from '../theory/gradient-correlation'
import { normalInput } from '../theory/input'

/** A one-input network brings its own input and stem, and has one stage, whatever the experiment says. */
export function shatterExperiment(experiment: Experiment): Experiment {
  const { network: _, ...rest } = experiment
  return { ...rest, input: 'normal', stem: 'linear' }
}

/**
 * How the gradients of networks that learn are measured at evaluations: the line between two test samples, and the test
 * samples whose gradients are correlated, at most.
 */
export const SHATTERING = { points: 64, lags: 32, samples: 64 } as const

export const lastLag = ({ points, lags }: ShatterSettings) => lags ?? Math.floor(points / 2)

/** Lags that tables show. */
export const tableLags = (settings: ShatterSettings) => [1, 4, 16].filter((lag) => lag <= lastLag(settings))

/** The line's points. */
export function gridOf({ points, range: [from, to] }: ShatterSettings): Float64Array {
  return Float64Array.from({ length: points }, (_, i) => from + ((to - from) * i) / (points - 1))
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

/** One of the draws of white noise: independent standard normal values. */
export function whiteNoise(points: number, seed: number, draw: number): Float64Array {
  const values = new Float64Array(points)
  new Random(seed, STREAM.whiteNoise, draw).fillNormal(values, 1)
  return values
}

/** The autocorrelation of 200 draws of white noise, and of brown noise (its running sums). */
export function noiseReferences(settings: ShatterSettings, seed: number): { white: Band; brown: Band } {
  const last = lastLag(settings)
  const draws = Array.from({ length: NOISE_DRAWS }, (_, draw) => {
    const white = whiteNoise(settings.points, seed, draw)
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
    // The line goes through blocks of one width, whatever stages the network has.
    const plan = planNetwork(
      { graph, remedy: 'none' },
      { ...experiment, input: 'normal', network: undefined },
    )
    return { theory: gradientCorrelation(plan, experiment, normalInput('none')), theoryNote: null }
  } catch (error) {
    if (!(error instanceof NoTheory)) throw error
    return { theory: null, theoryNote: `No theory: ${error.message}.` }
  }
}
