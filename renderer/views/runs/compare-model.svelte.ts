import { SvelteMap } from 'svelte/reactivity'
import { messageOf } from '../../../shared/base/errors'
import {
  ALIGNMENTS,
  compare,
  leftText,
  settingTitle,
  type Comparison,
  type ComparisonQuestion,
} from '../../../shared/runs/comparison'
import { difference } from '../../../shared/runs/difference'
import { comparisonFinding, differenceFinding } from '../../../shared/runs/findings'
import { CURVES, NUMBERS, curveNamed, numberNamed } from '../../../shared/runs/metrics'
import { settingsThatDiffer } from '../../../shared/runs/query'
import { readRun, type SeriesReading } from '../../../shared/runs/readings'
import type { RunEntry } from '../../../shared/runs/run'
import { BANDS } from '../../../shared/runs/statistics'
import { groupLook, type Appearance } from '../../../shared/charts/appearance'
import { logRangeOf, rangeOf, type LineChartModel, type LineSeries } from '../../../shared/charts/line-chart'
import { DARK, LIGHT } from '../../charts/palette'
import { transparent } from '../../../shared/charts/palette'
import type { ChartState } from '../../components/ChartCard.svelte'
import type { Lab } from '../../state/lab.svelte'
import { RunsDesk } from '../../state/runs-desk.svelte'

export interface Choice {
  value: string
  label: string
}

/** Beyond so many lines, one stands out under the pointer and the others step back. */
const MOST_LINES = 8
/** Values that differ by more, all positive, are drawn by their logarithm unless the user says otherwise. */
const WIDE = 100

/** The chart of a comparison, and what can be asked of the chosen runs. */
export class CompareModel {
  readonly #readings = new SvelteMap<string, readonly SeriesReading[] | { problem: string }>()
  /** Key of the line under the pointer or the keyboard. */
  focus = $state<string | null>(null)
  /** What the user chose; null: what the values suggest. */
  chosenScale = $state<'linear' | 'log' | null>(null)

  constructor(private readonly lab: Lab) {}

  readonly desk = $derived.by(() => this.lab.stateOf(RunsDesk))
  /** What is compared: the marked runs, else the pinned ones. */
  readonly runs = $derived.by((): readonly RunEntry[] => {
    const marked = this.desk.chosen.flatMap((id) => this.lab.runs.find(id) ?? [])
    return marked.length ? marked.filter(({ removed }) => removed === null) : this.lab.runs.pinned
  })
  readonly isOfPinned = $derived(this.desk.chosen.length === 0)

