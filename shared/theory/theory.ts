import { NoTheory, batchVariance, meanOf, meanSquare, type Moments } from '../moments/moments'
import type { ParticleSize } from '../moments/trajectories'
import { outputShape, type PlannedBlock } from '../network/plan'
import { positions } from '../numerics/shape'
import type { Quantity, Theory } from './series'
import type { InputMoments } from './input'
import { PARTICLES, inLimit, type Limit } from './limit'
import { LEAST_SAMPLED_BATCH } from '../operations/batch-norm'
import { outcomes } from './stochastic-depth'
import type { TheoryExperiment } from './walk'

/** While someone edits. */
const LIVE_PARTICLES: ParticleSize = { units: 48, samples: 40 }

/** How much time theory has. */
export interface TheoryOptions {
  /** A coarse answer in time for an edit: where there is no closed form, few trajectories are sampled. */
  live?: boolean
}

/**
 * q, v, m and p for k = 0..L in the limit of infinite width (docs/formulas.md), of the blocks as planned (remedies
 * applied). Closed forms where the stream allows them, else sampled trajectories, else null with the reason.
 */
export function theoryOf(
  plan: readonly PlannedBlock[],
  experiment: TheoryExperiment,
  input: InputMoments,
  { live = false }: TheoryOptions = {},
): Theory {
  try {
    const { plans, remark } = outcomes(plan, experiment.seed, live)
    const size = live ? LIVE_PARTICLES : PARTICLES
    const curves = plans.map(({ plan: drawn, share }) => ({
      share,
      ...inLimit(drawn, experiment, input, (limit) => curvesOf(limit, drawn, experiment, input), size),
    }))
    return mean(curves, [...remarks(plan, experiment, input), ...(remark ? [remark] : [])])
  } catch (error) {
    if (error instanceof NoTheory) return noTheory(error.message)
    throw error
  }
}

interface Curves {
  q: number[]
  v: number[]
  m: number[]
  p: number[] | null
  note: Theory['note']
  /** Where they were sampled: with how many trajectories. */
  size: ParticleSize | null
}

/** @throws NoTheory */
function curvesOf(
  limit: Limit,
  plan: readonly PlannedBlock[],
  experiment: TheoryExperiment,
  { exchangeable }: InputMoments,
): Curves {
  const { size } = limit
  const forward = { ...forwardCurves(limit.states, plan, experiment, exchangeable), size }
  try {
    return { ...forward, p: limit.gradients(), note: {} }
  } catch (error) {
    // Over noise, trajectories can still answer all four; over a data set three are better than none.
    if (!(error instanceof NoTheory) || (exchangeable && !size)) throw error
    return { ...forward, p: null, note: { p: `No theory: ${error.message}.` } }
  }
}

/** Statistics are over samples and positions. */
function forwardCurves(
  states: Pick<Moments, 'mean' | 'kernel'>[],
  plan: readonly PlannedBlock[],
  { batch }: TheoryExperiment,
  exchangeable: boolean,
): Pick<Curves, 'q' | 'v' | 'm'> {
  const count = (k: number) => batch * positions(k === 0 ? plan[0].place.input : outputShape(plan[k - 1]))
  return {
    q: states.map(meanSquare),
    v: states.map((state, k) => batchVariance(state, { batch: count(k), exchangeable })),
    m: states.map((state) => meanOf(state.mean)),
  }
}

/** Over networks that differ in the blocks they keep. */
function mean(curves: (Curves & { share: number })[], remarks: string[]): Theory {
  const over = (pick: (one: Curves) => number[]) =>
    pick(curves[0]).map((_, k) => curves.reduce((sum, one) => sum + one.share * pick(one)[k], 0))
  const p = curves.every((one) => one.p) ? over((one) => one.p!) : null
  const { note } = curves.find((one) => !one.p) ?? curves[0]
  const size = curves.find((one) => one.size)?.size
  const q = over((one) => one.q)
  const isRunaway = runsAway(q)
  const isRough = size && (isRunaway || q.length - 1 > size.units * size.samples * DEPTH_PER_TRAJECTORY)
  const all = [
    ...(isRough ? [sampledRemark(size, isRunaway)] : []),
    ...(isRunaway ? [RUNAWAY] : []),
    ...remarks,
  ]
  return {
    q,
    v: over((one) => one.v),
    m: over((one) => one.m),
    p,
    note,
    remark: all.length ? all.join(' ') : null,
  }
}

function noTheory(reason: string): Theory {
  const note: Partial<Record<Quantity, string>> = {}
  for (const quantity of ['q', 'v', 'm', 'p'] as const) note[quantity] = `No theory: ${reason}.`
  return { q: null, v: null, m: null, p: null, note, remark: null }
}

/**
 * Blocks for each trajectory through which a sampled curve is still good enough to say nothing. Measured over four
 * draws each of random blocks and presets (1 to 32 blocks, batches of 4 to 512), its logarithm deviates by at most
 * 1.6 √(blocks/trajectories): twice that is 5 % here, at 32 blocks of the full answer.
 */
const DEPTH_PER_TRAJECTORY = (0.05 / 3.2) ** 2

/** The error is that of sampling alone, against the limit: how far networks are from that, other remarks say. */
function sampledRemark({ units, samples }: ParticleSize, isRunaway: boolean): string {
  const how = `Sampled with ${units.toLocaleString('en')} units and ${samples} samples, no closed form`
  if (isRunaway) return `${how}.`
  const error = units < PARTICLES.units ? 'about a tenth' : 'a few per cent'
  return (
    `${how}: another draw of them typically moves a curve by up to ${error}, ` +
    'of deep networks or small batches by more.'
  )
}

const RUNAWAY =
  'A block multiplies the signal the more, the larger it is already: what finite networks deviate by ' +
  'multiplies too, from a few per cent to factors within a few blocks.'

/** Blocks that multiply the stream with itself: q is raised to a power by each, and so is every deviation. */
function runsAway(q: readonly number[]): boolean {
  const rates = q
    .slice(1)
    .map((value, k) => Math.log(value / q[k]))
    .filter(Number.isFinite)
  const most = Math.max(...rates)
  return rates.length > 1 && most > Math.log(8) && most > 2 * rates[0]
}

const RARE =
  `Over fewer than ${LEAST_SAMPLED_BATCH} samples p behind batch normalisation has a mean but no variance over ` +
  'units: a few, which are divided by almost 0, carry much of it, and means over networks come near this curve only ' +
  'slowly as there are more of them or as they are wider.'

/** Whether a batch norm looks at so few samples that a gradient's mean square behind it has no variance over units. */
const hasRareGradients = ({ graph, shapes }: PlannedBlock, batch: number) =>
  graph.nodes.some(
    ({ op, inputs }) =>
      op === 'batch-norm' && batch * positions(shapes.get(inputs[0])!) < LEAST_SAMPLED_BATCH,
  )

/** How networks of finite width leave the limit, where they do so by much. */
function remarks(plan: readonly PlannedBlock[], { batch }: TheoryExperiment, input: InputMoments): string[] {
  const found = new Set<string>()
  if (plan.some((planned) => hasRareGradients(planned, batch))) found.add(RARE)
  if (input.grid && plan.some(({ graph }) => graph.nodes.some((node) => node.op === 'batch-norm'))) {
    found.add(
      'The stem makes h_0 of few numbers at each position, no wide layer: behind batch normalisation p ' +
        'comes out some per cent larger than this curve.',
    )
  }
  return [...found]
}
