import type { Experiment } from '../experiment/experiment'
import { descend, gradientMoments, propagate } from './closed-form'
import { INPUT } from '../graph/block-graph'
import { gridMoments, windowSums, type GridMoments } from '../moments/grid-moments'
import { NoTheory, batchVariance, meanOf, meanSquare, type Gradient, type Moments } from '../moments/moments'
import { operationOf } from '../operations'
import type { ParticleSize } from '../moments/trajectories'
import { outputShape, type PlannedBlock } from '../network/plan'
import type { Quantity, Theory } from '../protocol/protocol'
import { sampledTheory } from './sampled-theory'
import { positions, vector, type Shape } from '../numerics/shape'
import { outcomes } from './stochastic-depth'
import { visits, type TheoryExperiment } from './walk'
import { rowWindow, squareWindow, windowArea } from '../numerics/window'

/** Second moments of the network's input over the batch: what theory needs of a data set, `[S]` and `[S × S]`, per input unit. */
export interface InputMoments {
  mean: Float64Array
  kernel: Float64Array
  /** Where positions differ. */
  grid?: GridMoments
  exchangeable: boolean
  /** Whether the coordinates of h_0 are Gaussian (always so after a linear stem). */
  gaussian: boolean
}

/** Of the sampled theory: units and samples that are carried, whole batches where they are smaller. */
const PARTICLES: ParticleSize = { units: 1024, samples: 128 }
/** While someone edits. */
const LIVE_PARTICLES: ParticleSize = { units: 48, samples: 40 }
/** Particles cost time: deeper networks get no answer rather than a late one. */
const PARTICLE_DEPTH = 200
/** Closed forms over a data set carry a matrix of batch × batch. */
const DATA_BATCH = 512

/**
 * h_0 for Gaussian noise, after the stem if there is one: He's, twice the variance; on a grid a window of three an axis, which at the border sees
 * zeros.
 * @param shape of the input, where it has positions
 */
export function normalInput(stem: Experiment['stem'], shape: Shape = vector(1)): InputMoments {
  const window =
    shape.rows === 1
      ? rowWindow(shape, { kernel: 3, stride: 1, padding: 1 })
      : squareWindow(shape, { kernel: 3, stride: 1, padding: 1 })
  const places = positions(shape)
  const even = new Float64Array(places).fill(1)
  const square =
    stem === 'none'
      ? even
      : places === 1
        ? Float64Array.of(2)
        : windowSums(even, window).map((seen) => (2 * seen) / windowArea(window))
  const grid = { square, mean: new Float64Array(places), isShared: false }
  const { mean, kernel, grid: uneven } = gridMoments(grid, 0, { gaussian: true, sources: new Set() })
  return { mean, kernel, grid: uneven, exchangeable: true, gaussian: true }
}

/** h_0 for a data set `x` [samples, length] behind a He linear stem: Gaussian with the kernel 2 x x'/length. */
export function dataInput(x: ArrayLike<number>, samples: number, length: number): InputMoments {
  const kernel = new Float64Array(samples * samples)
  for (let a = 0; a < samples; a++) {
    for (let b = 0; b <= a; b++) {
      let dot = 0
      for (let i = 0; i < length; i++) dot += x[a * length + i] * x[b * length + i]
      kernel[a * samples + b] = kernel[b * samples + a] = (2 * dot) / length
    }
  }
  return { mean: new Float64Array(samples), kernel, exchangeable: false, gaussian: true }
}

export interface TheoryOptions {
  /** A coarse answer in time for an edit: where there is no closed form, few trajectories are sampled. */
  live?: boolean
}

/**
 * q, v, m and p for k = 0..L in the limit of infinite width (docs/formulas.md), of the blocks as planned (remedies applied). Closed forms where
 * the stream allows them, else sampled trajectories, else null with the reason.
 */
