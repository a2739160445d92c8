import { finitePrefix, growthLawOf, growthWords } from './growth-law'
import { seriesLabel, shortTitle } from '../network/series-names'
import { formatNumber, joinWords } from '../base/format'
import { INPUT, nodeById, type BlockGraph } from '../graph/block-graph'
import { operationOf } from '../operations'
import { isNeverNegative, signOrigin } from '../operations/sign'
import type { FirstNonFinite } from '../network/results'
import type { Quantity } from '../theory/series'

/** What a sentence needs to know of a series: one statistic of one quantity, k = 0..L, and what theory expects. */
export interface FindingSeries {
  block: string
  blockTitle: string
  remedy: string
  /** What it is called; absent: the shortest name that tells it from the others. */
  name?: string
  graph: BlockGraph
  values: ArrayLike<number>
  theory: readonly number[] | null
}

const labelOf = (one: FindingSeries, all: readonly FindingSeries[]) => one.name ?? seriesLabel(one, all)

const QUANTITY_NAMES: Record<Quantity, string> = {
  q: 'mean square',
  v: 'batch variance',
  m: 'mean',
  p: 'gradient’s mean square',
}

/** Series named in a sentence; the table has the others. */
const MOST_NAMED = 5

/** What explains a scatter: how the networks were made, and what is told of them. */
export interface Networks {
  width: number
  replicas: number
  statistic: 'mean' | 'median'
}

/**
 * The finding of the forward chart, for people who do not read log axes, of series that are measured to the end. Empty
 * if there are none.
 */
export function forwardFinding(
  series: readonly FindingSeries[],
  quantity: 'q' | 'v' | 'm',
  networks?: Networks,
): string {
  const clauses = series.map((one) => ({
    label: labelOf(one, series),
    ...clause(one.values, one.theory, false),
  }))
  const [first, ...others] = assemble(clauses, QUANTITY_NAMES[quantity], (depth) => `after ${depth}`)
  const why = quantity === 'm' ? [] : [whyNotCured(series), whySkipScaled(series)]
  const scatter =
    quantity === 'm' || !networks ? null : whyBelowTheory(series, networks, (values) => values.length - 1)
  return [first, ...why, scatter, ...others].filter(Boolean).join(' ')
}

/** The finding of the backward chart: the same, read from the last block down to the input. */
export function backwardFinding(series: readonly FindingSeries[], networks?: Networks): string {
  const clauses = series.map((one) => {
    const theory = one.theory && [...one.theory].reverse()
    return { label: labelOf(one, series), ...clause(Array.from(one.values).reverse(), theory, true) }
  })
  const [first, ...others] = assemble(clauses, `${QUANTITY_NAMES.p}, on its way back,`, () => 'at the input')
  const scatter = networks ? whyBelowTheory(series, networks, () => 0) : null
  return [first, whyBeyondTheory(series), scatter, ...others].filter(Boolean).join(' ')
}

/** Of any quantity, read in the direction in which it travels. */
export const signalFinding = (
  series: readonly FindingSeries[],
  quantity: Quantity,
  networks?: Networks,
): string =>
  quantity === 'p' ? backwardFinding(series, networks) : forwardFinding(series, quantity, networks)

interface Clause {
  label: string
  /** Empty where nothing is measured. */
  law: string
  end: string
  theory: string
  overflow: string
  depth: number
}

/** The first sentence names the quantity and the place where it is read; series that say the same share one. */
function assemble(clauses: Clause[], quantity: string, place: (depth: number) => string): string[] {
  const merged = new Map<string, { labels: string[]; clause: Clause }>()
  for (const clause of clauses) {
    if (!clause.law && !clause.end) continue
    const key = [clause.law, clause.end, clause.theory, clause.overflow].join('|')
    const entry = merged.get(key) ?? { labels: [], clause }
    entry.labels.push(clause.label)
    merged.set(key, entry)
  }
  const sentences = [...merged.values()].map(
    ({ labels, clause: { law, end, theory, overflow, depth } }, i) => {
      const where = end && i === 0 ? ` ${place(depth)}` : ''
      const value = end ? `${law ? ': ' : ''}${end}${where}${theory}` : ''
      return `${joinWords(labels)}: ${i === 0 ? `${quantity} ` : ''}${law}${value}.${overflow}`
    },
  )
  const left = sentences.length - MOST_NAMED
  return left > 0 ? [...sentences.slice(0, MOST_NAMED), `${left} more in the table.`] : sentences
}

/** @param values in the order in which the signal travels */
function clause(
  values: ArrayLike<number>,
  theory: readonly number[] | null,
  isBackward: boolean,
): Omit<Clause, 'label'> {
  const finite = finitePrefix(values)
  const depth = values.length - 1
  if (finite.length === 0) {
    const overflow = values.length ? ` ${overflowWords(values, 0, isBackward)}.` : ''
    return { law: values.length ? 'has no finite value' : '', end: '', theory: '', overflow, depth }
  }
  const isComplete = finite.length === values.length
  const growth = growthLawOf(values)
  const law = growthWords(growth) ?? ''
  const overflow = isComplete ? '' : ` ${overflowWords(values, finite.length, isBackward)}.`
  if (growth.kind === 'steady' || growth.kind === 'between')
    return { law, end: '', theory: '', overflow, depth }
  const last = formatNumber(finite[finite.length - 1])
  if (!isComplete)
    return { law: law || `from ${formatNumber(finite[0])} to ${last}`, end: '', theory: '', overflow, depth }
  const expected = theory?.[depth]
  const beside =
    expected === undefined || !Number.isFinite(expected) ? '' : ` (theory ${formatNumber(expected)})`
  return {
    law,
    end: law ? last : `from ${formatNumber(finite[0])} to ${last}`,
    theory: beside,
    overflow,
    depth,
  }
}

