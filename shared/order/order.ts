/**
 * The ordering lab: a set of blocks × remedies × seeds, measured (and trained) pairwise alike, and how they rank. Everything else (depth,
 * width, initialisation, input) is the experiment's own.
 */
import { type Growth, growthPerBlock } from '../numerics/growth'
import { type OrderSettings, THREE_TYPES, HE_2016 } from '../settings/order'
import { PRESETS } from '../block/presets'
import { convolutional } from '../block/convolutional'
import { toCsv, type Cell } from '../base/csv'
import type { Experiment } from '../settings/experiment'
import { remedyTitle, shortTitle } from '../network/series-names'
import { formatNumber, joinWords } from '../base/format'
import type { BlockGraph } from '../graph/block-graph'
import type { FirstNonFinite } from '../network/results'
import type { Quantity, SeriesHeader } from '../theory/series'
import { summarisePoint, type Summary } from '../numerics/statistics'

type Blocks = Pick<Experiment, 'block' | 'compare' | 'input'>

/** A preset as it is compared: with convolutions for layers where the input has positions. */
function fitted(preset: BlockGraph, { input }: Pick<Experiment, 'input'>): BlockGraph | string {
  if (input === 'images') return convolutional(preset, 2)
  return input === 'sequence' ? convolutional(preset, 1) : preset.name
}

const nameOf = (block: BlockGraph | string) => (typeof block === 'string' ? block : block.name)

/** The experiment's own blocks: drawn, not presets and not their convolutions. */
export function ownBlocks({ block, compare, input }: Blocks): BlockGraph[] {
  const known = PRESETS.map((preset) => nameOf(fitted(preset, { input })))
  return [...block, ...compare].filter(
    (one): one is BlockGraph => typeof one !== 'string' && !known.includes(one.name),
  )
}

/** The set's blocks, in its order; names that are neither a preset nor an own block are given apart. */
export function orderedBlocks(
  order: OrderSettings,
  experiment: Blocks,
): { blocks: (string | BlockGraph)[]; missing: string[] } {
  const own = ownBlocks(experiment)
  const find = (name: string) => {
    const preset = PRESETS.find((one) => one.name === name)
    return own.find((block) => block.name === name) ?? (preset ? fitted(preset, experiment) : null)
  }
  const found = order.blocks.map((name) => ({ name, block: find(name) }))
  return {
    blocks: found.flatMap(({ block }) => (block === null ? [] : [block])),
    missing: found.filter(({ block }) => block === null).map(({ name }) => name),
  }
}

/** One experiment for each seed: the same series, so that those of one seed are paired. */
export function orderExperiments(experiment: Experiment, order: OrderSettings): Experiment[] {
  const { blocks } = orderedBlocks(order, experiment)
  const { order: _set, ...rest } = experiment
  return Array.from({ length: order.seeds }, (_, i) => ({
    ...rest,
    block: blocks,
    compare: [],
    remedies: order.remedies,
    seed: (experiment.seed + i) % 2 ** 32,
  }))
}

export interface OrderPreset {
  name: string
  title: string
  definition: string
  /** Empty: there is nothing to choose, for instance no own block. */
  blocks: string[]
}

/** Sets at one press. */
export function orderPresets(experiment: Blocks): OrderPreset[] {
  const own = ownBlocks(experiment).map(({ name }) => name)
  const presets = PRESETS.map(({ name }) => name)
  return [
    {
      name: 'types',
      title: 'Three types',
      definition: 'The three block types of Understanding Deep Learning, figure 11.5.',
      blocks: THREE_TYPES,
    },
    {
      name: 'he-2016',
      title: 'He et al. 2016',
      definition: 'The five orderings of He et al. 2016, figure 4.',
      blocks: HE_2016,
    },
    {
      name: 'own',
      title: 'Own blocks',
      definition: own.length
        ? 'The blocks of this experiment that are no presets.'
        : 'This experiment has no block of its own yet: draw one, or open a file that holds one.',
      blocks: own,
    },
    {
      name: 'all',
      title: 'All',
      definition: 'Every preset, and the experiment’s own blocks.',
      blocks: [...new Set([...presets, ...own])],
    },
  ]
}

/** "Type 2" of "Type 2: ReLU, then linear, convolutions": that all of a set have convolutions is said by the experiment's input. */
export const orderingTitle = (title: string): string =>
  shortTitle(title.replace(/, (1-D )?convolutions$/, ''))

/** Growth of q, v or m² along the signal's way, or of p along the gradient's. */
export function growthOfQuantity(quantity: Quantity, values: readonly number[]): Growth | null {
  return growthPerBlock(quantity === 'p' ? [...values].reverse() : values)
}

