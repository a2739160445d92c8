import { formatNumber } from '../base/format'
import { countShare } from './counts'
import { blocksOfMask, formulaTerms, networkTerms } from './formula'
import { blockOfCopy, copiesOnPath, lengthOfPath, pathsThrough, type PathTarget } from './links'
import type { Estimate } from './samples'
import type { MeasuredPaths, PathTheory, Spread } from './results'

/** Sentences about paths, computed from what was measured. */

/** "x → f1 → f3 → y". */
export function pathWords(path: number): string {
  return ['x', ...blocksOfMask(path).map((block) => `f${block}`), 'y'].join(' → ')
}

const percent = (share: number) => `${formatNumber(100 * share)} %`
const times = (n: number) => (n === 1 ? 'once' : `${n} times`)

/** Small errors as a power of ten, none as 0. */
export const errorWords = (error: number) =>
  error === 0 ? '0' : error.toExponential(1).replace('e-', 'e−').replace('e+', 'e')

/** The norm of a path's term of dy/dx, or of dy/df1; null where it has none. */
export function normOfPath(
  path: number,
  formula: 'f1' | 'x' | 'y',
  measured: MeasuredPaths | null,
): Spread | null {
  const through = blocksOfMask(path)
  if (formula !== 'f1')
    return measured?.terms?.find(({ blocks }) => String(blocks) === String(through))?.norm ?? null
  if (through[0] !== 1) return null
  const above = String(through.slice(1))
  const terms = measured?.firstDerivative?.terms
  return terms?.find(({ blocks }) => String(blocks) === above)?.norm ?? null
}

/** One line on what is pointed at. */
export function targetWords(
  target: PathTarget,
  blocks: number,
  formula: 'f1' | 'x' | 'y',
  measured: MeasuredPaths | null,
): string {
  switch (target.kind) {
    case 'path': {
      const { path } = target
      const length = lengthOfPath(path)
      const norm = normOfPath(path, formula, measured)
      const head = `${pathWords(path)}: length ${length}`
      if (formula === 'f1' && !(path & 1))
        return `${head}; it does not go through f1, so it has no term in ∂y/∂f1.`
      const text =
        formula === 'f1' ? formulaTerms(blocks)[(path - 1) / 2].text : networkTerms(blocks)[path].text
      if (measured && !norm) return `${head}; without skip connections there is no such path.`
      const own = formula === 'f1' ? length - 1 : length
      const factors = formula === 'f1' ? ` (${own} ${own === 1 ? 'factor' : 'factors'})` : ''
      return `${head}; term ${text}${factors}${norm ? `, norm ${formatNumber(norm.mean)}${bandWords(norm)}` : ''}.`
    }
    case 'copy': {
      const block = blockOfCopy(target.copy)
      const above = copiesOnPath(target.copy)
        .slice(1)
        .map((copy) => `f${blockOfCopy(copy)}`)
      const through = pathsThrough(target, blocks).length
      const way = above.length ? `through ${above.join(', ')} to y` : 'straight to y'
      return (
        `One of ${2 ** (blocks - block)} copies of f${block}: what comes out goes ${way}. ` +
        `${through === 1 ? 'One path enters it' : `${through} paths meet in its input, which is their sum`}.`
      )
    }
    case 'block': {
      const { block } = target
      return `f${block} is used ${times(2 ** (blocks - block))} and is on ${2 ** (blocks - 1)} of ${2 ** blocks} paths.`
    }
    case 'length': {
      const group = measured?.lengths?.find(({ length }) => length === target.length)
      const count = pathsThrough(target, blocks).length
      const share = group ? `; ${percent(group.share.mean)} of the squared terms of ∂y/∂x` : ''
      return `Length ${target.length}: ${count} of ${2 ** blocks} paths${share}.`
    }
  }
}

const bandWords = ({ low, high }: Spread) =>
  low === high ? '' : ` (5–95 %: ${formatNumber(low)} to ${formatNumber(high)})`

/**
 * That the terms add up to the derivative, and that their squares do not add up to its square.
 * @param of what was measured, as `networkWords` has it
 */
export function sumFinding(measured: MeasuredPaths, formula: 'f1' | 'x' | 'y', of: string): string {
  const own = formula === 'f1' ? measured.firstDerivative : measured
  const terms = own?.terms
  if (!terms || !own.relativeError) return ''
  if (!Number.isFinite(own.relativeError.mean)) {
    return `Weights or terms are not finite numbers here (${of}): their sum says nothing.`
  }
  const name = formula === 'f1' ? '∂y/∂f1' : '∂y/∂x'
  const what = terms.length === 1 ? 'The one term is' : `The ${terms.length} terms add up to`
  const exact =
    `${what} ${name}: relative error ${errorWords(own.relativeError.high)} against automatic ` +
    `differentiation (${of}).`
  return terms.length === 1 ? exact : `${exact} ${squaresFinding(measured)}`
}

/** A relative difference below this is rounding. */
const ROUNDING = 1e-9

/**
 * That the derivative is the sum of its paths and the output is not, by how much.
 * @param measured null: nothing yet
 * @param of what was measured, as `networkWords` has it
 * @param before the same network before its training
 */
