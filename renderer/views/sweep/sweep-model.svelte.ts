import { InputError } from '../../../shared/base/errors'
import { needsFile } from '../../../shared/experiment/command-line'
import { networkTitle } from '../../../shared/network/series-names'
import { chartTitle, sweepFigures } from '../../../shared/runs/sweep-reading'
import type { Experiment, SettingKey } from '../../../shared/settings/experiment'
import type { SweepCommand } from '../../../shared/settings/sweep-section'
import { setting } from '../../../shared/settings/table'
import { sweepCommand } from '../../../shared/sweep/command'
import { screenSweep, sweepBase, sweepOf, type ScreenSweep } from '../../../shared/sweep/screen-plan'
import type { LineChartModel } from '../../../shared/charts/line-chart'
import type { MapModel } from '../../../shared/charts/map-chart'
import { DARK, LIGHT } from '../../charts/palette'
import { runsByItself, sweepCost } from '../../state/cost'
import type { Lab } from '../../state/lab.svelte'
import { SweepRun } from '../../state/sweep-run.svelte'
import {
  keptSweep,
  missing,
  ownSweep,
  pointAt,
  type ShownPoint,
  type ShownSweep,
} from '../../../shared/runs/shown-sweep'
import { seriesOfTable } from '../../../shared/figures/sweep-figures'
import { curveOf } from '../../../shared/figures/sweep-curve'
import { valueText } from '../../../shared/sweep/words'
import { sweepFinding } from '../../../shared/runs/sweep-finding'
import { mapsOf } from '../../../shared/figures/sweep-maps'
import { seriesAt, type SeriesAt } from '../../../shared/runs/series-at'
import { SweepJob } from './sweep-job.svelte'

export type Page = 'map' | 'curve' | 'multiples'

export interface Place {
  column: number
  row: number
}

/** What the Sweep view draws and says. */
export class SweepModel {
  /** Undefined: a map where two settings are swept, else a curve. */
  #page = $state<Page | undefined>(undefined)
  #figure = $state<string | null>(null)
  #series = $state<string | null>(null)
  #chosen = $state<number | null>(null)
  hovered = $state<Place | null>(null)
  /** Ids of series that curves and the points' charts leave out. */
  hidden = $state.raw<readonly string[]>([])
  #hasBegun = false

  readonly job: SweepJob

  constructor(readonly lab: Lab) {
    this.job = new SweepJob(
      lab,
      () => this.run,
      () => this,
    )
  }

  readonly run = $derived.by(() => this.lab.stateOf(SweepRun))
  readonly document = $derived.by(() => this.lab.experiment.document)
  readonly settings = $derived(sweepOf(this.document))
  readonly isConnected = $derived.by(() => this.lab.link === 'open')
  readonly palette = $derived.by(() => (this.lab.theme.isDark ? DARK : LIGHT))
  readonly #runs = $derived.by(() => this.lab.runs.kept)

  // ---- What is swept ------------------------------------------------------------------------------------