/**
 * One summary of equally many networks from each of several seeds. The mean is that over all networks. Percentiles are those over all
 * networks where each seed has one, else the mean over seeds of each seed's.
 */
export function pooled(summaries: readonly Summary[], replicas: number): Summary {
  if (summaries.length === 1) return summaries[0]
  const pool: Summary = { mean: [], median: [], low: [], high: [] }
  for (let k = 0; k < summaries[0].mean.length; k++) {
    const overSeeds = (statistic: keyof Summary) => summarisePoint(summaries.map((one) => one[statistic][k]))
    const mean = overSeeds('mean')
    pool.mean.push(mean.mean)
    pool.median.push(replicas === 1 ? mean.median : overSeeds('median').mean)
    pool.low.push(replicas === 1 ? mean.low : overSeeds('low').mean)
    pool.high.push(replicas === 1 ? mean.high : overSeeds('high').mean)
  }
  return pool
}

/** How the networks of a series were trained: means over seeds and replicas. */
export interface OrderTraining {
  /** Networks. */
  n: number
  steps: number
  /** Whether they were trained to the end and evaluated on the whole data set; else the error is that of the last batches. */
  isEvaluated: boolean
  trainError: number
  /** Over the test set; null where it was not measured. */
  testError: number | null
  /** How it failed, null when it did not. */
  failure: string | null
  /** Of training, all seeds and replicas together; null where it was not measured. */
  seconds: number | null
}

/** One line of the ranked table: an ordering with a remedy. */
export interface OrderRow {
  block: string
  blockTitle: string
  remedy: string
  note: string | null
  /** Networks measured to the end: seeds × replicas; 0 when the measurement was stopped on the way. */
  n: number
  forward: Growth | null
  backward: Growth | null
  /** The same of theory's curves; null where theory has no answer. */
  forwardTheory: Growth | null
  backwardTheory: Growth | null
  failure: Pick<FirstNonFinite, 'quantity' | 'block' | 'operation' | 'replicas'> | null
  /** Of the measurement, over all seeds; null until it is known. */
  seconds: number | null
  training: OrderTraining | null
}

/** What one series of one seed gave; what the table's rows are made of. */
export interface SeedResult {
  q: Summary
  p: Summary
  isComplete: boolean
  failures: readonly FirstNonFinite[]
  seconds: number | null
}

export function rowOf(
  header: SeriesHeader,
  seeds: readonly SeedResult[],
  replicas: number,
  training: OrderTraining | null,
): OrderRow {
  const { block, blockTitle, remedy, note, theory } = header
  const complete = seeds.filter(({ isComplete }) => isComplete)
  const measured = (quantity: 'q' | 'p'): Growth | null => {
    if (!complete.length) return null
    const summaries = complete.map((one) => one[quantity])
    const growth = growthOfQuantity(quantity, pooled(summaries, replicas).mean)
    if (!growth || complete.length === 1) return growth
    const single = summaries.flatMap(({ mean }) => growthOfQuantity(quantity, mean)?.ratio ?? [])
    return { ...growth, seeds: { low: Math.min(...single), high: Math.max(...single) } }
  }
  const expected = (quantity: 'q' | 'p') => {
    const values = theory[quantity]
    return values && growthOfQuantity(quantity, values)
  }
  const times = seeds.flatMap(({ seconds }) => (seconds === null ? [] : [seconds]))
  return {
    block,
    blockTitle,
    remedy,
    note,
    n: complete.length * replicas,
    forward: measured('q'),
    backward: measured('p'),
    forwardTheory: expected('q'),
    backwardTheory: expected('p'),
    failure: firstFailure(seeds.flatMap(({ failures }) => failures)),
    seconds: times.length ? times.reduce((sum, time) => sum + time, 0) : null,
    training,
  }
}

/** The first on the signal's way; gradients, whose way begins at the top, come after all that goes forward. */
export function firstFailure<F extends Pick<FirstNonFinite, 'quantity' | 'block'>>(
  failures: readonly F[],
): F | null {
  const place = ({ quantity, block }: F) => (quantity === 'gradient' ? 1e9 - block : block)
  return failures.reduce<F | null>((first, one) => (!first || place(one) < place(first) ? one : first), null)
}

/** "q, block 128" or "gradient, block 3". */
export function failureText({ quantity, block }: Pick<FirstNonFinite, 'quantity' | 'block'>): string {
  return `${quantity === 'mean square' ? 'q' : quantity}, block ${block}`
}

// ---- Ranks --------------------------------------------------------------------------------------------------------------------------

/**
 * How far an ordering is from keeping its signal's size: |ln growth| per block, forward or backward, whichever is more. What fails is
 * farther than what does not; Infinity where nothing is measured.
 */
