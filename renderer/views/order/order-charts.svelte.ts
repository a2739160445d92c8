import { formatNumber } from '../../../shared/base/format'
import { remedyTitle } from '../../../shared/network/series-names'
import { extremesFinding, orderingFinding } from '../../../shared/order/findings'
import { orderingTitle } from '../../../shared/order/set'
import { curveKey } from '../../../shared/runs/metrics'
import type { Quantity } from '../../../shared/theory/series'
import { appearanceOf, blocksOf } from '../../../shared/charts/appearance'
import type { Axis, Range } from '../../../shared/charts/axis'
import { SIGNED, axisRange, plot, type Curve, type Plotted } from '../../../shared/charts/curves'
import { DARK, LIGHT } from '../../charts/palette'
import { mix } from '../../../shared/charts/palette'
import type { Lab } from '../../state/lab.svelte'
import { stageMarks } from '../../state/network-outline'
import type { OrderSeries } from '../../state/order-results'
import { distinctOverlays, overlayCurve, type OverlaidCurve } from '../../state/overlays.svelte'
import { seriesId, type ForwardQuantity } from '../../state/view-settings.svelte'
import type { MultipleModel } from '../../../shared/charts/small-multiple'
import { chipName } from './names'
import type { OrderModel } from './order-model.svelte'

export type Way = 'forward' | 'backward'

/** The remedy of the overlay that stands for all. */
export const ALL = 'all'

/** One ordering with its curves, a remedy each. */
export interface Ordering {
  block: string
  title: string
  shortName: string
  description: string
  forward: Plotted[]
  backward: Plotted[]
  /** A line for each remedy that says something of its own. */
  finding: string[]
  own: readonly OrderSeries[]
}

/** The curves of the Order view: side by side on common axes, and laid over each other. */
export class OrderCharts {
  constructor(
    private readonly lab: Lab,
    private readonly model: OrderModel,
  ) {}

  /** Ordering that stands out in every view. */
  marked = $state<string | null>(null)
  /** Many curves in one chart are read a remedy at a time. */
  wantedRemedy = $state<string | null>(null)

