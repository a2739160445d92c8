import type { Experiment } from '../../../shared/settings/experiment'
import { stepFinding } from '../../../shared/figures/findings'
import type { SeriesHeader } from '../../../shared/theory/series'
import { blockFinding } from '../../../shared/train/findings'
import { BLOCK_QUANTITIES, isBlockQuantity, summaryOf } from '../../../shared/train/block-quantities'
import { QUANTITIES } from '../../../shared/signal/quantities'
import type { Appearance } from '../../../shared/charts/appearance'
import type { Axis, AxisKind } from '../../../shared/charts/axis'
import { SIGNED, axisRange, plot, type Curve, type Plotted } from '../../../shared/charts/curves'
import type { Palette } from '../../../shared/charts/palette'
import type { SignalChartModel } from '../../../shared/charts/signal-chart-model'
import type { Lab } from '../../state/lab.svelte'
import { stageMarks } from '../../state/network-outline'
import type { TrainRun } from '../../state/train-run.svelte'
import type { ForwardQuantity } from '../../state/view-settings.svelte'
import { TRAINING_P, type LowerQuantity } from './words'

/** The networks of the view, as its charts over blocks read them. */
export interface TrainedNetworks {
  readonly lab: Lab
  readonly run: Pick<TrainRun, 'frame' | 'step'>
  readonly experiment: Experiment
  /** How many a curve. */
  readonly networks: number
  readonly headers: readonly SeriesHeader[]
  readonly ids: readonly string[]
  readonly names: readonly string[]
  readonly looks: readonly Appearance[]
  readonly isHidden: readonly boolean[]
  readonly selected: string | null
  readonly palette: Palette
  /** "mean, 5–95 %, n = 5 networks". */
  readonly ofNetworks: string
}

/** The charts over blocks at the step that is shown: the signal, and gradients or updates below it. */
export class BlocksModel {
  /** What the lower of the two charts shows. */
  lower = $state<LowerQuantity>('updateRatio')

  constructor(private readonly page: TrainedNetworks) {}

  readonly depth = $derived.by(() => this.page.experiment.blocks)
  readonly block = $derived.by(() => Math.min(this.page.lab.view.block, this.depth))
  readonly #stages = $derived.by(() => stageMarks(this.page.experiment))

  #curvesOf(quantity: ForwardQuantity | LowerQuantity): Curve[] {
    const { frame } = this.page.run
    if (!frame) return []
    return this.page.headers.map((header, i) => ({
      id: this.page.ids[i],
      label: this.page.names[i],
      appearance: this.page.looks[i],
      summary: summaryOf(frame.series[i], quantity),
      theory: isBlockQuantity(quantity) ? null : header.theory[quantity],
      hidden: this.page.isHidden[i],
    }))
  }

  #signalOf(quantity: ForwardQuantity | LowerQuantity): SignalChartModel {
    const settings = this.page.lab.view.document
    const isPerBlock = isBlockQuantity(quantity)
    const kind: AxisKind = isPerBlock && settings.axis === 'log2' ? 'log10' : settings.axis
    const axis: Axis = { kind, signed: isPerBlock ? false : SIGNED[quantity] }
    const curves = this.#curvesOf(quantity)
    const plotted: Plotted[] = curves.map((curve) =>
      plot(curve, settings.statistic, axis, (k) => !isPerBlock || k > 0),
    )
    const shown = isPerBlock || !settings.theory ? curves.map((one) => ({ ...one, theory: null })) : curves
    return {
      plotted,
      axis,
      range: axisRange('run', shown, [], settings.statistic, axis, 0),
      reversed: quantity === 'p',
      depth: { min: 0, max: this.depth },
      depthLabel: 'block k',
      showDepthLabels: true,
      bands: settings.bands && this.page.networks > 1,
      theory: settings.theory,
      selected: curves.length ? { series: this.page.selected, block: this.block } : null,
      stages: this.#stages,
      palette: this.page.palette,
    }
  }

  readonly forward = $derived.by(() => this.#signalOf(this.page.lab.view.document.quantity))
  readonly below = $derived.by(() => this.#signalOf(this.lower))

  // ---- Words --------------------------------------------------------------------------------------------

  readonly findings = $derived.by(() => ({
    forward: this.#findingOf(this.page.lab.view.document.quantity),
    below: this.#findingOf(this.lower),
  }))

  #findingOf(quantity: ForwardQuantity | LowerQuantity): string {
    const { experiment, headers, isHidden, lab, names, networks: replicas, run } = this.page
    const { frame, step } = run
    if (!frame) return ''
    const { statistic } = lab.view.document
    const shown = headers.flatMap((header, i) =>
      isHidden[i] ? [] : [{ header, name: names[i], summary: summaryOf(frame.series[i], quantity) }],
    )
    if (isBlockQuantity(quantity)) {
      const series = shown.map(({ name, summary }) => ({ name, values: summary[statistic].slice(1) }))
      return blockFinding(BLOCK_QUANTITIES[quantity].subject, series)
    }
    const series = shown.map(({ header, name, summary }) => ({
      ...{ ...header, name },
      values: summary[statistic],
      theory: header.theory[quantity],
    }))
    return stepFinding(series, quantity, step, { width: experiment.width, replicas, statistic })
  }

  titleOf(quantity: ForwardQuantity | LowerQuantity): { title: string; definition: string; formula: string } {
    if (quantity === 'p') return TRAINING_P
    return isBlockQuantity(quantity) ? BLOCK_QUANTITIES[quantity] : QUANTITIES[quantity]
  }

  /** When it was that the curves show; short, since the choice of the quantity stands beside it. */
  readonly note = $derived.by(() => `step ${this.page.run.step}`)

  /** What a quantity is, and of which networks its curves are. */
  definitionOf(quantity: ForwardQuantity | LowerQuantity): string {
    const { definition, formula } = this.titleOf(quantity)
    return `${definition} ${formula}. Drawn: ${this.page.ofNetworks}.`
  }
}