export function distance({ n, forward, backward, failure }: OrderRow): number {
  const known = [forward, backward].flatMap((growth) => (growth ? [Math.abs(Math.log(growth.ratio))] : []))
  if (!n || !known.length) return Infinity
  const worst = Math.min(FAILED, Math.max(...known))
  // What has no growth one way has no gradient there, or none that is a number.
  return failure || known.length < 2 ? FAILED + worst : worst
}

/** More than any growth per block that float32 holds. */
const FAILED = 1e3

export type OrderColumn =
  | 'rank'
  | 'block'
  | 'remedy'
  | 'forward'
  | 'backward'
  | 'failure'
  | 'trainError'
  | 'testError'
  | 'seconds'
  | 'n'

/** What a row is sorted by; null: nothing, at the end however the table is turned. */
function sortKey(row: OrderRow, column: OrderColumn): number | string | null {
  switch (column) {
    case 'rank': {
      const far = distance(row)
      return far === Infinity ? null : far
    }
    case 'block':
      return orderingTitle(row.blockTitle)
    case 'remedy':
      return remedyTitle(row.remedy)
    case 'forward':
    case 'backward':
      return row[column]?.ratio ?? null
    case 'failure':
      return row.failure
        ? row.failure.quantity === 'gradient'
          ? 1e9 - row.failure.block
          : row.failure.block
        : null
    case 'trainError':
    case 'testError': {
      const error = row.training?.[column] ?? null
      return error === null || Number.isNaN(error) ? null : error
    }
    case 'seconds':
      return row.training?.seconds ?? row.seconds
    case 'n':
      return row.n
  }
}

/** Rows in the order of a column, equal ones as they stood. */
export function sortedRows<R extends OrderRow>(
  rows: readonly R[],
  column: OrderColumn,
  descending = false,
): R[] {
  const keyed = rows.map((row, i) => ({ row, i, key: sortKey(row, column) }))
  const turn = descending ? -1 : 1
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null) || a.i - b.i
    const order =
      typeof a.key === 'string' ? a.key.localeCompare(b.key as string, 'en') : a.key - (b.key as number)
    return turn * order || a.i - b.i
  })
  return keyed.map(({ row }) => row)
}

/** The rank of each row, from 1; null where nothing is measured. Equal distances share a rank. */
export function ranks(rows: readonly OrderRow[]): (number | null)[] {
  const distances = rows.map(distance)
  return distances.map((one) =>
    one === Infinity ? null : 1 + distances.filter((other) => other < one).length,
  )
}

// ---- Sentences ----------------------------------------------------------------------------------------------------------------------

/** "×2.00"; powers of ten where a factor is absurd. */
export const growthText = (growth: Growth | null): string => (growth ? `×${formatNumber(growth.ratio)}` : '–')

const rowName = (row: Pick<OrderRow, 'blockTitle' | 'remedy'>, all: readonly OrderRow[]) => {
  const title = orderingTitle(row.blockTitle)
  const remedies = new Set(all.map(({ remedy }) => remedy))
  if (remedies.size === 1) return title
  return row.remedy === 'none' ? `${title} without a remedy` : `${title} with ${remedyTitle(row.remedy)}`
}

/**
 * The set in plain words: which ordering keeps its signal's size best and which worst, which fails first, which learns best. Empty while
 * there is nothing to say.
 */
export function orderFinding(rows: readonly OrderRow[], depth: number): string {
  const measured = sortedRows(
    rows.filter((row) => distance(row) < Infinity),
    'rank',
  )
  if (!measured.length) return ''
  const [best] = measured
  const last = measured[measured.length - 1]
  const words = (row: OrderRow) =>
    `${growthText(row.forward)} per block forward, ${growthText(row.backward)} backward`
  const sentences = [`${rowName(best, rows)} keeps its size best: ${words(best)}.`]
  if (last !== best) sentences.push(`${rowName(last, rows)} is farthest from it: ${words(last)}.`)
  sentences.push(failureSentence(measured, rows, depth), trainingSentence(measured, rows))
  return sentences.filter(Boolean).join(' ')
}

function failureSentence(measured: readonly OrderRow[], all: readonly OrderRow[], depth: number): string {
  const failed = sortedRows(
    measured.filter(({ failure }) => failure),
    'failure',
  )
  if (!failed.length)
    return `${measured.length > 1 ? 'None fails' : 'It does not fail'} within ${depth} ${depth === 1 ? 'block' : 'blocks'}.`
  const [{ failure }] = failed
  const first = failed.filter(
    (row) => row.failure!.block === failure!.block && row.failure!.quantity === failure!.quantity,
  )
  const who = joinWords(first.map((row) => rowName(row, all)))
  const others = failed.length - first.length
  const rest = others ? ` ${others} more ${others === 1 ? 'fails' : 'fail'} later.` : ''
  const what = failure!.quantity === 'mean square' ? 'mean square' : failure!.quantity
  return `First to fail: ${who}, ${what} at block ${failure!.block}.${rest}`
}

