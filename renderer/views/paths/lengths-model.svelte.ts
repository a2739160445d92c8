import { formatNumber } from '../../../shared/base/format'
import { lengthByCount } from '../../../shared/paths/counts'
import { energyFinding, errorWords, movedFinding, squaresFinding } from '../../../shared/paths/findings'
import { energyOfOne, lengthRows, shortCount } from '../../../shared/paths/lengths'
import { MOST_LISTED_BLOCKS } from '../../../shared/paths/terms'
import { pinnedEnergyOfOne, pinnedShares } from './pinned'
import type { ShownPaths } from './shown-paths'

/** Number and energy of the paths of each length, and what is said of them. */
export class LengthsModel {
  /** The length under the pointer, and the one that was chosen; null: none. */
  hovered = $state<number | null>(null)
  picked = $state<number | null>(null)

  constructor(private readonly page: ShownPaths) {}

  readonly blocks = $derived.by(() => this.page.blocks)
  readonly result = $derived.by(() => this.page.result)
  readonly trained = $derived(this.result?.trained ?? null)
  readonly #measured = $derived(this.result?.measured ?? null)
  readonly #sampled = $derived(this.#measured?.sampled ?? null)

  /** One row for every length that paths have: one alone in a network without skip connections. */
  readonly rows = $derived(lengthRows(this.blocks, this.#measured, this.result?.theory ?? null))
  /** Rows of the network before its training; null where none was trained. */
  readonly #initialRows = $derived(this.trained && lengthRows(this.blocks, this.trained.initial, null))

  // ---- One length -----------------------------------------------------------------------------------------

  readonly #usual = $derived(this.rows.length === 1 ? this.rows[0].length : Math.round(this.blocks / 2))
  /** The length that is shown in numbers. */
  readonly length = $derived(Math.min(this.blocks, this.hovered ?? this.picked ?? this.#usual))
  readonly row = $derived(this.rows.find((one) => one.length === this.length) ?? null)
  readonly shares = $derived.by(() => {
    const { row } = this
    if (!row) return 'no path of this length'
    const atStart = this.#initialRows?.find((one) => one.length === this.length)?.share ?? null
    return [
      `${percent(row.countShare)} of the paths`,
      row.share === null ? '' : `${percent(row.share)} of the energy`,
      row.theory === null ? '' : `theory ${percent(row.theory)}`,
      atStart === null ? '' : `at initialisation ${percent(atStart)}`,
    ]
      .filter(Boolean)
      .join(', ')
  })

  /** Takes a length that was written; what is none is left. */
  pick(text: string): void {
    const value = Number(text)
    if (Number.isInteger(value) && value >= 0 && value <= this.blocks) this.picked = value
  }

  /** Lets go of the length that was pointed at or chosen. */
  clear(): void {
    this.hovered = this.picked = null
  }

  // ---- Counts ---------------------------------------------------------------------------------------------

  /** Mean and standard deviation of a path’s length, every path counting once. */
  readonly byCount = $derived(lengthByCount(this.blocks))
  readonly total = $derived(2n ** BigInt(this.blocks))
  readonly hasDigits = $derived(String(this.total).length > MOST_EXACT_DIGITS)
  readonly totalLatex = $derived(
    `2^{${this.blocks}} ${this.hasDigits ? '\\approx' : '='} ${countLatex(this.total)}`,
  )
  readonly rowLatex = $derived.by(() => {
    if (!this.row) return '0'
    const sign = String(this.row.count).length > MOST_EXACT_DIGITS ? '\\approx' : '='
    return `\\binom{${this.blocks}}{${this.length}} ${sign} ${countLatex(this.row.count)}`
  })
  /** Whether all terms were asked for where they are more than can be listed. */
  readonly isTooMany = $derived.by(
    () => this.page.settings.terms === 'all' && this.blocks > MOST_LISTED_BLOCKS,
  )

  // ---- The three charts -----------------------------------------------------------------------------------

  readonly counts = $derived(this.rows.map(({ length, countShare }) => ({ length, value: countShare })))
  readonly singles = $derived(
    this.rows.map((row, i) => ({
      length: row.length,
      ...energyOfOne(row),
      outline: this.#initialRows && energyOfOne(this.#initialRows[i]).value,
    })),
  )
  readonly totals = $derived(
    this.rows.map((row, i) => ({ ...row, value: row.share, outline: this.#initialRows?.[i].share })),
  )
  /** Each term's squared norm over the mean of all, averaged over networks beforehand. */
  readonly cloud = $derived.by(() => {
    const terms = this.#measured?.terms
    if (!terms) return []
    const squares = terms.map(({ norm }) => norm.mean ** 2)
    const average = squares.reduce((sum, square) => sum + square, 0) / squares.length
    return terms.map(({ length }, i) => ({ length, value: squares[i] / average }))
  })
  /** Pinned runs, as thin lines: one path's energy over the mean of all, and the share of all paths of a length. */
  readonly others = $derived.by(() => {
    const totals = pinnedShares(this.page.pinned)
    return { totals, singles: totals.map(pinnedEnergyOfOne) }
  })
  /** What the lines beside the measured ones are. */
  readonly beside = $derived.by(() =>
    this.page.settings.training ? 'ticks: at initialisation' : 'dashed: theory',
  )

  // ---- Words ----------------------------------------------------------------------------------------------

  /** How it was measured; empty while nothing is. */
  readonly method = $derived.by(() => {
    if (!this.result) return ''
    const sampled = this.#sampled
    const { theory, theoryNote, request } = this.result
    if (this.trained) {
      const drawn = sampled ? ` ${sampled.paths} random paths of each length at each;` : ''
      const lines = sampled ? 'two standard errors of the paths drawn' : '5–95 % of samples'
      const at = `One network at ${this.trained.samples} test samples;${drawn} lines: ${lines}.`
      return `${at} Ticks: the same network at initialisation, at the same samples. ${theoryNote}`
    }
    const { width, replicas } = request.experiment
    const networks = replicas === 1 ? 'one network' : `${replicas} networks`
    const lines = replicas > 1 ? '; lines: 5–95 % of networks' : ''
    const how = sampled
      ? `${sampled.paths} random paths of each length in each of ${networks}; ` +
        'lines: two standard errors of the sample.'
      : `Every path counted exactly in ${networks}${lines}.`
    const astray =
      theory && 2 * this.blocks > width
        ? `Theory is the limit of infinite width: ${this.blocks} blocks of width ${width} stray from it.`
        : ''
    return [how, astray, theoryNote].filter(Boolean).join(' ')
  })

  /** One finding; while nothing is measured, what is waited for. */
  readonly finding = $derived.by(() => {
    const measured = this.#measured
    if (!measured) return this.page.missing.text
    const lengths = measured.sampled?.lengths ?? measured.lengths ?? []
    const shares = lengths.map(({ length, share }) => ({ length, share }))
    const before = this.trained?.initial.sampled?.lengths ?? this.trained?.initial.lengths ?? []
    const energy = this.trained
      ? movedFinding(before, shares, this.trained.samples)
      : energyFinding(this.blocks, shares, this.result?.theory ?? null)
    if (lengths.length <= 1) return energy
    const sum = measured.relativeError
      ? `All terms add up to ∂y/∂x: relative error ${errorWords(measured.relativeError.high)}.`
      : ''
    return `${energy} ${sum} ${squaresFinding(measured)}`
  })
}

/** Counts with more digits are written as a power of ten. */
const MOST_EXACT_DIGITS = 15

const percent = (share: number) => `${formatNumber(100 * share)} %`

function countLatex(count: bigint): string {
  const [digits, power] = shortCount(count).split('e')
  return power ? `${digits} \\times 10^{${power}}` : digits.replaceAll('\u202f', '\\,')
}