  readonly #planned = $derived.by((): { sweep: ScreenSweep | null; problem: string | null } => {
    if (!Object.keys(this.settings.swept).length)
      return { sweep: null, problem: 'Nothing is swept: choose a setting and give it a range like 0.5..2:7.' }
    try {
      return { sweep: screenSweep(this.document), problem: null }
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      return { sweep: null, problem: error.message }
    }
  })
  readonly plan = $derived(this.#planned.sweep)
  readonly problem = $derived(this.#planned.problem)
  readonly left = $derived(this.plan ? missing(this.plan, this.#runs) : [])
  readonly command = $derived(sweepCommand(this.document))

  /** Before anything is pressed: "49 points, 12 of them kept already". */
  readonly countWords = $derived.by(() => {
    if (!this.plan) return ''
    const { length } = this.plan.points
    const kept = length - this.left.length
    return `${length} ${length === 1 ? 'point' : 'points'}${kept ? `, ${kept} kept already` : ''}`
  })

  setCommand(command: SweepCommand): void {
    this.#change({ ...this.settings, command })
  }

  /** @param from the setting that gives way to this one; null: it comes beside the others @throws InputError */
  setSwept(key: SettingKey, text: string, from: SettingKey | null = null): void {
    const others = Object.entries(this.settings.swept).filter(([own]) => own !== from && own !== key)
    this.#change({ ...this.settings, swept: { ...Object.fromEntries(others), [key]: text } })
  }

  drop(key: SettingKey): void {
    const { [key]: _, ...swept } = this.settings.swept
    this.#change({ ...this.settings, swept })
  }

  #change(settings: ReturnType<typeof sweepOf>) {
    this.run.kept = null
    this.lab.experiment.setSection('sweep', settings)
  }

  // ---- What is done -------------------------------------------------------------------------------------

  /** Whoever presses Play waits for it: it comes before what was queued. */
  start(): void {
    if (!this.plan) return
    this.run.kept = null
    void this.job.start('high')
  }

  /** What is cheap is queued when the view is opened, once. */
  begin(): void {
    const { lab, plan, left, run } = this
    if (this.#hasBegun || !plan || !this.isConnected || lab.runs.status !== 'ready' || !lab.queue.isLoaded)
      return
    this.#hasBegun = true
    if (!left.length || this.job.entry || run.kept !== null || !lab.connection.keepsRuns) return
    const cost = sweepCost(
      plan.command,
      left.map(({ experiment }) => experiment),
    )
    if (plan.command === 'signal' && runsByItself(cost)) void this.job.start('normal')
  }

  async copyCommand(): Promise<void> {
    await this.lab.export.command(this.command, undefined, needsFile(sweepBase(this.document)))
  }

  // ---- What is shown ------------------------------------------------------------------------------------

  readonly #kept = $derived.by(() => (this.run.kept === null ? null : keptSweep(this.#runs, this.run.kept)))
  readonly isKept = $derived(this.#kept !== null)
  readonly shown = $derived.by(
    (): ShownSweep | null => this.#kept ?? (this.plan ? ownSweep(this.plan, this.#runs) : null),
  )
  readonly isMap = $derived(this.shown?.swept.length === 2)
  readonly page = $derived.by((): Page => {
    const page = this.#page ?? (this.isMap ? 'map' : 'curve')
    return page === 'map' && !this.isMap ? 'curve' : page
  })
  set shownPage(page: Page) {
    this.#page = page
  }

  readonly figures = $derived(this.shown ? sweepFigures(this.shown.kind) : [])
  readonly figure = $derived(this.figures.find(({ key }) => key === this.#figure) ?? this.figures[0])
  set shownFigure(key: string) {
    this.#figure = key
  }

  /** The runs whose numbers are still to be read. */
  readonly unread = $derived(
    this.shown?.points.flatMap(({ run }) => (run && this.run.reading(run.id) === null ? [run] : [])) ?? [],
  )

  seriesAt(point: ShownPoint): SeriesAt[] {
    const { key } = this.figure
    const read = point.run ? this.run.reading(point.run.id) : null
    const expected = this.run.theory(point.key) ?? []
    const theoryOf = ({ block, remedy }: { block: string; remedy: string }) =>
      expected.find((one) => one.block === block && one.remedy === remedy)
    if (read) return seriesAt(read, key, (one) => theoryOf(one)?.theory[key] ?? null)
    const skip = point.experiment?.skip ?? 'on'
    return expected.map((one) => ({
      ...{ id: `${one.block}/${one.remedy}`, name: networkTitle({ ...one, skip }) },
      ...{ block: one.block, remedy: one.remedy, measured: null },
      ...{ theory: one.theory[key] ?? null, chart: null },
    }))
  }

  /** Each point with its series; the pictures read these. */
  readonly table = $derived(
    (this.shown?.points ?? []).map((point) => ({ point, series: this.seriesAt(point) })),
  )
  readonly series = $derived(seriesOfTable(this.table))
  readonly legend = $derived(this.series)
  readonly #drawn = $derived(this.series.filter(({ id }) => !this.hidden.includes(id)))
  toggle(id: string): void {
    const { hidden } = this
    this.hidden = hidden.includes(id) ? hidden.filter((one) => one !== id) : [...hidden, id]
  }
  readonly selected = $derived(this.series.find(({ id }) => id === this.#series) ?? this.series[0] ?? null)
  set shownSeries(id: string) {
    this.#series = id
  }

  /** By the point's number: the selected series there. */
  readonly #bySeries = $derived<Partial<Record<number, SeriesAt>>>(
    Object.fromEntries(
      this.table.flatMap(({ point, series }) => {
        const own = series.find(({ id }) => id === this.selected?.id)
        return own ? [[point.index, own]] : []
      }),
    ),
  )

  readonly n = $derived.by(() => {
    const { replicas, trainReplicas } = this.document
    return this.shown?.kind === 'train' ? trainReplicas : replicas
  })
  readonly note = $derived.by(() => {
    if (this.isKept || !this.shown) return this.shown?.id ?? ''
    const { width } = this.document
    const isWidthSwept = this.shown.swept.some(({ key }) => key === 'width')
    return `means over n = ${this.n} networks${isWidthSwept ? '' : `, width ${width}`}`
  })

  // ---- Maps ---------------------------------------------------------------------------------------------

  readonly #axes = $derived.by(() => {
    const [x, y] = this.shown?.swept ?? []
    return { x, y }
  })

  indexAt({ column, row }: Place): number | null {
    const { x, y } = this.#axes
    if (!this.shown || !x) return null
    const at = y ? { [x.key]: x.values[column], [y.key]: y.values[row] } : { [x.key]: x.values[column] }
    return pointAt(this.shown, at)?.index ?? null
  }

  /** Where the chosen point lies. */
  readonly chosenPlace = $derived.by((): Place | null => {
    const { x, y } = this.#axes
    if (!this.chosen || !x) return null
    const { settings } = this.chosen
    return {
      column: x.values.indexOf(settings[x.key]!),
      row: y ? y.values.indexOf(settings[y.key]!) : 0,
    }
  })
  readonly chosen = $derived.by(
    (): ShownPoint | null =>
      this.shown?.points.find(({ index }) => index === this.#chosen) ?? this.shown?.points.at(-1) ?? null,
  )
  choose(place: Place): void {
    const index = this.indexAt(place)
    if (index !== null) this.#chosen = index
  }
  chooseIndex(index: number): void {
    this.#chosen = index
  }

  /** What is read: the point under the pointer, else the chosen one. */
  readonly read = $derived.by(() => {
    const index = this.hovered ? this.indexAt(this.hovered) : null
    const point = this.shown?.points.find((one) => one.index === index) ?? this.chosen
    return point && { point, series: this.seriesAt(point) }
  })

  readonly maps = $derived.by((): MapModel[] => {
    const { x, y } = this.#axes
    const { shown, figure, palette, job } = this
    if (!x || !y || !shown || !figure) return []
    const maps = mapsOf({
      ...{ x, y, points: shown.points, figure },
      seriesAt: ({ index }) => this.#bySeries[index],
      edgeOf: ({ key, run: kept }) => {
        if (job.current === key) return 'running'
        return !kept && job.problem(key) !== null ? 'failed' : null
      },
    })
    return maps.map((one) => ({ ...one, palette }))
  })

  // ---- Curves -------------------------------------------------------------------------------------------

  /** With two swept settings, what the other one is along the curve. */
  readonly along = $derived.by(() => {
    const { x, y } = this.#axes
    if (!x || !y || !this.chosen) return ''
    return `${setting(y.key).label} ${valueText(this.chosen.settings[y.key]!)}`
  })

  readonly curve = $derived.by((): LineChartModel => {
    const { x, y } = this.#axes
    const { legend, figure, palette } = this
    const series = this.#drawn
    const points = this.table.filter(
      ({ point }) => !y || point.settings[y.key] === this.chosen?.settings[y.key],
    )
    return { ...curveOf({ x: x ?? null, series, looks: legend, points, figure }), palette }
  })

  /** What has no place on the curve. */
  readonly lost = $derived.by(() => {
    const words = this.curve.series.flatMap(({ label, points }) =>
      points.filter(({ y }) => !Number.isFinite(y)).map(({ x, y }) => `${label} at ${x}: ${String(y)}`),
    )
    return words.length ? `Not finite: ${words.slice(0, 4).join('; ')}${words.length > 4 ? '; …' : ''}.` : ''
  })

  // ---- Small multiples ----------------------------------------------------------------------------------

  readonly multiplesTitle = $derived((this.shown && chartTitle(this.shown.kind)) ?? '')
  readonly multiples = $derived(
    this.table.flatMap(({ point, series }) => {
      const charts = series.flatMap(({ id, chart, name }) => {
        const own = this.legend.find((one) => one.id === id)
        return chart && own && !this.hidden.includes(id) ? [{ ...chart, colour: own.look.colour, name }] : []
      })
      return [{ point, charts }]
    }),
  )

  // ---- Words --------------------------------------------------------------------------------------------

  readonly finding = $derived.by(() =>
    this.selected && this.figure && this.shown
      ? sweepFinding({
          name: this.selected.name,
          figure: this.figure,
          points: this.shown.points.flatMap(({ index, settings }) => {
            const one = this.#bySeries[index]
            return one?.measured ? [{ settings, measured: one.measured.mean, theory: one.theory }] : []
          }),
          total: this.shown.points.length,
        })
      : '',
  )

  /** The settings of a point, in the view that shows them; undo brings the former back. */
  openSettings(point: ShownPoint): void {
    if (!point.experiment && point.run) return void this.lab.openRun(point.run)
    const { steps } = point.settings
    this.lab.experiment.change(
      (document) =>
        ({
          ...document,
          ...point.settings,
          ...(steps === undefined ? {} : { epochs: 0 }),
        }) as Experiment,
    )
    this.lab.show(this.settings.command)
    if (this.settings.command === 'signal') this.lab.signal.bringUpToDate()
  }
}
