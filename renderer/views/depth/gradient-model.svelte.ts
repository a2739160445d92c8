import { rangeOf, type LineChartModel, type LineSeries } from '../../../shared/charts/line-chart'
import { shatteringFinding, shatteringPoints } from '../../../shared/depth/shattering'
import type { DepthModel } from './depth-model.svelte'
import { GRADIENTS, type GradientChart } from './words'

/** What is drawn of gradients: p_0 over depth, or their correlation against the final training error. */
export class GradientModel {
  chosen = $state<GradientChart>('p0')

  constructor(private readonly model: DepthModel) {}

  readonly #choice = $derived.by(() => GRADIENTS.find(({ value }) => value === this.chosen)!)

  get title(): string {
    return this.#choice.title
  }
  get definition(): string {
    return this.#choice.definition
  }

  readonly isOverDepth = $derived.by(() => this.chosen === 'p0')

  readonly finding = $derived.by(() =>
    this.isOverDepth ? this.model.gradientFinding : shatteringFinding({ cells: this.model.run.cells }),
  )

  readonly chart = $derived.by((): LineChartModel => (this.isOverDepth ? this.model.gradient : this.#scatter))

  readonly #scatter = $derived.by((): LineChartModel => {
    const { shown, palette, run } = this.model
    const all = this.chosen === 'p0' ? [] : shatteringPoints({ cells: run.cells }, this.chosen)
    const series = shown.map(({ series: own, id, name, look }): LineSeries => ({
      ...{ id, label: name, appearance: look, pointsOnly: true },
      points: all
        .filter((point) => point.series === own)
        .map(({ correlation, error }) => ({ x: correlation, y: 100 * error })),
    }))
    const places = series.flatMap(({ points }) => points.map(({ x }) => x))
    return {
      series,
      ...{ xLabel: `${this.chosen} gradient correlation`, yLabel: 'training error (%)', palette },
      x: { min: Math.min(0, ...places), max: Math.max(0.1, ...places) * 1.04 },
      y: rangeOf(series, { min: 0 }),
    }
  })
}