  /** Reads what is not read yet. To be called when the runs have changed. */
  async load(runs: readonly RunEntry[]): Promise<void> {
    await Promise.all(
      runs.map(async ({ id }) => {
        if (this.#readings.has(id)) return
        try {
          this.#readings.set(id, readRun(await this.lab.runs.open(id)))
        } catch (error) {
          this.#readings.set(id, { problem: messageOf(error) })
        }
      }),
    )
  }

  readonly series = $derived.by((): SeriesReading[] =>
    this.runs.flatMap(({ id, name }) => {
      const known = this.#readings.get(id)
      if (!known || 'problem' in known) return []
      // A run may have got another name since it was read.
      return known.map((one) => ({ ...one, run: { ...one.run, name } }))
    }),
  )
  readonly problems = $derived(
    this.runs.flatMap(({ id, name }) => {
      const known = this.#readings.get(id)
      return known && 'problem' in known ? [`${name}: ${known.problem}`] : []
    }),
  )
  readonly isLoading = $derived(this.runs.some(({ id }) => !this.#readings.has(id)))

  // ---- What can be asked --------------------------------------------------------------------------------

  readonly curves = $derived(CURVES.filter(({ key }) => this.series.some(({ curves }) => key in curves)))
  readonly numbers = $derived(NUMBERS.filter(({ key }) => this.series.some(({ numbers }) => key in numbers)))
  /** In which the series differ, so that they can be told apart or laid along them. */
  readonly settings = $derived(
    settingsThatDiffer(this.series).filter((key) => key !== 'run' && key !== 'remedies'),
  )

  readonly question = $derived.by((): ComparisonQuestion => {
    const asked = this.desk.question
    const y =
      asked && this.#isKnown(asked.y)
        ? asked.y
        : (this.curves[0]?.key ?? this.numbers[0]?.key ?? CURVES[0].key)
    const fallback = curveNamed(y) ? 'axis' : (this.xChoicesOf(y)[0]?.value ?? 'seconds')
    const x = asked && this.xChoicesOf(y).some(({ value }) => value === asked.x) ? asked.x : fallback
    const groupBy =
      asked && this.#groups.some(({ value }) => value === asked.groupBy) ? asked.groupBy : this.#ownGroup(y)
    return { align: 'step', centre: 'mean', band: 'mean95', ...asked, y, x, groupBy }
  })

  ask(changes: Partial<ComparisonQuestion>): void {
    this.desk.question = { ...this.question, ...changes }
  }

  #isKnown(key: string): boolean {
    return this.curves.some((one) => one.key === key) || this.numbers.some((one) => one.key === key)
  }

  /** Curves stand by themselves; numbers over a setting are joined by their network. */
  #ownGroup(y: string): string {
    return curveNamed(y) ? 'series' : 'name'
  }

  /** What a metric can be drawn against. */
  xChoicesOf(y: string): Choice[] {
    const curve = curveNamed(y)
    const numeric = this.settings.filter((key) =>
      this.series.some(({ settings }) => !Number.isNaN(Number(settings[key] ?? NaN))),
    )
    const settings = numeric.map((key) => ({ value: `setting:${key}`, label: settingTitle(key) }))
    if (!curve)
      return [
        ...settings,
        ...this.numbers
          .filter(({ key }) => key !== y)
          .map(({ key, title }) => ({ value: key, label: title })),
      ]
    const others = this.curves.filter(({ key, axis }) => key !== y && axis === curve.axis)
    return [
      { value: 'axis', label: curve.axis },
      ...others.map(({ key, title }) => ({ value: key, label: title })),
    ]
  }
  readonly xChoices = $derived(this.xChoicesOf(this.question.y))

  readonly #groups = $derived.by((): Choice[] => [
    { value: 'series', label: 'every series by itself' },
    { value: 'name', label: 'equal networks together' },
    { value: 'run', label: 'one line a run' },
    ...this.settings.map((key) => ({ value: key, label: settingTitle(key) })),
  ])
  get groups(): readonly Choice[] {
    return this.#groups
  }
  /** Steps, epochs or time: for learning curves over their axis. */
  readonly canAlign = $derived(curveNamed(this.question.y)?.axis === 'step' && this.question.x === 'axis')

  // ---- The picture --------------------------------------------------------------------------------------

  readonly comparison = $derived.by((): Comparison => compare(this.series, this.question))
  readonly palette = $derived.by(() => (this.lab.theme.isDark ? DARK : LIGHT))
  readonly isCrowded = $derived(this.comparison.lines.length > MOST_LINES)

  lookOf(key: string): Appearance {
    const place = this.comparison.lines.findIndex((line) => line.key === key)
    const look = groupLook(Math.max(0, place))
    const isBehind = this.focus !== null && this.focus !== key
    return isBehind ? { ...look, colour: transparent(look.colour, 0.25), width: 1 } : look
  }

  readonly #lines = $derived.by((): LineSeries[] =>
    this.comparison.lines.map(({ key, label, points }) => ({
      id: key,
      label,
      appearance: this.lookOf(key),
      bars: this.comparison.isScattered,
      points,
    })),
  )
  readonly isLog = $derived.by(() => {
    if (this.chosenScale) return this.chosenScale === 'log'
    const values = this.#lines.flatMap(({ points }) => points.map(({ y }) => y)).filter(Number.isFinite)
    const least = Math.min(...values)
    return least > 0 && Math.max(...values) > WIDE * least
  })
  readonly chart = $derived.by((): LineChartModel => {
    const { xLabel, yLabel } = this.comparison
    return {
      series: this.#lines,
      ...{ xLabel, yLabel, isLog: this.isLog, palette: this.palette },
      x: xRangeOf(this.#lines),
      y: this.isLog ? logRangeOf(this.#lines) : rangeOf(this.#lines),
    }
  })

  readonly missing = $derived.by((): ChartState | null => {
    if (this.chart.series.length) return null
    if (this.isLoading && this.runs.length) return { kind: 'waiting', text: 'Reading the runs…' }
    if (!this.runs.length)
      return {
        kind: 'empty',
        text: 'Mark runs in the list, or pin some: they are drawn here, any number against any other.',
      }
    return { kind: 'empty', text: 'These runs have no such numbers: choose others on the left.' }
  })

  readonly definition = $derived.by(() => {
    const { y, centre, band } = this.question
    const metric = curveNamed(y) ?? numberNamed(y)
    const bands = BANDS.find(({ value }) => value === band)!
    return (
      `${metric?.definition ?? ''} Line: ${centre} of a group; band: ${bands.label}. A series that is alone in its ` +
      'group and keeps no single networks has its run’s own band, the 5th to the 95th percentile. ' +
      bands.definition
    )
  })
  readonly title = $derived(`${this.comparison.yLabel} over ${this.comparison.xLabel}`)
  readonly note = $derived.by(() => {
    const align = ALIGNMENTS.find(({ value }) => value === this.question.align)
    return [this.comparison.nText, this.canAlign && align ? `aligned by ${align.label}` : '']
      .filter(Boolean)
      .join('; ')
  })
  readonly finding = $derived(
    [comparisonFinding(this.comparison), leftText(this.comparison.left, this.question.y)]
      .filter(Boolean)
      .join(' '),
  )

  // ---- Difference of two --------------------------------------------------------------------------------

  /** The two whose difference is drawn. */
  readonly pair = $derived.by((): readonly [SeriesReading, SeriesReading] | null => {
    const keys = this.desk.difference
    const found = keys?.map((key) => this.series.find((one) => one.key === key))
    return found?.[0] && found[1] ? [found[0], found[1]] : null
  })
  readonly difference = $derived(this.pair && difference(...this.pair, this.question.y))
  readonly differenceNames = $derived(
    this.pair?.map((one) => this.nameOf(one)) as [string, string] | undefined,
  )

  nameOf(one: SeriesReading): string {
    const isOneRun = this.series.every(({ run }) => run.id === one.run.id)
    return isOneRun ? one.name : `${one.run.name}: ${one.name}`
  }

  readonly differenceChart = $derived.by((): LineChartModel | null => {
    if (!this.difference || !this.differenceNames) return null
    const { points } = this.difference
    const [one, other] = this.differenceNames
    const isNumber = points.length === 1
    const x = isNumber ? { min: -1, max: 1 } : xRangeOf([{ points }])
    const zero = { ...groupLook(0), colour: this.palette.muted, width: 1 }
    const lines: LineSeries[] = [
      { id: 'difference', label: `${one} − ${other}`, appearance: groupLook(1), bars: isNumber, points },
    ]
    const reference: LineSeries = {
      ...{ id: 'zero', label: 'no difference', appearance: zero, dashed: true },
      points: [
        { x: x.min, y: 0 },
        { x: x.max, y: 0 },
      ],
    }
    return {
      series: [...lines, reference],
      xLabel: isNumber ? '' : (curveNamed(this.question.y)?.axis ?? ''),
      yLabel: `difference of ${this.comparison.yLabel}`,
      ...{ x, y: rangeOf([...lines, reference]), palette: this.palette },
    }
  })
  readonly differenceText = $derived.by(() => {
    if (!this.pair || !this.differenceNames) return ''
    if (!this.difference)
      return `${this.differenceNames.join(' and ')} have no ${this.comparison.yLabel} in common.`
    const xLabel = curveNamed(this.question.y)?.axis ?? ''
    return differenceFinding(this.difference, this.differenceNames, {
      xLabel,
      yLabel: this.comparison.yLabel,
    })
  })
}

/** All points, with a little room where they stand alone. */
function xRangeOf(lines: readonly Pick<LineSeries, 'points' | 'bars'>[]): { min: number; max: number } {
  const values = lines.flatMap(({ points }) => points.map(({ x }) => x)).filter(Number.isFinite)
  if (!values.length) return { min: 0, max: 1 }
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const room =
    lines.some(({ bars }) => bars) || least === most ? 0.06 * (most - least || Math.abs(most) || 1) : 0
  return { min: least - room, max: most + room }
}
