import type { PlannedBlock } from '../../../shared/network/plan'
import { seriesTitle } from '../../../shared/network/series-names'
import type { Backend } from '../backend'
import { findBackwardNonFinite, findForwardNonFinite } from './first-non-finite'
import type { Progress } from './progress'
import type { SignalPart } from './signal-part'
import type { SignalRecord } from './signal-record'
import { compiledSteps, SignalSteps } from './signal-steps'
import type { Tensor } from './tensor'
import { takeValues } from './tensor-values'

/** One of the series that are measured together. */
export interface Measured {
  plan: readonly PlannedBlock[]
  record: SignalRecord
}

export interface SignalRun {
  backend: Backend
  /** Before each depth: waits while the job is paused. @throws Stopped */
  turn: () => Promise<void>
  progress: Progress
  /** Their blocks change at the same depths. */
  series: readonly Measured[]
  /** Of the experiment. */
  replicas: number
}

/** How far some replicas of one series are: h_0..h_k, and for each k and replica whether all activations are finite. */
interface Way {
  states: Tensor[]
  finite: boolean[][]
}

/** Measures some replicas of all series, forward and backward, depth by depth. */
export async function measurePart(run: SignalRun, part: SignalPart): Promise<void> {
  const ways = run.series.map((): Way => ({ states: [part.input], finite: [] }))
  try {
    await forwardPass(run, part, ways)
    await backwardPass(run, part, ways)
  } finally {
    ways.forEach(({ states }) => states.slice(1).forEach((state) => state.dispose()))
    part.weights.releaseTransient()
  }
}

/** The steps of the blocks at depth k. What a network has once is not worth compiling. */
function stepsAt({ backend, series }: SignalRun, { experiment }: SignalPart, k: number): SignalSteps {
  const blocks = series.map(({ plan }) => plan[k - 1])
  const [{ plan }] = series
  const isSingle = plan.indexOf(blocks[0]) === plan.lastIndexOf(blocks[0])
  if (isSingle) return new SignalSteps(backend, blocks, experiment.batch, false)
  return compiledSteps(backend, blocks, experiment)
}

async function forwardPass(run: SignalRun, part: SignalPart, ways: readonly Way[]): Promise<void> {
  const { backend, series, progress } = run
  const { experiment, weights, inputStatistics } = part
  const add = (k: number, statistics: readonly Float32Array[]) =>
    series.forEach(({ record }, i) =>
      ways[i].finite.push(record.addForward(k, statistics[i], experiment.replicas)),
    )
  await run.turn()
  add(
    0,
    series.map(() => inputStatistics),
  )
  for (let k = 1; k <= series[0].plan.length; k++) {
    await run.turn()
    const parameters = series.map(({ plan }) => weights.block(plan[k - 1], k))
    const { streams, statistics } = stepsAt(run, part, k).forward(
      ways.map(({ states }, i) => [states[k - 1], ...parameters[i]]),
    )
    streams.forEach((stream, i) => ways[i].states.push(stream))
    add(k, parted(await takeValues(statistics), series.length))
    for (const [i, { plan, record }] of series.entries())
      await record.lookForward(k, run.replicas, () =>
        findForwardNonFinite(backend, plan[k - 1], ways[i].states[k - 1], () => parameters[i]),
      )
    weights.releaseTransient()
    progress.tick(progressText(run, part, `forward, block ${k}`), series.length)
  }
}

/**
 * Measures the gradients from the top down. Below activations that are not finite no gradient is defined,
 * whatever an implementation's ReLU makes of NaN: those replicas are NaN from there on.
 */
async function backwardPass(run: SignalRun, part: SignalPart, ways: readonly Way[]): Promise<void> {
  const { backend, series, progress } = run
  const { experiment, weights, top, topSquares } = part
  const { replicas } = experiment
  const blocks = series[0].plan.length
  const lost = ways.map(({ finite }) => finite[blocks].map((isFinite) => !isFinite))
  const unlessLost = (i: number, values: Float32Array) => values.map((value, r) => (lost[i][r] ? NaN : value))
  const scaled = (i: number, squares: Float32Array) =>
    unlessLost(
      i,
      squares.map((square, r) => square / topSquares[r]),
    )
  series.forEach(({ record }, i) => record.addGradient(blocks, scaled(i, topSquares)))
  let gradients = series.map(() => top.clone())
  try {
    for (let k = blocks; k >= 1; k--) {
      await run.turn()
      const parameters = series.map(({ plan }) => weights.block(plan[k - 1], k))
      const { streams, statistics } = stepsAt(run, part, k).backward(
        ways.map(({ states }, i) => [states[k - 1], gradients[i], ...parameters[i]]),
      )
      const before = gradients
      gradients = streams
      try {
        const values = parted(await takeValues(statistics), series.length)
        for (const [i, { plan, record }] of series.entries()) {
          ways[i].finite[k - 1].forEach((isFinite, r) => (lost[i][r] ||= !isFinite))
          record.addNorms(k, unlessLost(i, values[i].subarray(replicas)))
          record.emitBackward(k)
          record.addGradient(k - 1, scaled(i, values[i].subarray(0, replicas)))
          await record.lookBackward(k, replicas, async () =>
            lost[i].some(Boolean)
              ? { quantity: 'gradient', operation: 'activations that are not finite' }
              : findBackwardNonFinite(backend, plan[k - 1], ways[i].states[k - 1], before[i], parameters[i]),
          )
        }
      } finally {
        before.forEach((gradient) => gradient.dispose())
      }
      weights.releaseTransient()
      progress.tick(progressText(run, part, `backward, block ${k}`), series.length)
    }
    series.forEach(({ record }) => record.emitBackward(0))
  } finally {
    gradients.forEach((gradient) => gradient.dispose())
  }
}

/** Numbers of several series in a row, as many of each. */
function parted(values: Float32Array, count: number): Float32Array[] {
  const length = values.length / count
  return Array.from({ length: count }, (_, i) => values.subarray(i * length, (i + 1) * length))
}

function progressText({ series }: SignalRun, { first, experiment }: SignalPart, what: string): string {
  const networks = first > 0 ? `, networks from ${first + 1} to ${first + experiment.replicas}` : ''
  const [{ plan, record }] = series
  const title = series.length > 1 ? `${series.length} series` : seriesTitle(record.result)
  return `${title}: ${what} of ${plan.length}${networks}`
}
