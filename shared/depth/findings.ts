import { capital, counted, formatNumber } from '../base/format'
import { networkTitle } from '../network/series-names'
import type { DepthNetwork } from './cells'
import { networkValues, type DepthCells, type Samples } from './curves'
import type { DepthCell } from './results'

type Named = Pick<DepthNetwork, 'block' | 'blockTitle' | 'remedy' | 'skip'>

/** From which depth on networks are worse than shallower ones. */
export interface Worsening {
  /** The shallowest depth that is worse, as all deeper ones are. */
  from: number
  /** The depth with the lowest error. */
  best: { depth: number; error: number }
  /** NaN: networks there have no finite numbers left. */
  deepest: { depth: number; error: number }
}

/** Two standard errors of the difference: about what chance gives once in twenty. */
const STANDARD_ERRORS = 2
/** What counts at least, as a share of the samples; and where there is one network each, whose spread is not known. */
const LEAST = { known: 0.005, unknown: 0.02 }

/**
 * The depth from which on every mean error is above that of the best depth by more than two standard errors of their
 * difference (and half a point; two points where one network each leaves the spread unknown). Networks whose numbers
 * are no longer finite are worse than any.
 * @param cells of one curve, from the shallowest on
 * @returns null where no such depth is seen
 */
export function worsening(cells: readonly DepthCell[], samples: Samples): Worsening | null {
  const points = cells.map(({ depth, evaluations }) => ({
    depth,
    ...moments(networkValues(evaluations, samples, 'error', 'final')),
  }))
  const finite = points.filter(({ mean }) => Number.isFinite(mean))
  if (!finite.length || points.length < 2) return null
  const best = finite.reduce((least, point) => (point.mean < least.mean ? point : least))
  const isWorse = ({ mean, squaredError, n }: (typeof points)[number]) => {
    if (!Number.isFinite(mean)) return true
    const isKnown = n > 1 && best.n > 1
    const least = isKnown ? LEAST.known : LEAST.unknown
    const spread = isKnown ? STANDARD_ERRORS * Math.sqrt(squaredError + best.squaredError) : 0
    return mean - best.mean > Math.max(least, spread)
  }
  const deeper = points.filter(({ depth }) => depth > best.depth)
  const fair = deeper.filter((point) => !isWorse(point))
  const from = deeper[fair.length ? deeper.indexOf(fair[fair.length - 1]) + 1 : 0]
  if (!from) return null
  const deepest = points[points.length - 1]
  const place = ({ depth, mean }: (typeof points)[number]) => ({ depth, error: mean })
  return { from: from.depth, best: place(best), deepest: place(deepest) }
}

/** Mean and the squared standard error of it. */
function moments(values: readonly number[]) {
  const n = values.length
  const mean = values.reduce((sum, value) => sum + value / n, 0)
  const variance = n > 1 ? values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1) : 0
  return { n, mean, squaredError: variance / n }
}

/**
 * The comparison in plain words: from which depth plain networks get worse, whether in training error too, what
 * residual networks do there, and whether a vanishing gradient explains it. Empty while there is nothing to compare.
 */
export function depthFinding(result: DepthCells): string {
  const curves = result.series.map((header, i) => ({
    header,
    cells: result.cells.filter(({ series }) => series === i).sort((a, b) => a.depth - b.depth),
  }))
  const compared = withoutTwins(curves).filter(({ cells }) => cells.length > 1)
  if (!compared.length) return ''
  // What is seen most comes first.
  const plain = compared
    .filter(({ header }) => header.skip === 'off')
    .sort((a, b) => rise(b.cells) - rise(a.cells))
  const residual = compared.filter(({ header }) => header.skip === 'on')
  const sentences = plain.flatMap((one) => {
    const twin = residual.find((other) => isPair(other.header, one.header))
    return [...plainSentences(one), ...(twin ? [residualSentence(twin)] : [])]
  })
  const told = new Set(plain.flatMap((one) => residual.filter((other) => isPair(other.header, one.header))))
  const others = residual.filter((one) => !told.has(one)).map(residualSentence)
  return [...sentences, ...others].join(' ')
}