  readonly #settings = $derived.by(() => this.lab.view.document)
  readonly palette = $derived.by(() => (this.lab.theme.isDark ? DARK : LIGHT))
  readonly quantity = $derived<ForwardQuantity>(this.#settings.quantity)
  readonly stages = $derived.by(() => stageMarks(this.model.experiment))
  readonly remedies = $derived.by(() => distinct(this.model.headers.map(({ remedy }) => remedy)))
  readonly #blocks = $derived.by(() => blocksOf(this.model.headers))

  toggleMark(block: string): void {
    this.marked = this.marked === block ? null : block
  }

  axisOf(quantity: Quantity): Axis {
    return { kind: this.#settings.axis, signed: SIGNED[quantity] }
  }

  #curveOf(one: OrderSeries, quantity: Quantity, isAlone: boolean): Curve {
    const { header } = one
    const look = appearanceOf(header, isAlone ? [header.block] : this.#blocks)
    const { marked } = this
    const isFaded = !isAlone && marked !== null && this.#blocks.includes(marked) && marked !== header.block
    const title = orderingTitle(header.blockTitle)
    const remedy = remedyTitle(header.remedy)
    const overlaidLabel = this.overlaid !== ALL || header.remedy === 'none' ? title : `${title}, ${remedy}`
    return {
      id: seriesId(header),
      label: isAlone ? remedy : overlaidLabel,
      appearance: isFaded
        ? { ...look, colour: mix(look.colour, this.palette.surface, 0.75), width: 1 }
        : look,
      summary: one[quantity],
      theory: isFaded ? null : header.theory[quantity],
      hidden: this.lab.view.hidden.includes(seriesId(header)),
    }
  }

  #plotted(one: OrderSeries, quantity: Quantity, isAlone: boolean): Plotted {
    return plot(this.#curveOf(one, quantity, isAlone), 'mean', this.axisOf(quantity), (k) =>
      isMeasuredAt(one, quantity, k),
    )
  }

  #rangeOf(quantity: Quantity, some: readonly OrderSeries[]): Range {
    const curves = [
      ...some.map((one) => this.#curveOf(one, quantity, true)),
      ...this.#pinnedOf(quantity).map(overlayCurve),
    ]
    return axisRange('run', curves, [], 'mean', this.axisOf(quantity), 0)
  }

  // ---- Pinned runs ----------------------------------------------------------------------------------------

  #pinnedOf(quantity: Quantity): OverlaidCurve[] {
    return this.lab.overlays.curves(curveKey(quantity, 'block'), this.model.run.keeping.run)
  }
  /** Of all charts, for the legend. */
  readonly pinned = $derived.by(() =>
    distinctOverlays([...this.#pinnedOf(this.quantity), ...this.#pinnedOf('p')]),
  )

  /** Thin lines, in the multiple of their block; what none of the multiples shows is held against all of them. */
  #thin(quantity: Quantity, block: string | null): Plotted[] {
    const isHere = ({ series: { settings } }: OverlaidCurve) =>
      block === null || settings.block === block || !this.#blocks.includes(String(settings.block))
    return this.#pinnedOf(quantity)
      .filter(isHere)
      .map((one) => plot(overlayCurve(one), 'mean', this.axisOf(quantity), () => true))
  }

  // ---- Side by side ---------------------------------------------------------------------------------------

  readonly #forwardRange = $derived.by(() => this.#rangeOf(this.quantity, this.model.series))
  readonly #backwardRange = $derived.by(() => this.#rangeOf('p', this.model.series))

  readonly orderings = $derived(
    this.#blocks.map((block): Ordering => {
      const own = this.model.series.filter(({ header }) => header.block === block)
      const { blockTitle } = own[0].header
      return {
        block,
        title: orderingTitle(blockTitle),
        shortName: chipName(block, blockTitle),
        description: blockTitle,
        forward: [
          ...own.map((one) => this.#plotted(one, this.quantity, true)),
          ...this.#thin(this.quantity, block),
        ],
        backward: [...own.map((one) => this.#plotted(one, 'p', true)), ...this.#thin('p', block)],
        finding: orderingFinding(own.map(({ row }) => row)),
        own,
      }
    }),
  )

  multipleOf({ forward, backward }: Ordering): MultipleModel {
    return {
      forward,
      backward,
      forwardAxis: this.axisOf(this.quantity),
      backwardAxis: this.axisOf('p'),
      forwardRange: this.#forwardRange,
      backwardRange: this.#backwardRange,
      depth: this.model.depth,
      stages: this.stages,
      bands: this.#settings.bands,
      theory: this.#settings.theory,
      hovered: this.lab.view.hovered,
      palette: this.palette,
    }
  }

  /** What the pointer reads, in any of the multiples; null: it points at none. */
  readingOf({ own }: Ordering): string[] | null {
    const k = this.lab.view.hovered
    if (k === null || k > this.model.depth) return null
    const read = (quantity: Quantity) =>
      own.map((one) => `${remedyTitle(one.header.remedy)} ${valueText(one, quantity, k)}`).join(', ')
    return [`${this.quantity}: ${read(this.quantity)}`, `p: ${read('p')}`]
  }

  // ---- Laid over each other -------------------------------------------------------------------------------

  readonly overlaid = $derived.by(() => {
    const wanted = this.wantedRemedy
    if (wanted !== null && (wanted === ALL || this.remedies.includes(wanted))) return wanted
    return this.remedies[0] ?? ALL
  })
  readonly #inOverlay = $derived.by(() =>
    this.model.series.filter(({ header }) => this.overlaid === ALL || header.remedy === this.overlaid),
  )
  /** Both ways; plotting is kept apart from what moves with the pointer. */
  readonly overlay = $derived(
    ([['forward', this.quantity] as const, ['backward', 'p'] as const] as [Way, Quantity][]).map(
      ([way, quantity]) => ({
        way,
        quantity,
        plotted: [
          ...this.#inOverlay.map((one) => this.#plotted(one, quantity, false)),
          ...this.#thin(quantity, null),
        ],
        range: this.#rangeOf(quantity, this.#inOverlay),
        finding: extremesFinding(
          this.#inOverlay.map(({ row }) => row),
          way,
        ),
      }),
    ),
  )
}

const distinct = (names: readonly string[]) => [...new Set(names)]

const isMeasuredAt = (one: OrderSeries, quantity: Quantity, k: number) =>
  quantity === 'p' ? k >= one.backwardFrom : k <= one.forwardTo

const valueText = (one: OrderSeries, quantity: Quantity, k: number) =>
  isMeasuredAt(one, quantity, k) ? formatNumber(one[quantity].mean[k]) : '–'