/** @param at index of the first value that is not finite, in the order of travel */
function overflowWords(values: ArrayLike<number>, at: number, isBackward: boolean): string {
  const block = isBackward ? values.length - 1 - at : at
  return Number.isNaN(values[at])
    ? `First value that is not a number at block ${block}`
    : `First overflow at block ${block}`
}

/** 1/√2 keeps the size of a sum of two *uncorrelated* parts; a branch that is never negative is not one. */
function whyNotCured(series: readonly FindingSeries[]): string | null {
  const uncured = series.find((one) => {
    const growth = growthLawOf(one.values)
    const grows =
      (growth.kind === 'geometric' && growth.ratio > 1.03) ||
      growth.kind === 'arithmetic' ||
      growth.kind === 'other'
    return one.remedy === 'rsqrt2' && grows && branchNeverNegative(one.graph)
  })
  if (!uncured) return null
  const title = shortTitle(uncured.blockTitle)
  return `1/√2 does not cure ${title}: its branch is never negative, so means pile up.`
}

/** The skip's part is halved, the branch's is not: the sum is what has to be scaled. */
function whySkipScaled(series: readonly FindingSeries[]): string | null {
  const grown = series.find((one) => {
    const growth = growthLawOf(one.values)
    return one.remedy === 'rsqrt2-skip' && growth.kind === 'geometric' && growth.ratio > 1.03
  })
  if (!grown) return null
  return (
    `1/√2 on the skip halves the skip’s own mean square and leaves ${shortTitle(grown.blockTitle)}’s branch whole, ` +
    'so the sum still grows: it is the sum that 1/√2 has to scale.'
  )
}

/** How far a finite network's gradient may stray from theory before the sentence says why. */
const BEYOND_THEORY = 3

/** Where branches only add, the weights' common direction grows faster than the bulk that theory describes. */
function whyBeyondTheory(series: readonly FindingSeries[]): string | null {
  const beyond = series.find(
    (one) => one.theory && branchNeverNegative(one.graph) && one.values[0] > BEYOND_THEORY * one.theory[0],
  )
  if (!beyond) return null
  return (
    `${shortTitle(beyond.blockTitle)} outgrows theory, which holds for infinite width: here one outlier ` +
    'direction takes over.'
  )
}

/** ln q over networks has a variance near this many times depth/width (docs/formulas.md). */
const SCATTER = 5

/**
 * Theory stays and the curve falls away from it: finite networks scatter log-normally, and theory's mean lies with the
 * rare large ones, which a few networks do not hold.
 */
function whyBelowTheory(
  series: readonly FindingSeries[],
  { width, replicas, statistic }: Networks,
  end: (values: ArrayLike<number>) => number,
): string | null {
  const below = series.find(({ values, theory }) => {
    if (!theory || growthLawOf(theory).kind !== 'steady') return false
    const at = end(values)
    const variance = (SCATTER * (values.length - 1)) / width
    const fall = Math.log(theory[at] / values[at])
    // The typical network lies half a variance below the mean; what falls further has another reason.
    return fall > Math.log(BEYOND_THEORY) && fall < variance / 2 + 3 * Math.sqrt(variance)
  })
  if (!below) return null
  const variance = formatNumber((SCATTER * (below.values.length - 1)) / width, 2)
  const label = labelOf(below, series)
  const what =
    statistic === 'mean' && replicas > 1 ? `the mean over ${replicas} misses` : 'a typical one is far below'
  return (
    `${label} falls below theory: networks so deep and narrow scatter (ln has variance near 5 L/N = ` +
    `${variance}), and ${what} the rare large ones; widen the network.`
  )
}

/** Whether every branch ends in an operation whose values are never negative, whatever positive factor follows it. */
export function branchNeverNegative(graph: BlockGraph): boolean {
  const sums = graph.nodes.filter((node) => node.op === 'sum')
  return sums.length > 0 && sums.every((sum) => isBranchNeverNegative(graph, sum.inputs[1]))
}

function isBranchNeverNegative(graph: BlockGraph, id: string): boolean {
  const nodeAt = (at: string) => (at === INPUT ? undefined : nodeById(graph, at))
  // The sentences speak of networks with every branch in place: behind noise or a pool it is another question.
  const origin = signOrigin(id, nodeAt, (node) => operationOf(node).kind === 'scale')
  return origin !== undefined && isNeverNegative(origin)
}

/**
 * "First non-finite mean square: block 128, mean square of h (none; 20 replicas). The mean square one block before was
 * 1.70e38."
 */
export function failureSentence(failure: FirstNonFinite, label: string, step: number | null): string {
  const { quantity, block, operation, before } = failure
  const when = step === null ? '' : `, step ${step}`
  const replicas = failure.replicas === 1 ? '1 replica' : `${failure.replicas} replicas`
  const who = `(${label}; ${replicas})`
  // An update has no block before it: what came before is the loss.
  if (quantity === 'parameter') {
    return (
      `First non-finite weights: block ${block}${when} ${who}. The loss before the update was ` +
      `${formatNumber(before)}.`
    )
  }
  return (
    `First non-finite ${quantity}: block ${block}, ${operation}${when} ${who}. ` +
    `The mean square one block before was ${formatNumber(before)}.`
  )
}

/** A remedy that the experiment does not have yet: the mildest that bounds what grew. */
export function remedyToTry(graph: BlockGraph, chosen: readonly string[]): string | null {
  const order = branchNeverNegative(graph)
    ? ['batch-norm', 'layer-norm', 'skipinit']
    : ['rsqrt2', 'batch-norm', 'skipinit']
  return order.find((name) => !chosen.includes(name)) ?? null
}
