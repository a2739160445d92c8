import { InputError } from '../../../shared/base/errors'
import type { Experiment } from '../../../shared/settings/experiment'
import { INPUT } from '../../../shared/graph/block-graph'
import { describedData } from '../../../shared/data/data-sets'
import { evaluatedSamples } from '../../../shared/network/schedule'
import { blockParameters, noiseShape } from '../../../shared/network/parameters'
import { outputShape, type PlannedBlock } from '../../../shared/network/plan'
import { positions, type Shape } from '../../../shared/numerics/shape'
import type { ShatterSettings } from '../../../shared/settings/shatter'
import { availableMemory, memoryLimit } from './machine-memory'
import type { PreparedSeries } from './prepared-series'

/** Weights drawn once and shared by series are kept up to this much; beyond, they are drawn again. */
export const WEIGHT_BUDGET_BYTES = 1.5 * 2 ** 30
/**
 * Replicas whose activations together need more than this are measured in parts. A constant: results do not
 * depend on the machine.
 */
export const ACTIVATION_BUDGET_BYTES = 2 ** 30
/**
 * Series are measured together as long as their activations take no more: that fills the cores, and leaves something to
 * caches and small machines.
 */
const TOGETHER_BYTES = 2 ** 28

export const FLOAT_BYTES = 4
/** TensorFlow, the program itself and slack. */
export const BASE_BYTES = 400 * 2 ** 20

const most = (values: number[]) => values.reduce((a, b) => Math.max(a, b), 0)
const sum = (values: number[]) => values.reduce((a, b) => a + b, 0)
const bytesOf = (shape: Shape) => shape.units * positions(shape) * FLOAT_BYTES

/**
 * Bytes of one sample: all values of a block and of its output once more, and what convolutions copy of their input
 * (replicas apart, margins around).
 */
function valueBytes(block: PlannedBlock): number {
  const { graph, shapes } = block
  const values = graph.nodes.map((node) => {
    const own = bytesOf(shapes.get(node.id)!)
    const isConvolution = node.op === 'conv-1d' || node.op === 'conv-2d'
    return isConvolution ? own + 2 * bytesOf(shapes.get(node.inputs[0])!) : own
  })
  return sum(values) + 2 * bytesOf(outputShape(block))
}

/** Bytes of one network's parameters in one block. */
function parameterBytes({ graph, place }: PlannedBlock, samples: number): { weights: number; noise: number } {
  const bytes = { weights: 0, noise: 0 }
  for (const one of blockParameters(graph, place)) {
    const isNoise = one.role === 'noise'
    const [rows, columns] = isNoise ? noiseShape(one, samples) : one.shape
    bytes[isNoise ? 'noise' : 'weights'] += rows * columns * FLOAT_BYTES
  }
  return bytes
}

/** What one replica of a series needs, in bytes. */
export function needs(plan: readonly PlannedBlock[], batch: number) {
  const counts = new Map<PlannedBlock, number>()
  for (const block of plan) counts.set(block, (counts.get(block) ?? 0) + 1)
  const kinds = [...counts].map(([block, count]) => {
    const { weights, noise } = parameterBytes(block, batch)
    return { count, weights, noise, output: bytesOf(outputShape(block)), values: valueBytes(block) }
  })
  const first = plan.length ? bytesOf(plan[0].shapes.get(INPUT)!) : 0
  return {
    /** h_0..h_L. */
    streams: batch * (first + sum(kinds.map(({ count, output }) => count * output))),
    /** One block's values, forward and backward. */
    working: most(kinds.map(({ values, noise }) => 4 * batch * values + 2 * noise)),
    /** All blocks' values, forward and backward. */
    trained: sum(kinds.map(({ count, values, noise }) => count * (3 * batch * values + noise))),
    weights: sum(kinds.map(({ count, weights }) => count * weights)),
    largest: most(kinds.map(({ weights }) => weights)),
  }
}

/** Bytes of one replica's activations while a series is measured. */
function signalBytes(plan: readonly PlannedBlock[], { batch }: Experiment): number {
  const { streams, working } = needs(plan, batch)
  return streams + working
}

/** How many replicas of a series are measured together. */
export function replicasAtOnce(
  plan: readonly PlannedBlock[],
  experiment: Experiment,
  budget = ACTIVATION_BUDGET_BYTES,
): number {
  return Math.max(1, Math.min(experiment.replicas, Math.floor(budget / signalBytes(plan, experiment))))
}

/**
 * Which series are measured together, all replicas of each, by their places: those that fit, and whose blocks change at
 * the same depths, so that each has the steps that it has alone. Groups come in the order of their first.
 */
export function signalGroups(
  plans: readonly (readonly PlannedBlock[])[],
  experiment: Experiment,
  budget = ACTIVATION_BUDGET_BYTES,
): number[][] {
  const groups: { pattern: string; bytes: number; series: number[] }[] = []
  for (const [series, plan] of plans.entries()) {
    const pattern = patternOf(plan)
    const bytes = experiment.replicas * signalBytes(plan, experiment)
    const fits = (taken: number) => taken + bytes <= Math.min(budget, TOGETHER_BYTES)
    const group = groups.find((one) => one.pattern === pattern && fits(one.bytes))
    if (group) {
      group.bytes += bytes
      group.series.push(series)
    } else groups.push({ pattern, bytes, series: [series] })
  }
  return groups.map(({ series }) => series)
}