/** How much training error rises from the best depth to the deepest; 0 where it does not. */
function rise(cells: readonly DepthCell[]): number {
  const found = worsening(cells, 'train')
  if (!found) return 0
  return Number.isFinite(found.deepest.error) ? found.deepest.error - found.best.error : 1
}

type Curve = { header: Named; cells: DepthCell[] }

const isPair = (a: Named, b: Named) => a.block === b.block && a.remedy === b.remedy

/** Curves of the same numbers (one network by two names) are told once. */
function withoutTwins(curves: readonly Curve[]): Curve[] {
  const keyOf = ({ header, cells }: Curve) =>
    JSON.stringify([header.block, header.skip, cells.map(({ evaluations }) => evaluations.test.loss)])
  const keys = curves.map(keyOf)
  return curves.filter(({ cells }, i) => !cells.length || keys.indexOf(keys[i]) === i)
}

function plainSentences({ header, cells }: Curve): string[] {
  const name = capital(networkTitle(header))
  const [test, train] = [worsening(cells, 'test'), worsening(cells, 'train')]
  if (!test && !train) {
    return [`${name} does not get worse with depth here: ${range(cells)}.`]
  }
  if (!test) {
    return [
      `${name} has a higher training error from ${blocks(train!.from)} on (${change(train!)}), no higher test error.`,
    ]
  }
  const also = train
    ? `, and in training error too (${change(train)}): this is no overfitting`
    : '; its training error does not rise: it overfits'
  const gradient = train ? gradientSentence(cells) : ''
  const worse = `${name} gets worse from ${blocks(test.from)} on: test error ${change(test)}${also}.`
  return gradient ? [worse, gradient] : [worse]
}

function residualSentence({ header, cells }: Curve): string {
  const name = capital(networkTitle(header))
  const [test, train] = [worsening(cells, 'test'), worsening(cells, 'train')]
  if (!test && !train) return `${name} does not: ${range(cells)}.`
  const worse = (test ?? train)!
  if (Number.isNaN(worse.deepest.error)) {
    return `${name} diverges from ${blocks(firstLost(cells))} on.`
  }
  const where = `from ${blocks(worse.from)} on: ${test ? 'test' : 'training'} error ${change(worse)}`
  return test && train
    ? `${name} gets worse ${where}, training error ${change(train)}.`
    : `${name} gets worse in ${test ? 'test' : 'training'} error only, ${where}.`
}

const firstLost = (cells: readonly DepthCell[]) =>
  cells.find(({ evaluations }) =>
    networkValues(evaluations, 'test', 'error', 'final').some((error) => !Number.isFinite(error)),
  )!.depth

/** Above this share of the top's mean square, no gradient has vanished. */
const VANISHED = 0.01

/** Whether a vanishing gradient can be what is seen: p at the first block of the deepest network. */
function gradientSentence(cells: readonly DepthCell[]): string {
  const { p0, depth } = cells[cells.length - 1]
  if (!Number.isFinite(p0.median)) return ''
  const what = `at initialisation p_0 = ${formatNumber(p0.median)} at ${blocks(depth)}`
  return p0.median >= VANISHED
    ? `Its gradient does not vanish: ${what}.`
    : `Its gradient fades on the way down, too: ${what}.`
}

/** "3.40 % at 6 blocks, 57.0 % at 30". */
function change({ best, deepest }: Worsening): string {
  return `${percent(best.error)} at ${blocks(best.depth)}, ${percent(deepest.error)} at ${deepest.depth}`
}

/** From the shallowest depth to the deepest. */
function range(cells: readonly DepthCell[]): string {
  const [first, last] = [cells[0], cells[cells.length - 1]]
  const at = ({ evaluations }: DepthCell, samples: Samples) =>
    percent(moments(networkValues(evaluations, samples, 'error', 'final')).mean)
  const both = (samples: Samples) =>
    `${at(first, samples)} at ${blocks(first.depth)}, ${at(last, samples)} at ${last.depth}`
  return `training error ${both('train')}; test error ${both('test')}`
}

/** 31.2 %, 0 %; words where networks have no finite numbers left. */
const percent = (share: number) => (Number.isFinite(share) ? `${formatNumber(100 * share)} %` : 'diverged')

const blocks = (count: number) => counted(count, 'block')
