import { describedData } from '../../../shared/data/data-sets'
import { isRegression } from '../../../shared/data/description'
import { lossUnit } from '../../../shared/data/measures'
import type { Experiment } from '../../../shared/settings/experiment'
import type { Metric, Samples } from '../../../shared/depth/curves'
import { summarisePoint } from '../../../shared/numerics/statistics'
import { curveKey } from '../../../shared/runs/metrics'
import type { Appearance } from '../../../shared/charts/appearance'
import { rangeOf, type LineChartModel, type LineSeries } from '../../../shared/charts/line-chart'
import type { Palette } from '../../../shared/charts/palette'
import type { DepthRun } from '../../state/depth-run.svelte'
import type { Lab } from '../../state/lab.svelte'
import { overlayLine } from '../../state/overlays.svelte'
import { TITLES } from './words'

/** The networks of the view, as their learning curves are read. */
export interface DepthNetworks {
  readonly lab: Lab
  readonly run: Pick<DepthRun, 'cells' | 'growing' | 'onTheWay' | 'keeping'>
  /** The curves that the legend does not hide; `series`: number of the series. */
  readonly shown: readonly { series: number; id: string; name: string; look: Appearance }[]
  /** As it was trained. */
  readonly experiment: Experiment
  readonly metric: Metric
  /** Of what is drawn: 100 where errors are drawn in per cent. */
  readonly factor: number
  readonly palette: Palette
}

/** The depth that is looked at, and how its networks have learned. */
export class LearningModel {
  /** Whose learning curves are drawn. */
  samples = $state<Samples>('train')
  /** Null: the deepest that has a learning curve. */
  #chosen = $state<number | null>(null)

  constructor(private readonly page: DepthNetworks) {}

  /** The cell under way, or the one that was stopped on its way. */
  readonly #onTheWay = $derived.by(() => {
    const cell = this.page.run.onTheWay
    return cell ? [cell] : []
  })

  /** Depths that have learning curves, or are about to. */
  readonly depths = $derived.by((): number[] => {
    const all = [...this.page.run.cells, ...this.#onTheWay].map(({ depth }) => depth)
    return all.filter((depth, i) => all.indexOf(depth) === i)
  })
  readonly depth = $derived.by((): number | null => {
    const chosen = this.#chosen
    return chosen !== null && this.depths.includes(chosen) ? chosen : (this.depths.at(-1) ?? null)
  })

  /** Takes the nearest depth that has learning curves. @param x a place on the axis of depths */
  look(x: number): void {
    if (!this.depths.length) return
    this.#chosen = this.depths.reduce((best, one) => (Math.abs(one - x) < Math.abs(best - x) ? one : best))
  }

  /** The depth before or after the one that is looked at. */
  move(by: number): void {
    const place = this.depths.indexOf(this.depth ?? NaN)
    this.#chosen = this.depths[Math.min(this.depths.length - 1, Math.max(0, place + by))] ?? null
  }

  readonly chart = $derived.by((): LineChartModel => {
    const own = this.page.shown.flatMap(({ series: own, id, name, look }): LineSeries[] => {
      const isHere = (cell: { series: number; depth: number }) =>
        cell.series === own && cell.depth === this.depth
      const finished = this.page.run.cells.find(isHere)
      const cell = finished ?? this.#onTheWay.find(isHere)
      if (!cell) return []
      const label = finished || this.page.run.growing ? name : `${name}, not finished`
      const { step, [this.samples]: outcomes } = cell.evaluations
      const points = step.map((x, i) => {
        const { mean, low, high } = summarisePoint(outcomes[this.page.metric][i])
        return { x, y: this.page.factor * mean, low: this.page.factor * low, high: this.page.factor * high }
      })
      return [{ id, label, appearance: look, points }]
    })
    const last = Math.max(1, ...own.flatMap(({ points }) => points.map(({ x }) => x)))
    const series = own.length
      ? [...own, ...this.overlays.map((one) => overlayLine(one, { factor: this.page.factor }))]
      : []
    return {
      series,
      xLabel: 'step',
      yLabel:
        this.page.metric === 'error'
          ? `${this.samples === 'train' ? 'training' : 'test'} error (%)`
          : `loss (${lossUnit(isRegression(describedData(this.page.experiment)))})`,
      x: { min: 0, max: last },
      y: rangeOf(series, { min: 0 }),
      palette: this.page.palette,
    }
  })

  /** Of pinned runs. */
  readonly overlays = $derived.by(() =>
    this.page.lab.overlays.curves(
      curveKey(`${this.samples} ${this.page.metric}`, 'step'),
      this.page.run.keeping.run,
    ),
  )

  readonly title = $derived(
    this.depth === null
      ? TITLES.curves
      : `${TITLES.curves} at ${this.depth} ${this.depth === 1 ? 'block' : 'blocks'}`,
  )
}