/** Which of its blocks are equal. */
function patternOf(plan: readonly PlannedBlock[]): string {
  const first = new Map<PlannedBlock, number>()
  for (const [k, block] of plan.entries()) if (!first.has(block)) first.set(block, k)
  return plan.map((block) => first.get(block)).join()
}

/**
 * What measuring needs at its peak, in bytes: all h_k of the replicas and series that are measured together, one
 * block's values of each, and weights up to the budget.
 */
export function signalMemory(experiment: Experiment, prepared: readonly PreparedSeries[]): number {
  const plans = prepared.map(({ plan }) => plan)
  const groups = signalGroups(plans, experiment).map((group) => group.map((series) => plans[series]))
  // Series that are measured in parts are alone.
  return most(groups.map((group) => memory(group, experiment, replicasAtOnce(group[0], experiment))))
}

/** What measuring needs where all replicas are measured together, however many; in bytes. */
export function wholeMemory(experiment: Experiment, prepared: readonly PreparedSeries[]): number {
  return most(prepared.map(({ plan }) => memory([plan], experiment, experiment.replicas)))
}

function memory(plans: readonly PlannedBlock[][], { batch }: Experiment, replicas: number): number {
  const all = plans.map((plan) => needs(plan, batch))
  const kept = Math.min(replicas * most(all.map(({ weights }) => weights)), WEIGHT_BUDGET_BYTES)
  const working = sum(all.map(({ streams, working, largest }) => streams + working + 3 * largest))
  return BASE_BYTES + kept + replicas * working
}

/** What `shatter` needs, in bytes: the line and the independent inputs go through in turn. */
export function shatterMemory(
  experiment: Experiment,
  prepared: readonly PreparedSeries[],
  { points }: ShatterSettings,
): number {
  return wholeMemory({ ...experiment, batch: Math.max(points, experiment.batch) }, prepared)
}

/** How many points of a line go through all of a series' trained networks together, and back. */
export function pointsAtOnce(
  plan: readonly PlannedBlock[],
  { replicas }: Pick<Experiment, 'replicas'>,
  points: number,
): number {
  const { streams, working } = needs(plan, 1)
  return Math.max(1, Math.min(points, Math.floor(ACTIVATION_BUDGET_BYTES / (replicas * (streams + working)))))
}

/** The most samples that are evaluated together. */
const EVALUATED_SAMPLES = 1000
/** Fewer would not say what the statistics of a data set are. */
const FEWEST_OVER_TRAINING = 128

export type Evaluated = Pick<Experiment, 'replicas' | 'input' | 'data' | 'ownData'>

const isMnist1d = (experiment: Evaluated) => describedData(experiment).name === 'mnist1d'

/** How many samples of such a network a budget of activations holds; at least one. */
const withinBudget = (plan: readonly PlannedBlock[], networks: number) =>
  Math.max(1, Math.floor(ACTIVATION_BUDGET_BYTES / (networks * needs(plan, 1).working)))

/** How many samples are evaluated together, of all networks. */
export function evaluatedAtOnce(plan: readonly PlannedBlock[], experiment: Evaluated): number {
  if (isMnist1d(experiment)) return EVALUATED_SAMPLES
  return Math.min(EVALUATED_SAMPLES, withinBudget(plan, experiment.replicas))
}

/**
 * How many training samples batch statistics are taken over: all that networks are evaluated on, or as many as go
 * through a block at once.
 */
export function samplesOverTraining(plan: readonly PlannedBlock[], experiment: Evaluated): number {
  const { training } = evaluatedSamples(experiment)
  if (isMnist1d(experiment)) return training
  return Math.min(training, Math.max(FEWEST_OVER_TRAINING, withinBudget(plan, 1)))
}

/** How many replicas of a series go through their blocks together, each with all of those training samples. */
export function replicasOverTraining(plan: readonly PlannedBlock[], experiment: Evaluated): number {
  const { working } = needs(plan, samplesOverTraining(plan, experiment))
  return Math.max(1, Math.min(experiment.replicas, Math.floor(ACTIVATION_BUDGET_BYTES / working)))
}

let latest: number | null = null

/** What the last experiment of this thread that was let in was estimated to need, in bytes; null before the first. */
export const lastNeeded = (): number | null => latest

/** What networks may need in TensorFlow's pool of memory, in bytes; null: it has none. */
let pool: number | null = null

export function limitPool(bytes: number | null): void {
  pool = bytes
}

/** There is memory for these networks, but not in TensorFlow's pool: a process without one is to compute them. */
export class BeyondPoolError extends Error {
  override readonly name = 'BeyondPoolError'
}

/**
 * @throws InputError with the memory needed and what is there, when it does not fit
 * @throws BeyondPoolError
 */
export function checkMemory(needed: number, available = availableMemory()): void {
  if (needed <= available) {
    if (pool !== null && needed > pool)
      throw new BeyondPoolError(`${gigabytes(needed)} of ${gigabytes(pool)}`)
    latest = needed
    return
  }
  const limit = memoryLimit()
  const within = limit === null ? '' : ` within the ${gigabytes(limit)} that the settings allow`
  throw new InputError(
    'size',
    `these networks need about ${gigabytes(needed)} of memory and ${gigabytes(available)} is free${within}`,
    `Lower the depth, the width, the batch or the replicas${limit === null ? '' : ', or allow more'}.`,
  )
}

export const gigabytes = (bytes: number) =>
  `${Number((bytes / 2 ** 30).toPrecision(3)).toLocaleString('en')} GiB`
