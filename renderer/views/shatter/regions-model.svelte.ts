import { switching } from '../../../shared/network/frozen-network'
import { seriesOf } from '../../../shared/network/series'
import { seriesTitle } from '../../../shared/network/series-names'
import { MOST_REGIONS, whyNotExact } from '../../../shared/shatter/line-regions'
import type { Counted } from '../../../shared/shatter/plane-regions'
import { regionsCommand } from '../../../shared/shatter/command'
import { REGION_NETWORKS, SIDES, type Side } from '../../../shared/shatter/regions'
import { countsOf, regionsFinding } from '../../../shared/shatter/regions-findings'
import { hasDrawnBlock } from '../../../shared/experiment/command-line'
import { curveKey } from '../../../shared/runs/metrics'
import type { Cell } from '../../../shared/base/csv'
import { remedyLook } from '../../../shared/charts/appearance'
import { breaksContent, planesContent } from '../../../shared/figures/multiples'
import { rangeOf, type LineChartModel, type LineSeries } from '../../../shared/charts/line-chart'
import { DARK, LIGHT } from '../../charts/palette'
import type { ChartState, ChartUpdate } from '../../components/ChartCard.svelte'
import { chartRun } from '../../state/chart-run'
import { regionsCost, runsByItself } from '../../state/cost'
import { offerFigure, type ChartOnScreen } from '../../state/chart-figure'
import type { Lab } from '../../state/lab.svelte'
import { overlayLine } from '../../state/overlays.svelte'
import { readSlice, regionsRequest } from '../../state/regions-run.svelte'
import { ShatterRun, shatterSettings } from '../../state/shatter-run.svelte'
import type { REACHES, SIZES, UNITS, UP_TO } from './words'

type Value<T extends readonly { value: string }[]> = T[number]['value']

export const SIDE_TITLES: Record<Side, string> = { plain: 'Plain', residual: 'Residual' }

/** What the Shatter view draws and says of linear regions: a plain network next to a residual one. */
export class RegionsModel {
  // ---- What is asked for --------------------------------------------------------------------------------------------

  #chosenId = $state<string | null>(null)
  upTo = $state<Value<typeof UP_TO>>('one')
  units = $state<Value<typeof UNITS>>('4')
  #block = $state<number | null>(null)

  constructor(private readonly lab: Lab) {}

  readonly run = $derived.by(() => this.lab.stateOf(ShatterRun).regions)
  /** Points a side, and half of the square's side, as the choices have them. */
  readonly size = $derived(String(this.run.size) as Value<typeof SIZES>)
  readonly reach = $derived(String(this.run.reach) as Value<typeof REACHES>)
  setSize(size: Value<typeof SIZES>): void {
    this.run.size = Number(size)
  }
  setReach(reach: Value<typeof REACHES>): void {
    this.run.reach = Number(reach)
  }
  readonly #document = $derived.by(() => this.lab.experiment.document)
  readonly isDark = $derived.by(() => this.lab.theme.isDark)
  readonly palette = $derived(this.isDark ? DARK : LIGHT)

