import { SvelteMap } from 'svelte/reactivity'
import { messageOf } from '../../../shared/base/errors'
import {
  comparisonChart,
  definitionOf,
  factsOfRuns,
  findingOf,
  linesOf,
  mergedFacts,
  noteOf,
  titleOfComparison,
  xRangeOf,
} from '../../../shared/figures/comparison-figures'
import type { Fact } from '../../../shared/figures/figure'
import { compare, type Comparison, type ComparisonQuestion } from '../../../shared/runs/comparison'
import {
  canAlign,
  curvesOfAll,
  groupChoices,
  numbersOfAll,
  questionFor,
  xChoices,
} from '../../../shared/runs/comparison-choices'
import { difference } from '../../../shared/runs/difference'
import { differenceFinding } from '../../../shared/runs/findings'
import { curveNamed } from '../../../shared/runs/metrics'
import { readRun, type SeriesReading } from '../../../shared/runs/readings'
import type { RunEntry } from '../../../shared/runs/run'
import { groupLook, type Appearance } from '../../../shared/charts/appearance'
import { isWide, rangeOf, type LineChartModel, type LineSeries } from '../../../shared/charts/line-chart'
import { DARK, LIGHT } from '../../charts/palette'
import { transparent } from '../../../shared/charts/palette'
import type { ChartState } from '../../components/ChartCard.svelte'
import type { Lab } from '../../state/lab.svelte'
import { RunsDesk } from '../../state/runs-desk.svelte'

/** What is known of a run. */
interface Read {
  series: readonly SeriesReading[]
  facts: readonly Fact[]
}

/** Beyond so many lines, one stands out under the pointer and the others step back. */
const MOST_LINES = 8

/** The chart of a comparison, and what can be asked of the chosen runs. */
export class CompareModel {
  readonly #readings = new SvelteMap<string, Read | { problem: string }>()
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
          const document = await this.lab.runs.open(id)
          this.#readings.set(id, { series: readRun(document), facts: factsOfRuns([document]) })
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
      return known.series.map((one) => ({ ...one, run: { ...one.run, name } }))
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

  readonly curves = $derived(curvesOfAll(this.series))
  readonly numbers = $derived(numbersOfAll(this.series))
  readonly question = $derived.by(() => questionFor(this.series, this.desk.question ?? {}))

  ask(changes: Partial<ComparisonQuestion>): void {
    this.desk.question = { ...this.question, ...changes }
  }

  readonly xChoices = $derived(xChoices(this.series, this.question.y))
  readonly groups = $derived(groupChoices(this.series))
  readonly canAlign = $derived(canAlign(this.question))

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

  readonly #lines = $derived.by(() =>
    linesOf(this.comparison, (place) => this.lookOf(this.comparison.lines[place].key)),
  )
  readonly isLog = $derived.by(() => (this.chosenScale ? this.chosenScale === 'log' : isWide(this.#lines)))
  readonly chart = $derived.by((): LineChartModel => ({
    ...comparisonChart(this.comparison, this.#lines, this.isLog),
    palette: this.palette,
  }))

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

  readonly definition = $derived(definitionOf(this.question))
  readonly title = $derived(titleOfComparison(this.comparison))
  readonly note = $derived(noteOf(this.comparison, this.question))
  readonly finding = $derived(findingOf(this.comparison, this.question))
  /** Where all the runs come from. */
  readonly facts = $derived(
    mergedFacts(
      this.runs.flatMap(({ id }) => {
        const known = this.#readings.get(id)
        return known && !('problem' in known) ? [known.facts] : []
      }),
    ),
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
