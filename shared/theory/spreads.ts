import { meanOf } from '../moments/moments'

/** What one network of the given width shows, in place of the limit: over networks, for k = 0..L. */
export interface Spread {
  median: number[]
  /** 5th and 95th percentile, as of what is measured. */
  low: number[]
  high: number[]
  /** Of networks without end: in deep narrow ones, few of them carry it. */
  mean: number[]
}

/** Of what is log-normal over networks (Hanin and Nica 2020, 1812.05994, of products of matrices). */
export interface LogSpread extends Spread {
  /** Variance of the logarithm. */
  logVariance: number[]
  /** Standard error of the median’s logarithm, for so few networks and samples were drawn. */
  medianError: number[]
}

/** Of what may have either sign: log-normal where all networks have the same one, else normal. */
export interface SignedSpread extends Spread {
  /** Standard error of the mean. */
  meanError: number[]
}

interface Normal {
  mean: number
  variance: number
  /** Standard error of `mean`. */
  error: number
}

/**
 * Mean and variance over networks of the logarithm of a batch's mean.
 * @param values of each network, one per sample that was followed
 * @param lost 1 where they are squared distances from the batch's mean, else 0
 */
export function logNormal(values: Float64Array[], batch: number, lost = 0): Normal {
  const means = values.map(meanOf)
  const logs = normal(means.map(Math.log))
  // Of what is nothing in every network, or too large for a number.
  if (!Number.isFinite(logs.mean)) return { mean: logs.mean, variance: 0, error: 0 }
  const { more, least } = scatterLeft(values, means, batch, { lost, unit: (mean) => mean })
  return { ...logs, mean: logs.mean + more / 2, variance: Math.max(least, logs.variance - more) }
}

/**
 * Variance between samples, of which a batch's mean has 1/B and the mean of those S that are followed 1/S: what these
 * have more. Squared distances from the batch's mean, of Gaussian samples, are as many independent ones less one, and
 * each pair of them shares 1/(S - 1)² of the variance. Samples of one network are independent but for what the network
 * has in common, which makes them alike: a batch's mean scatters by no less than that of independent ones (`least`).
 * @param lost as of `logNormal`
 * @param unit that a network's values are counted in, from their mean
 */
function scatterLeft(
  values: Float64Array[],
  means: readonly number[],
  batch: number,
  { lost, unit }: { lost: number; unit: (mean: number) => number },
): { more: number; least: number } {
  const samples = values[0].length
  if (samples === batch) return { more: 0, least: 0 }
  const scatter = scatterWithin(values, means, unit) / (1 - (lost / (samples - 1)) ** 2)
  const least = scatter / (batch - lost)
  return { more: scatter / (samples - lost) - least, least }
}

/** Variance between the samples of a network, its mean over networks. @param unit as of `scatterLeft` */
function scatterWithin(values: Float64Array[], means: readonly number[], unit: (mean: number) => number) {
  const within = Float64Array.from(values, (of, network) =>
    of.reduce((sum, x) => sum + ((x - means[network]) / unit(means[network])) ** 2, 0),
  )
  return meanOf(within) / (values[0].length - 1)
}

/**
 * Relative variance of the mean of so many samples, as they show it themselves: 1 where one of them is all of the mean,
 * as of tails so heavy that few samples say nothing of more.
 * @param values as of `logNormal`
 */
export const scatterOfMean = (values: Float64Array[]): number =>
  scatterWithin(values, values.map(meanOf), (mean) => mean) / values[0].length

function normal(values: readonly number[]): Normal {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1)
  return { mean, variance, error: Math.sqrt(variance / values.length) }
}

/** 5th to 95th percentile of a normal, in standard deviations. */
export const PERCENTILE_95 = 1.6449

const places = <T>(laws: readonly T[], of: (law: T) => number) => laws.map(of)

const at = ({ mean, variance }: Normal, deviations: number) => mean + deviations * Math.sqrt(variance)

export function logSpread(laws: readonly Normal[]): LogSpread {
  return {
    median: places(laws, ({ mean }) => Math.exp(mean)),
    low: places(laws, (law) => Math.exp(at(law, -PERCENTILE_95))),
    high: places(laws, (law) => Math.exp(at(law, PERCENTILE_95))),
    mean: places(laws, ({ mean, variance }) => Math.exp(mean + variance / 2)),
    logVariance: places(laws, ({ variance }) => variance),
    medianError: places(laws, ({ error }) => error),
  }
}

/** A spread at one place. */
type Signed = Record<keyof SignedSpread, number>

/** @param values as of `logNormal` */
export function signed(values: Float64Array[], batch: number): Signed {
  const means = values.map(meanOf)
  const sign = Math.sign(means[0])
  if (sign !== 0 && means.every((mean) => Math.sign(mean) === sign)) {
    const law = logNormal(
      values.map((of) => of.map((x) => sign * x)),
      batch,
    )
    const mean = sign * Math.exp(law.mean + law.variance / 2)
    const [low, high] = [-sign, sign].map((side) => sign * Math.exp(at(law, side * PERCENTILE_95)))
    return { median: sign * Math.exp(law.mean), low, high, mean, meanError: Math.abs(mean) * law.error }
  }
  const all = normal(means)
  const { more, least } = scatterLeft(values, means, batch, { lost: 0, unit: () => 1 })
  const law = { ...all, variance: Math.max(least, all.variance - more) }
  const [low, high] = [at(law, -PERCENTILE_95), at(law, PERCENTILE_95)]
  return { median: law.mean, low, high, mean: law.mean, meanError: law.error }
}

export const signedSpread = (laws: readonly Signed[]): SignedSpread => ({
  median: places(laws, ({ median }) => median),
  low: places(laws, ({ low }) => low),
  high: places(laws, ({ high }) => high),
  mean: places(laws, ({ mean }) => mean),
  meanError: places(laws, ({ meanError }) => meanError),
})