  /** The experiment's curves, one of which is held against itself without its skip. */
  readonly choices = $derived(
    seriesOf(this.#document).map(({ block, remedy }) => ({
      id: `${block.name}/${remedy}`,
      block: block.name,
      remedy,
      title: seriesTitle({ blockTitle: block.title, remedy }),
    })),
  )
  readonly chosen = $derived(this.choices.find(({ id }) => id === this.#chosenId) ?? this.choices[0])
  choose(id: string): void {
    this.#chosenId = id
  }

  readonly #request = $derived(
    regionsRequest(this.#document, shatterSettings(this.#document), {
      block: this.chosen.block,
      remedy: this.chosen.remedy,
      size: this.run.size,
      reach: this.run.reach,
    }),
  )
  readonly isQuick = $derived(runsByItself(regionsCost(this.#document, this.run.size)))
  readonly isStale = $derived(this.run.isStale(this.#request))
  readonly found = $derived(this.run.found)

  start(): void {
    void this.run.start(this.#request)
  }

  /** For the cards: whether what they draw answers older settings. The page itself counts, connected or not. */
  readonly outdated = $derived.by((): ChartUpdate | null =>
    this.found && this.isStale && !this.run.isRunning
      ? { onupdate: () => this.start(), seconds: this.run.secondsFor(this.#request) }
      : null,
  )

  /** In place of the line's pictures; null where there is something to draw. */
  readonly missing = $derived.by((): ChartState | null => {
    const { error, isRunning } = this.run
    if (this.found) return null
    if (error) return { kind: 'failed', text: 'Nothing was counted.', hint: error.message }
    return isRunning ? null : { kind: 'empty', text: 'Press Draw: this takes a while.' }
  })

  // ---- On the line --------------------------------------------------------------------------------------------------

  readonly depth = $derived(this.run.request?.experiment.blocks ?? this.#document.blocks)
  readonly range = $derived(this.run.request?.settings.range ?? shatterSettings(this.#document).range)
  readonly #remedy = $derived(this.run.request?.experiment.remedies[0] ?? 'none')
  readonly colours = $derived<Record<Side, string>>({
    plain: this.palette.ink,
    residual: remedyLook(this.#remedy).colour,
  })

  readonly #curves = $derived<LineSeries[]>(
    SIDES.map((side) => ({
      id: side,
      label: SIDE_TITLES[side],
      appearance: {
        ...remedyLook(side === 'plain' ? 'none' : this.#remedy),
        colour: this.colours[side],
        filling: side === 'plain' ? ('hollow' as const) : ('full' as const),
        width: 1.8,
      },
      points: this.found
        ? countsOf(this.found.line[side]).map(({ k, mean, low, high }) => ({ x: k, y: mean, low, high }))
        : [],
    })),
  )
  readonly overlays = $derived.by(() =>
    this.lab.overlays.curves(curveKey('regions', 'block'), this.run.keeping.run),
  )
  readonly #drawn = $derived([...this.overlays.map((one) => overlayLine(one)), ...this.#curves])
  readonly hasCounts = $derived(this.#curves[0].points.length > 0)
  readonly counts = $derived<LineChartModel>({
    series: this.#drawn,
    xLabel: 'blocks 1 to k',
    yLabel: 'regions',
    x: { min: 0, max: this.depth },
    y: rangeOf(this.#drawn, { min: 0 }),
    palette: this.palette,
  })
  /** Of how many networks the counts are: of a run that was stopped, of fewer. */
  readonly n = $derived.by(() => {
    if (!this.found || this.run.isRunning) return REGION_NETWORKS
    return Math.min(...SIDES.map((side) => this.found!.line[side].length))
  })
  /** Where the first network's ReLUs switch, block by block. */
  breaks(side: Side): readonly Float64Array[] {
    return this.found?.line[side][0]?.breaks ?? []
  }

  readonly finding = $derived.by(() => {
    const { found } = this
    if (!found) return this.run.isRunning ? 'Counting…' : ''
    return switching(found.networks.residual.graph).length
      ? regionsFinding(found.line, this.run.request!.settings.center)
      : 'This block has no ReLU: nothing switches on or off, and there are no linear regions.'
  })
  readonly inexact = $derived(this.found ? whyNotExact(this.found.networks.residual.graph) : null)
  readonly lineDefinition = $derived.by(() => {
    const how = this.inexact
      ? `Counted on a grid of 4,096 points, since ${this.inexact}: a lower bound.`
      : 'Counted exactly: every place where a ReLU’s input is 0 is solved for in float64 (places nearer than a ' +
        'billionth of the line count as one).'
    return (
      'A region is a stretch of the line on which no ReLU switches between on and off; inside it the network is ' +
      `one straight line. ${how} Batch statistics and centring are held constant as the drawn networks have ` +
      `them. At most ${MOST_REGIONS.toLocaleString('en')}.`
    )
  })

  // ---- In the plane -------------------------------------------------------------------------------------------------

  readonly block = $derived(Math.min(this.depth, this.#block ?? this.depth))
  lookAt(block: number): void {
    this.#block = block
  }

  readonly #counted = $derived<Counted>({
    block: this.block,
    upTo: this.upTo === 'all',
    units: this.units === 'all' ? null : Number(this.units),
  })
  /** The pattern at each point that is there, and how many different ones; null before the first row. */
  readonly patterns = $derived({
    plain: this.found?.slice.plain ? readSlice(this.found.slice.plain, this.#counted) : null,
    residual: this.found?.slice.residual ? readSlice(this.found.slice.residual, this.#counted) : null,
  })
  readonly countedWords = $derived.by(() => {
    const relus = this.units === 'all' ? 'all ReLUs' : `${this.units} ReLUs`
    return `${relus} of ${this.upTo === 'all' ? `blocks 1 to ${this.block}` : `block ${this.block}`}`
  })
  readonly planeDefinition = $derived.by(() => {
    const reach = this.run.request?.reach ?? 2
    return (
      `A network of two inputs (x₁, x₂), on the square from −${reach} to ${reach}, its statistics taken over a ` +
      '48 × 48 grid of [−2, 2]² and held constant. One colour per activation pattern of the ReLUs that count: ' +
      `${this.countedWords}. A region is a connected set of inputs with one pattern. Patterns are looked at in ` +
      'the points of a finite grid, so their number is a lower bound of the number of regions.'
    )
  })

  readonly chartRun = $derived.by(() => chartRun(this.lab, this.run.keeping))

  // ---- Exports ------------------------------------------------------------------------------------------------------

  /** Counts the same regions of the line; planes are for the screen. */
  readonly command = $derived(regionsCommand(this.#request.experiment, this.#request.settings))

  copyCommand(): void {
    void this.lab.export.command(this.command, undefined, hasDrawnBlock(this.#request.experiment))
  }

  #exported(chart: string) {
    return { view: 'shatter', chart, experiment: this.run.request?.experiment ?? this.#document }
  }

  saveCsv(): void {
    const { line } = this.found!
    const rows = SIDES.flatMap((side) => {
      const kind = line[side].every(({ isExact }) => isExact) ? 'exact' : 'lower bound'
      return countsOf(line[side]).map(({ k, mean, low, high }) => [
        ...[side, k, mean, low, high],
        line[side].length,
        kind,
      ])
    })
    const header = ['network', 'blocks', 'regions', 'smallest', 'largest', 'n', 'kind']
    this.lab.export.csv(this.#exported('regions'), { header, rows })
  }

  offerCounts(): void {
    this.#offer('regions', {
      title: `Linear regions: ${this.chosen.title}, plain and residual`,
      subtitle: `${this.lineDefinition} Mean of n = ${this.n} networks, band from the fewest to the most.`,
      content: { kind: 'lines', model: this.counts },
      sameAs: this.overlays.length ? null : 'regions',
    })
  }

  offerBreaks(): void {
    const { colours, depth, range } = this
    this.#offer('breaks', {
      title: `Where ReLUs switch: ${this.chosen.title}, plain and residual`,
      subtitle: `${this.lineDefinition} A row for each block of the first network.`,
      content: breaksContent(
        SIDES.map((side) => ({
          ...{ title: SIDE_TITLES[side], breaks: this.breaks(side), colour: colours[side], depth, range },
        })),
      ),
      data: {
        header: ['network', 'block', 'x'],
        rows: SIDES.flatMap((side) =>
          this.breaks(side).flatMap((own, k) => [...own].map((x): Cell[] => [side, k + 1, x])),
        ),
      },
      sameAs: 'breaks',
    })
  }

  /** A picture for the screen alone: a run keeps the line, not the plane. */
  offerPlane(): void {
    const sides = SIDES.flatMap((side) => {
      const [read, slice] = [this.patterns[side], this.found?.slice[side]]
      return read && slice ? [{ title: SIDE_TITLES[side], patterns: read.patterns, size: slice.size }] : []
    })
    this.#offer('plane', {
      title: `Activation patterns in a plane: ${this.chosen.title}`,
      subtitle: this.planeDefinition,
      content: planesContent(sides),
      data: null,
      sameAs: null,
    })
  }

  #offer(
    chart: string,
    own: Pick<ChartOnScreen, 'title' | 'subtitle' | 'content' | 'data' | 'sameAs'>,
  ): void {
    offerFigure(this.lab, {
      ...{ ...own, finding: this.finding, what: this.#exported(chart) },
      of: { kind: 'regions', keeping: this.run.keeping },
    })
  }
}
