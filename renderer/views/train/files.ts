import { autocorrelationCsv, correlationCsv } from '../../../shared/train/shattering'
import { blocksCsv, curvesCsv, learningRateCsv, tableCsv } from '../../../shared/train/csv'
import { figureIdOf } from '../../../shared/figures/training-figures'
import { offerFigure, type ChartOnScreen } from '../../state/chart-figure'
import type { Lab } from '../../state/lab.svelte'
import type { ForwardQuantity } from '../../state/view-settings.svelte'
import type { GradientsModel } from './gradients-model.svelte'
import type { Metric, TrainModel } from './train-model.svelte'
import { CURVES, GRADIENTS, type LowerQuantity } from './words'

/** What leaves the Train view as files: each chart as numbers and as a figure, and the table. */

const exported = (chart: string, { experiment }: TrainModel) => ({ view: 'train', chart, experiment })

export const saveCurves = (lab: Lab, model: TrainModel, metric: Metric): void =>
  lab.export.csv(exported(metric, model), curvesCsv(model.learning, metric))

export const saveTable = (lab: Lab, model: TrainModel): void =>
  lab.export.csv(exported('table', model), tableCsv(model.rows, model.learning))

/** Of all steps, as it was or would have been. */
export function saveRate(lab: Lab, model: TrainModel): void {
  const { points } = model.rate.series[0]
  const table = { step: points.map(({ x }) => x), learningRate: points.map(({ y }) => y) }
  lab.export.csv(exported('learning-rate', model), learningRateCsv(table))
}

export const saveCorrelation = (lab: Lab, model: TrainModel): void =>
  lab.export.csv(exported('gradient-correlation', model), correlationCsv(model.learning))

export const saveAutocorrelation = (lab: Lab, model: TrainModel): void =>
  lab.export.csv(exported('autocorrelation', model), autocorrelationCsv(model.learning))

export function saveBlocks(lab: Lab, model: TrainModel, quantity: ForwardQuantity | LowerQuantity): void {
  const { plotted } = quantity === model.overBlocks.lower ? model.overBlocks.below : model.overBlocks.forward
  const isPerBlock = quantity === 'updateRatio' || quantity === 'gradientNorm'
  const first = isPerBlock ? 1 : 0
  const series = plotted.map(({ curve: { summary } }, i) => {
    const { block, remedy } = model.headers[i]
    const cut = (values: readonly number[]) => values.slice(first)
    const { mean, median, low, high } = summary
    return {
      ...{ block, remedy, first },
      summary: { mean: cut(mean), median: cut(median), low: cut(low), high: cut(high) },
    }
  })
  const context = { step: model.run.step, n: model.networks }
  lab.export.csv(exported(quantity, model), blocksCsv(series, quantity, context))
}

export function offerCurves(lab: Lab, model: TrainModel, metric: Metric): void {
  const chart = { ...model[metric], hidesX: false, axisRoom: undefined }
  offer(lab, model, {
    ...{ chart: metric, title: CURVES[metric].title, finding: model.findings[metric] },
    subtitle: `${CURVES[metric].definition} Drawn: ${model.ofNetworks}. Test in full colour, train thin and pale.`,
    content: { kind: 'lines', model: chart },
    sameAs: isWhole(model) && model.sets.length === 2 && !model.overlaysOf(metric).length ? metric : null,
  })
}

export function offerRate(lab: Lab, model: TrainModel): void {
  const chart = { ...model.rate, yLabel: 'learning rate', axisRoom: undefined }
  offer(lab, model, {
    ...{ chart: 'learning-rate', title: CURVES.rate.title, subtitle: CURVES.rate.definition, finding: '' },
    content: { kind: 'lines', model: chart },
    sameAs: null,
  })
}

export function offerGradients(
  lab: Lab,
  model: TrainModel,
  gradients: GradientsModel,
  which: keyof typeof GRADIENTS,
): void {
  const { title, definition } = GRADIENTS[which]
  const chart = which === 'correlation' ? 'gradient-correlation' : which
  const isOfRun = which === 'correlation' ? !model.correlations.length : gradients.isOverLags
  offer(lab, model, {
    ...{ chart, title, finding: gradients.findings[which] },
    subtitle: `${definition} Drawn: ${model.ofNetworks}.`,
    content: {
      kind: 'lines',
      model: { ...gradients[which], axisRoom: undefined, yLabel: title.toLowerCase() },
    },
    sameAs: isWhole(model) && lab.view.document.bands && isOfRun ? chart : null,
  })
}

export function offerBlocks(lab: Lab, model: TrainModel, quantity: ForwardQuantity | LowerQuantity): void {
  const { overBlocks } = model
  const isBelow = quantity === overBlocks.lower
  const chart = isBelow ? overBlocks.below : overBlocks.forward
  const { title, formula } = overBlocks.titleOf(quantity)
  const { bands, theory } = lab.view.document
  offer(lab, model, {
    ...{ chart: figureIdOf(quantity), title },
    subtitle:
      `${formula}; ${overBlocks.note}, ${model.ofNetworks}. ` +
      'Solid: measured on a batch, dashed: theory at initialisation.',
    finding: isBelow ? overBlocks.findings.below : overBlocks.findings.forward,
    content: { kind: 'signal', model: { ...chart, selected: null, valueLabel: title } },
    sameAs: isWhole(model) && bands && theory ? figureIdOf(quantity) : null,
  })
}

const isWhole = ({ isHidden }: TrainModel) => !isHidden.includes(true)

type Offered = Pick<ChartOnScreen, 'title' | 'subtitle' | 'finding' | 'content' | 'sameAs'> & {
  chart: string
}

const offer = (lab: Lab, model: TrainModel, { chart, ...own }: Offered): void =>
  offerFigure(lab, {
    ...{ ...own, what: exported(chart, model), step: model.run.step },
    of: { kind: 'train', keeping: model.run.keeping },
  })
