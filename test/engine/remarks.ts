import type { Backend } from '../../main/trainer/backend'
import { createControl } from '../../main/trainer/engine/control'
import { measureSignal } from '../../main/trainer/engine/signal'
import { PRESETS } from '../../shared/block/presets'
import { Random } from '../../shared/numerics/random'
import type { Experiment } from '../../shared/settings/experiment'
import { defaultExperiment } from '../../shared/settings/table'
import type { SeriesResult } from '../../shared/signal/results'
import { PERCENTILE_95, type Spread } from '../../shared/theory/spreads'
import type { Quantity } from '../../shared/theory/series'
import { randomBlock } from './random-blocks'

/**
 * Networks of random blocks, remedies, depths, widths and batches, held against theory and what theory says of itself:
 * its remark and its law of single networks. The test tries some, `npm run remarks` some hundreds.
 */

/** Measured of each. */
const NETWORKS = 24

/** From 5th to 95th percentile of so many normal values, in standard deviations. */
const PERCENTILE_RANGE = 2.93

const REMEDIES = ['none', 'rsqrt2', 'batch-norm', 'layer-norm', 'rsqrt-depth']

/** Networks number `i` of a seed: every other one of a preset, the rest of a random block. */
export function drawnNetworks(i: number, seed: number): Experiment {
  const random = new Random(seed, 7, i)
  const one = <T>(of: readonly T[]) => of[Math.floor(random.uniform() * of.length)]
  return {
    ...defaultExperiment(),
    block: [i % 2 ? one(PRESETS) : randomBlock(seed + 1000 + i)],
    compare: [],
    remedies: [one(REMEDIES)],
    blocks: one([1, 2, 4, 8, 16, 32]),
    width: one([16, 32, 64, 128]),
    batch: one([4, 8, 16, 32, 64, 128, 512]),
    replicas: NETWORKS,
    seed: seed + i,
  }
}

/** A measured mean that is not theory's. */
interface Deviation {
  quantity: Quantity
  k: number
  mean: number
  /** Standard error of the mean. */
  error: number
  theory: number
}

export interface RemarkCheck {
  /** "12 original, batch-norm, L 32, N 16, B 64". */
  about: string
  /** Means of q, v, m and p that leave theory by more than 10 % and four standard errors, over k. */
  off: readonly Deviation[]
  /** What theory says of itself; null: nothing. */
  remark: string | null
  /** Whether theory knows the law of single networks. */
  isKnown: boolean
  /** What is measured of single networks, and is not as theory has it, in words. */
  wrong: readonly string[]
}

/** Measures networks number `i` of a seed, and holds them against their theory. */
export async function checkRemark(backend: Backend, i: number, seed: number): Promise<RemarkCheck> {
  const experiment = drawnNetworks(i, seed)
  const { blocks, width, batch } = experiment
  const [series] = (await measureSignal(backend, experiment, createControl(), () => {})).series
  return {
    about: `${i} ${series.block}, ${series.remedy}, L ${blocks}, N ${width}, B ${batch}`,
    off: deviations(series),
    remark: series.theory.remark,
    isKnown: series.theory.finiteWidth !== undefined,
    wrong: lawDeviations(series),
  }
}

function deviations({ theory, ...measured }: SeriesResult): Deviation[] {
  return (['q', 'v', 'm', 'p'] as const).flatMap((quantity) =>
    (theory[quantity] ?? []).flatMap((expected, k) => {
      const { mean, high, low } = measured[quantity]
      const error = errorOf({ high: high[k], low: low[k] })
      const apart = Math.abs(mean[k] - expected)
      // A tenth of a mean that is nothing: of what it is made of.
      const root = quantity === 'm' ? Math.sqrt(theory.q![k]) : 0
      const whole = Math.abs(expected) > root / 1000 ? Math.abs(expected) : root
      if (!(apart > 0.1 * whole && apart > 4 * error)) return []
      return [{ quantity, k, mean: mean[k], error, theory: expected }]
    }),
  )
}

/** Standard error of the mean of networks, from their percentiles. */
const errorOf = ({ high, low }: { high: number; low: number }) =>
  (high - low) / PERCENTILE_RANGE / Math.sqrt(NETWORKS)

/** What at the end of the signal is not as theory has it of single networks, in words. */
function lawDeviations({ theory, ...measured }: SeriesResult): string[] {
  const law = theory.finiteWidth
  if (!law) return []
  const end = theory.q!.length - 1
  const at = ({ high, low }: Spread, k: number) => ({ high: high[k], low: low[k] })
  const ofLogs = (['q', 'v', 'p'] as const).flatMap((quantity) => {
    const { median, logVariance, medianError } = law[quantity]
    const k = quantity === 'p' ? 0 : end
    const { high, low } = at(measured[quantity], k)
    const apart = Math.log(measured[quantity].median[k] / median[k])
    // The median of 24 normal values scatters by √(π/2)/√24 deviations.
    const error = Math.sqrt((logVariance[k] * Math.PI) / 2 / NETWORKS + medianError[k] ** 2)
    const [range, expected] = [Math.log(high / low), 2 * PERCENTILE_95 * Math.sqrt(logVariance[k])]
    return [
      ...(Math.abs(apart) > 4.5 * error + 0.02
        ? [`ln of ${quantity}_${k}’s median is ${apart} off, error ${error}`]
        : []),
      ...(Math.max(range, expected) > LEAST_RANGE && Math.abs(Math.log(range / expected)) > RANGE_FACTOR
        ? [`ln of ${quantity}_${k} ranges over ${range}, not ${expected}`]
        : []),
    ]
  })
  const { mean, meanError } = law.m
  const apart = measured.m.mean[end] - mean[end]
  const error = Math.hypot(errorOf(at(measured.m, end)), meanError[end])
  const isOff = Math.abs(apart) > 4.5 * error + 0.02 * Math.sqrt(theory.q![end])
  return [...ofLogs, ...(isOff ? [`m_${end} is ${apart} off, error ${error}`] : [])]
}

/** Ranges of 24 networks, and of those that theory draws, are known to a fifth each; where tails are heavy, worse. */
const RANGE_FACTOR = Math.log(2.5)

/** Of the logarithm, from 5th to 95th percentile: what is narrower is the difference of two scatters that are wider. */
const LEAST_RANGE = 0.4

const short = (value: number) => String(Number(value.toPrecision(3)))

/** "p_0: 44.1 ± 0.9, theory 37". */
export const deviationText = ({ quantity, k, mean, error, theory }: Deviation): string =>
  `${quantity}_${k}: ${short(mean)} ± ${short(error)}, theory ${short(theory)}`