function trainingSentence(measured: readonly OrderRow[], all: readonly OrderRow[]): string {
  const tested = measured.some(({ training }) => training?.testError != null)
  const column = tested ? 'testError' : 'trainError'
  const trained = sortedRows(
    measured.filter(({ training }) => training && Number.isFinite(training[column])),
    column,
  )
  const diverged = measured.filter(({ training }) => training?.failure)
  const lost = diverged.length
    ? `${joinWords(diverged.slice(0, MOST_NAMED).map((row) => rowName(row, all)))}${diverged.length > MOST_NAMED ? ' and others' : ''} diverged in training.`
    : ''
  if (!trained.length) return lost
  const [best] = trained
  const last = trained[trained.length - 1]
  const error = (row: OrderRow) => percent(row.training![column]!)
  const isEvaluated = trained.every(({ training }) => training!.isEvaluated)
  const kind = tested ? 'test error' : isEvaluated ? 'training error' : 'error on the last batches'
  const { steps } = best.training!
  const beside = last === best ? '' : `, ${rowName(last, all)} the highest (${error(last)})`
  const first = `After ${steps} ${steps === 1 ? 'step' : 'steps'} ${rowName(best, all)} has the lowest ${kind} (${error(best)})${beside}.`
  return lost ? `${first} ${lost}` : first
}

const MOST_NAMED = 3

/** 31.2 %, 0 %, 100 %. */
export const percent = (share: number): string =>
  Number.isFinite(share) ? `${formatNumber(100 * share)} %` : 'NaN'

/** One ordering's small chart in lines: "none: ×2.00 forward, ×2.01 back." Remedies that give the same share one. */
export function orderingFinding(rows: readonly OrderRow[]): string[] {
  const merged = new Map<string, string[]>()
  for (const row of rows) {
    if (!row.n) continue
    const failure = row.failure ? `; fails (${failureText(row.failure)})` : ''
    const text = `${growthText(row.forward)} forward, ${growthText(row.backward)} back${failure}`
    merged.set(text, [...(merged.get(text) ?? []), remedyTitle(row.remedy)])
  }
  return [...merged].map(([text, names]) => `${joinWords(names)}: ${text}.`)
}

/** A chart of all orderings in one sentence: where the signal grows least and most per block on its way. Empty while nothing is measured. */
export function extremesFinding(rows: readonly OrderRow[], way: 'forward' | 'backward'): string {
  const sorted = sortedRows(
    rows.filter((row) => row[way]),
    way,
  )
  if (!sorted.length) return ''
  const [least] = sorted
  const most = sorted[sorted.length - 1]
  const words = (row: OrderRow) => `${rowName(row, rows)} (${growthText(row[way])} per block)`
  const which = way === 'forward' ? 'Forward' : 'On its way back'
  if (most === least) return `${which}: ${words(least)}.`
  return `${which}, ${words(least)} grows least and ${words(most)} most.`
}

// ---- Files --------------------------------------------------------------------------------------------------------------------------

/** The ranked table, every number with all its digits. */
export function orderCsv(rows: readonly OrderRow[]): string {
  const header = [
    'rank',
    'block',
    'remedy',
    'n',
    'growth_forward',
    'growth_forward_blocks',
    'growth_forward_theory',
    'growth_backward',
    'growth_backward_blocks',
    'growth_backward_theory',
    'first_failure',
    'first_failure_block',
    'seconds_measured',
    'n_trained',
    'steps',
    'train_error',
    'test_error',
    'training_failure',
    'seconds_trained',
  ]
  const rank = ranks(rows)
  return toCsv(
    header,
    rows.map((row, i): Cell[] => [
      rank[i],
      row.block,
      row.remedy,
      row.n,
      row.forward?.ratio ?? null,
      row.forward?.blocks ?? null,
      row.forwardTheory?.ratio ?? null,
      row.backward?.ratio ?? null,
      row.backward?.blocks ?? null,
      row.backwardTheory?.ratio ?? null,
      row.failure?.quantity ?? null,
      row.failure?.block ?? null,
      row.seconds,
      row.training?.n ?? null,
      row.training?.steps ?? null,
      row.training?.trainError ?? null,
      row.training?.testError ?? null,
      row.training?.failure ?? null,
      row.training?.seconds ?? null,
    ]),
  )
}
