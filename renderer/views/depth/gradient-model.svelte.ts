import type { LineChartModel } from '../../../shared/charts/line-chart'
import { shatteringScatter } from '../../../shared/depth/scatter'
import { shatteringFinding } from '../../../shared/depth/shattering'
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
    const moment = this.chosen === 'p0' ? 'initial' : this.chosen
    return { ...shatteringScatter(run.cells, shown, moment), palette }
  })
}
