import type { Matrix } from '../numerics/matrix'
import type { BlockJacobian } from './jacobians'
import type { Random } from '../numerics/random'

/** A mean over a sample, with its standard error. */
export interface Estimate {
  mean: number
  error: number
}

type Split = Pick<BlockJacobian, 'skip' | 'branch'>

/**
 * A path of that length, drawn evenly from all: the blocks whose branch it takes, from 1. Each block is taken with the
 * probability that leaves every choice of the rest equally likely.
 */
export function drawPath(blocks: number, length: number, random: Random): number[] {
  const through: number[] = []
  for (let block = 1; block <= blocks; block++) {
    const [wanted, left] = [length - through.length, blocks - block + 1]
    if (random.uniform() * left < wanted) through.push(block)
  }
  return through
}

/**
 * The mean squared Frobenius norm of the terms of one length, from `count` random paths: for each, ‖T z‖² in a random
 * direction z of length √n. Its expectation is ‖T‖², and for the identity it is that exactly.
 */
export function sampleLength(
  blocks: readonly Split[],
  length: number,
  count: number,
  random: Random,
): Estimate {
  const { n } = blocks[0].branch
  const squares = Array.from({ length: count }, () => {
    const through = drawPath(blocks.length, length, random)
    let [z, spare]: Float64Array[] = [direction(n, random), new Float64Array(n)]
    let next = 0
    for (let k = 0; k < blocks.length; k++) {
      const isTaken = through[next] === k + 1
      if (isTaken) next++
      const factor = isTaken ? blocks[k].branch : blocks[k].skip!
      if (factor.form === 'identity') continue
      apply(factor, z, spare)
      ;[z, spare] = [spare, z]
    }
    return squareOf(z)
  })
  return estimate(squares)
}

/** Mean and standard error of independent values. */
export function estimate(values: readonly number[]): Estimate {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length
  const square = values.reduce((sum, x) => sum + (x - mean) ** 2, 0)
  return { mean, error: Math.sqrt(square / (values.length - 1) / values.length) }
}

/** The mean of independent estimates: their errors add in squares. */
export function meanEstimate(estimates: readonly Estimate[]): Estimate {
  const n = estimates.length
  const sum = estimates.reduce((total, { mean }) => total + mean, 0)
  return { mean: sum / n, error: Math.hypot(...estimates.map(({ error }) => error)) / n }
}

/**
 * The share of each of several independent estimates in their sum, each first multiplied by its weight; standard errors
 * to first order.
 * @param logWeights natural logarithms: counts of paths have hundreds of digits
 */
export function shareEstimates(estimates: readonly Estimate[], logWeights: readonly number[]): Estimate[] {
  const logs = estimates.map(({ mean }, i) => Math.log(mean) + logWeights[i])
  const top = Math.max(...logs)
  const sizes = logs.map((log) => (log === -Infinity ? 0 : Math.exp(log - top)))
  const sum = sizes.reduce((total, size) => total + size, 0)
  const shares = sizes.map((size) => size / sum)
  const errors = estimates.map(({ mean, error }, i) => (mean > 0 ? (shares[i] * error) / mean : 0))
  const square = errors.reduce((total, error) => total + error ** 2, 0)
  return shares.map((share, i) => {
    const own = errors[i] ** 2
    return {
      mean: share,
      error: Math.sqrt((1 - share) ** 2 * own + share ** 2 * Math.max(0, square - own)),
    }
  })
}

/** Multiplications that a sample may take, all networks together: a second or two. */
const SAMPLE_WORK = 5e8
const MOST_SAMPLES = 400
/** All networks together have at least so many, and each two: there is no standard error without. */
const FEWEST_SAMPLES = 40

/** How many paths of each length are drawn in each network. */
export function samplesPerLength(blocks: number, width: number, replicas: number): number {
  const each = ((blocks * (blocks + 1)) / 2) * width ** 2 * replicas
  const fewest = Math.max(2, Math.ceil(FEWEST_SAMPLES / replicas))
  return Math.min(MOST_SAMPLES, Math.max(fewest, Math.floor(SAMPLE_WORK / each)))
}

/** Evenly on the sphere of radius √n. */
function direction(n: number, random: Random): Float64Array {
  const z = new Float64Array(n)
  random.fillNormal(z, 1)
  const scale = Math.sqrt(n / squareOf(z))
  return z.map((x) => x * scale)
}

function squareOf(z: Float64Array): number {
  let sum = 0
  for (const x of z) sum += x * x
  return sum
}

/** into = factor z */
function apply({ n, values, form }: Matrix, z: Float64Array, into: Float64Array): void {
  for (let i = 0; i < n; i++) {
    const row = i * n
    let sum = 0
    if (form === 'diagonal') sum = values[row + i] * z[i]
    else for (let j = 0; j < n; j++) sum += values[row + j] * z[j]
    into[i] = sum
  }
}