export function theoryOf(
  plan: readonly PlannedBlock[],
  experiment: TheoryExperiment,
  input: InputMoments,
  { live = false }: TheoryOptions = {},
): Theory {
  try {
    if (!input.gaussian) {
      throw new NoTheory('the input’s values are not Gaussian; with a linear stem they are')
    }
    if (!input.exchangeable && experiment.batch > DATA_BATCH) {
      throw new NoTheory(`theory for a data set is computed for batches up to ${DATA_BATCH}`)
    }
    const { plans, remark } = outcomes(plan, experiment.seed, live)
    const curves = plans.map(({ plan, share }) => ({ share, ...curvesOf(plan, experiment, input, live) }))
    return mean(curves, [...remarks(plan, input), ...(remark ? [remark] : [])])
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
  plan: readonly PlannedBlock[],
  experiment: TheoryExperiment,
  input: InputMoments,
  live: boolean,
): Curves {
  try {
    return closedForm(plan, experiment, input)
  } catch (error) {
    if (!(error instanceof NoTheory) || !input.exchangeable) throw error
    if (plan.length > PARTICLE_DEPTH) {
      throw new NoTheory(
        `no closed form (${error.message}); sampled theory is left out beyond ${PARTICLE_DEPTH} blocks`,
      )
    }
    return sampled(plan, experiment, input, live ? LIVE_PARTICLES : PARTICLES)
  }
}

function closedForm(
  plan: readonly PlannedBlock[],
  experiment: TheoryExperiment,
  input: InputMoments,
): Curves {
  const walk = visits(plan, experiment, input.exchangeable)
  const { states, passes } = propagate(plan, walk, { ...input, sources: new Set([INPUT]) })
  const forward = { ...forwardCurves(states, plan, experiment, input.exchangeable), size: null }
  const size = input.mean.length
  try {
    const top = { square: new Float64Array(size).fill(1), uniform: true }
    const gradients = descend<Gradient>(passes, top, gradientMoments(size))
    return { ...forward, p: gradients.map((gradient) => meanOf(gradient.square)), note: {} }
  } catch (error) {
    // Over noise, sampling can still answer all four; over a data set three are better than none.
    if (input.exchangeable || !(error instanceof NoTheory)) throw error
    return { ...forward, p: null, note: { p: `No theory: ${error.message}.` } }
  }
}

function sampled(
  plan: readonly PlannedBlock[],
  experiment: TheoryExperiment,
  input: InputMoments,
  { units, samples }: ParticleSize,
): Curves {
  const size = {
    units,
    samples: Math.max(2, Math.min(samples, experiment.batch * positions(plan[0].place.input))),
  }
  if (input.grid) {
    throw new NoTheory(
      'positions differ behind a stem that sees zeros at the border, and the block has no closed form',
    )
  }
  const walk = visits(plan, experiment, true)
  const { states, gradients } = sampledTheory(plan, walk, experiment, input, size)
  const forward = { ...forwardCurves(states, plan, experiment, true), size }
  return gradients instanceof NoTheory
    ? { ...forward, p: null, note: { p: `No theory: ${gradients.message}.` } }
    : { ...forward, p: gradients, note: {} }
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
  const all = [...(size ? [sampledRemark(size, isRunaway)] : []), ...(isRunaway ? [RUNAWAY] : []), ...remarks]
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

function sampledRemark({ units, samples }: ParticleSize, isRunaway: boolean): string {
  const how = `Sampled with ${units.toLocaleString('en')} units and ${samples} samples, no closed form`
  return isRunaway
    ? `${how}.`
    : `${how}: right to ${units < PARTICLES.units ? 'about a tenth' : 'a few per cent'}.`
}

const RUNAWAY =
  'A block multiplies the signal the more, the larger it is already: what finite networks deviate by multiplies too, from a few per cent to factors within a few blocks.'

/** Blocks that multiply the stream with itself: q is raised to a power by each, and so is every deviation. */
function runsAway(q: readonly number[]): boolean {
  const rates = q
    .slice(1)
    .map((value, k) => Math.log(value / q[k]))
    .filter(Number.isFinite)
  const most = Math.max(...rates)
  return rates.length > 1 && most > Math.log(8) && most > 2 * rates[0]
}

/** How networks of finite width leave the limit, where they do so by much. */
function remarks(plan: readonly PlannedBlock[], input: InputMoments): string[] {
  const found = new Set<string>()
  if (input.grid && plan.some(({ graph }) => graph.nodes.some((node) => node.op === 'batch-norm'))) {
    found.add(
      'The stem makes h_0 of few numbers at each position, no wide layer: behind batch normalisation p comes out some per cent larger than this curve.',
    )
  }
  for (const graph of new Set(plan.map((planned) => planned.graph))) {
    const sumAt = graph.nodes.findIndex((node) => node.op === 'sum')
    if (sumAt < 0) continue
    const branchEnd = graph.nodes.find((node) => node.id === graph.nodes[sumAt].inputs[1])
    if (graph.nodes.some((node, i) => i > sumAt && node.op === 'batch-norm')) {
      found.add(
        'Batch normalisation of the stream amplifies differences between samples at every block: deep networks follow this curve only when they are much wider than the batch.',
      )
    }
    if (branchEnd?.op === 'relu') {
      found.add(
        'The branch ends in a ReLU: at finite width p grows faster than in the limit, along one outlier direction.',
      )
    }
  }
  return [...found]
}

/**
 * Correlation between the gradients of two samples at h_0, in the limit of infinite width and batch, statistics over the batch held
 * constant: both gradients are multiplied by the same factors, and what they share shrinks with the correlation of their masks.
 * @param input two exchangeable samples
 * @throws NoTheory where there is no closed form
 */
export function gradientCorrelation(
  plan: readonly PlannedBlock[],
  experiment: TheoryExperiment,
  input: InputMoments,
): number {
  type Pair = { own: Gradient; shared: number }
  const walk = visits(plan, { ...experiment, batch: Infinity }, true)
  const { passes } = propagate(plan, walk, { ...input, sources: new Set([INPUT]) })
  const moments = gradientMoments(2)
  const top = { own: { square: new Float64Array(2).fill(1), uniform: true }, shared: 1 }
  const [first] = descend<Pair>(passes, top, {
    zero: { own: moments.zero, shared: 0 },
    add: (a, b) => ({ own: moments.add(a.own, b.own), shared: a.shared + b.shared }),
    scale: ({ own, shared }, square) => ({ own: moments.scale(own, square), shared: shared * square }),
    pull(visit, { own, shared }, inputs) {
      const masks = operationOf(visit.node).maskCorrelation?.(visit.node, inputs[0]) ?? 1
      return moments.pull(visit, own, inputs).map((gradient) => {
        const factor = own.square[0] > 0 ? gradient.square[0] / own.square[0] : 0
        return { own: gradient, shared: shared * factor * masks }
      })
    },
  })
  const correlation = first.shared / first.own.square[0]
  if (!Number.isFinite(correlation)) throw new NoTheory('its numbers leave the range of floating point')
  return correlation
}