export function outputsFinding(
  measured: Outputs | null,
  blocks: number,
  of: string,
  before: Outputs | null = null,
): string {
  const { outputDifference: difference, outputDifferenceNote: note } = measured ?? {}
  if (!difference)
    return (
      'The derivative at one input is exactly the sum over its paths; the output of nonlinear blocks is not, as ' +
      `every copy of a block gets another sum.${note ? ` By how much is not measured: ${note}.` : ''}`
    )
  if (!Number.isFinite(difference.mean))
    return `Outputs are not finite numbers here (${of}): whether those of the paths add up cannot be told.`
  if (difference.high < ROUNDING)
    return (
      'The outputs of the paths add up to y, too: each path on x by itself, their sum differs from y by ' +
      `${errorWords(difference.high)} of its norm (${of}).`
    )
  const { mean, low, high } = difference
  const band = low === high ? '' : `; mean, 5–95 %: ${formatNumber(low)} to ${formatNumber(high)}`
  const earlier = before?.outputDifference
  const start =
    earlier && Number.isFinite(earlier.mean) ? `; before training ${formatNumber(earlier.mean)}` : ''
  return (
    'The derivative at one input is exactly the sum over its paths, the output is not: the outputs of ' +
    `${2 ** blocks} paths, each on x by itself, add up to what differs from y by ${formatNumber(mean)} times ` +
    `y’s norm (${of}${band}${start}).`
  )
}

type Outputs = Pick<MeasuredPaths, 'outputDifference' | 'outputDifferenceNote'>

/** The ratio that makes an energy share a share of what it is. */
export function squaresFinding({ squaresRatio }: MeasuredPaths): string {
  return (
    `Squares do not add up: the squared terms of ∂y/∂x come to ${formatNumber(squaresRatio.mean)} times ` +
    'its square.'
  )
}

/** As `networkWords`, of one network at several samples. */
export const samplesWords = (n: number) => `one network, ${n} ${n === 1 ? 'sample' : 'samples'}`

export const networkWords = (n: number) => (n === 1 ? 'one network' : `n = ${n} networks`)

/** Mean length of a distribution over lengths. */
function meanLength(shares: readonly { length: number; share: number }[]): number {
  return shares.reduce((sum, { length, share }) => sum + length * share, 0)
}

export interface LengthShare {
  length: number
  share: Spread | Estimate
}

/** Where the gradient's energy is, against where the paths are. */
export function energyFinding(
  blocks: number,
  lengths: readonly LengthShare[],
  theory: PathTheory | null,
): string {
  if (lengths.length === 1) return 'A plain network has one path: through every branch.'
  if (lengths.some(({ share }) => !Number.isFinite(share.mean)))
    return 'Some energies are not finite numbers: shares cannot be told.'
  const mean = meanLength(lengths.map(({ length, share }) => ({ length, share: share.mean })))
  const expected = theory ? ` (theory ${formatNumber(theory.mean)})` : ''
  const byCount = blocks / 2
  const ratio = mean / byCount
  const where =
    ratio < 0.9
      ? 'Short paths carry more than their number'
      : ratio > 1.1
        ? 'Long paths carry more than their number'
        : 'Energy lies where the paths are'
  const likely = lengths.reduce((best, one) => (one.share.mean > best.share.mean ? one : best))
  const most = blocks > FEW_BLOCKS ? ` ${middleWords(blocks, lengths)}` : ''
  return (
    `${where}: the mean length is ${formatNumber(mean)} by gradient energy${expected} and ` +
    `${formatNumber(byCount)} by count; length ${likely.length} carries most ` +
    `(${percent(likely.share.mean)}).${most}`
  )
}

/** Less than this share of the mean length is no move worth the word. */
const MOVE = 0.02

/** Whether training moved gradient energy to longer or shorter paths, in one network and at the same samples. */
export function movedFinding(
  before: readonly LengthShare[],
  after: readonly LengthShare[],
  samples: number,
): string {
  if (after.length === 1) return 'A plain network has one path, trained or not: through every branch.'
  if ([...before, ...after].some(({ share }) => !Number.isFinite(share.mean)))
    return 'Some energies are not finite numbers: shares cannot be told.'
  const [from, to] = [before, after].map((lengths) =>
    meanLength(lengths.map(({ length, share }) => ({ length, share: share.mean }))),
  )
  const shift = to - from
  const what =
    Math.abs(shift) <= MOVE * from
      ? 'Training hardly moves gradient energy between path lengths'
      : `Training moves gradient energy to ${shift > 0 ? 'longer' : 'shorter'} paths`
  return (
    `${what}: the mean length by energy is ${formatNumber(to)}, at initialisation ${formatNumber(from)} ` +
    `(the same network, at the same ${samples} test ${samples === 1 ? 'sample' : 'samples'}).`
  )
}

/** So few that the bars say it. */
const FEW_BLOCKS = 6
/** What counts as nearly all, the rest left out equally at both ends. */
const NEARLY_ALL = 0.95

/** The lengths that hold the middle 95 % of the energy. */
export function middleOf(lengths: readonly LengthShare[]): { from: number; to: number } {
  const tail = (1 - NEARLY_ALL) / 2
  let below = 0
  let [from, to] = [lengths[0].length, lengths[lengths.length - 1].length]
  for (const { length, share } of lengths) {
    if (below < tail) from = length
    if (below < 1 - tail) to = length
    below += share.mean
  }
  return { from, to }
}

function middleWords(blocks: number, lengths: readonly LengthShare[]): string {
  const { from, to } = middleOf(lengths)
  const held = lengths
    .filter(({ length }) => length >= from && length <= to)
    .reduce((sum, { share }) => sum + share.mean, 0)
  const which = from === to ? `Length ${from} holds` : `Lengths ${from} to ${to} hold`
  return `${which} ${percent(held)} of the energy on ${percent(countShare(blocks, from, to))} of the paths.`
}
