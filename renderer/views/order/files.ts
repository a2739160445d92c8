import { orderCsv } from '../../../shared/order/csv'
import { signalCsv } from '../../../shared/signal/csv'
import type { Quantity } from '../../../shared/theory/series'
import { QUANTITIES } from '../../../shared/signal/quantities'
import { dataOfMultiples, mirroredContent } from '../../../shared/figures/multiples'
import { legendOfMultiples, titleOfMultiples } from '../../../shared/figures/order-figures'
import { offerFigure, type ChartOnScreen } from '../../state/chart-figure'
import { seriesId } from '../../state/view-settings.svelte'
import { overlayLook } from '../../state/overlays.svelte'
import type { SignalChartModel } from '../../../shared/charts/signal-chart-model'
import type { Lab } from '../../state/lab.svelte'
import { ALL, type OrderCharts } from './order-charts.svelte'
import type { OrderModel } from './order-model.svelte'

const exported = (chart: string, { experiment }: OrderModel) => ({ view: 'order', chart, experiment })

export const saveTable = (lab: Lab, model: OrderModel): void =>
  lab.export.csv(exported('table', model), orderCsv(model.rows))

/** Each curve with the n of its own. */
export function saveCurves(lab: Lab, model: OrderModel): void {
  const files = model.series.map(({ header, row, q, v, m, p }) =>
    signalCsv([{ header, q, v, m, p }], ['q', 'v', 'm', 'p'], {
      replicas: row.n || model.experiment.replicas,
      step: 0,
    }),
  )
  const text = files.map((file, i) => (i ? file.slice(file.indexOf('\n') + 1) : file)).join('')
  lab.export.csv(exported('curves', model), text)
}

export function offerMultiples(lab: Lab, model: OrderModel, charts: OrderCharts): void {
  const { quantity, orderings, pinned } = charts
  const bands = lab.view.document.bands ? model.bandWords : ''
  const legend = [
    ...legendOfMultiples(charts.remedies),
    ...pinned.map(({ label, series }) => ({
      ...{ label, appearance: overlayLook(series), dashed: false, marked: false },
    })),
  ]
  offer(lab, model, 'multiples', {
    title: titleOfMultiples(quantity),
    subtitle: `${model.context}. Solid: measured, dashed: theory. ${bands}`,
    finding: model.finding,
    content: mirroredContent(
      orderings.map((one) => ({ title: one.title, model: charts.multipleOf(one) })),
      legend,
    ),
    data: dataOfMultiples(orderings, quantity),
    sameAs: isWhole(model, charts) ? `${quantity}-multiples` : null,
  })
}

/** One of the overlay's two charts, as it is zoomed. */
export function offerOverlay(
  lab: Lab,
  model: OrderModel,
  charts: OrderCharts,
  { quantity, chart, isZoomed }: { quantity: Quantity; chart: SignalChartModel; isZoomed: boolean },
): void {
  const isAll = charts.overlaid === ALL || charts.remedies.length === 1
  offer(lab, model, `overlay-${quantity}`, {
    title: QUANTITIES[quantity].title,
    subtitle: `${quantity} = ${QUANTITIES[quantity].formula}; ${model.context}. Solid: measured, dashed: theory.`,
    finding: model.finding,
    content: { kind: 'signal', model: { ...chart, showDepthLabels: true, valueLabel: quantity } },
    sameAs: isWhole(model, charts) && isAll && !isZoomed ? quantity : null,
  })
}

/** Whether nothing is hidden, faded or drawn beside the run. */
const isWhole = (
  { lab, series }: Pick<OrderModel, 'lab' | 'series'>,
  { marked, pinned }: OrderCharts,
): boolean =>
  marked === null &&
  !pinned.length &&
  !series.some(({ header }) => lab.view.hidden.includes(seriesId(header)))

type Offered = Pick<ChartOnScreen, 'title' | 'subtitle' | 'finding' | 'content' | 'data' | 'sameAs'>

const offer = (lab: Lab, model: OrderModel, chart: string, own: Offered): void =>
  offerFigure(lab, {
    ...{ ...own, what: exported(chart, model) },
    of: { kind: 'order', keeping: model.run.keeping },
  })
