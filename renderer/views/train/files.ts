import { blocksCsv, curvesCsv, learningRateCsv, tableCsv } from '../../../shared/train/csv'
import { figurePng, lineChartImage, signalChartImage } from '../../charts/export-png'
import type { Lab } from '../../state/lab.svelte'
import type { ForwardQuantity } from '../../state/view-settings.svelte'
import type { Metric, TrainModel } from './train-model.svelte'
import { CURVES, type LowerQuantity } from './words'

/** What leaves the Train view as files: each chart as numbers and as a picture, and the table. */

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

export function saveCurvesPicture(lab: Lab, model: TrainModel, metric: Metric): void {
  const chart = { ...model[metric], hidesX: false, axisRoom: undefined }
  const png = figurePng({
    title: CURVES[metric].title,
    subtitle: `${CURVES[metric].definition} ${model.ofNetworks}. Test in full colour, train thin and pale.`,
    finding: model.findings[metric],
    legend: chart.series,
    palette: model.palette,
    image: (...size) => lineChartImage(chart, ...size),
  })
  lab.export.picture(exported(metric, model), png)
}

export function saveRatePicture(lab: Lab, model: TrainModel): void {
  const png = figurePng({
    title: CURVES.rate.title,
    subtitle: CURVES.rate.definition,
    finding: '',
    legend: [],
    palette: model.palette,
    image: (...size) => lineChartImage(model.rate, ...size),
  })
  lab.export.picture(exported('learning-rate', model), png)
}

export function saveBlocksPicture(
  lab: Lab,
  model: TrainModel,
  quantity: ForwardQuantity | LowerQuantity,
): void {
  const isBelow = quantity === model.overBlocks.lower
  const chart = isBelow ? model.overBlocks.below : model.overBlocks.forward
  const { title, formula } = model.overBlocks.titleOf(quantity)
  const png = figurePng({
    title,
    subtitle:
      `${formula}; ${model.overBlocks.note}, ${model.ofNetworks}. ` +
      'Solid: measured on a batch, dashed: theory at initialisation.',
    finding: isBelow ? model.overBlocks.findings.below : model.overBlocks.findings.forward,
    legend: chart.plotted.filter(({ curve }) => !curve.hidden).map(({ curve }) => curve),
    palette: model.palette,
    image: (...size) => signalChartImage(chart, ...size),
  })
  lab.export.picture(exported(quantity, model), png)
}
