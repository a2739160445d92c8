import { remedyTitle } from '../../../shared/network/series-names'
import { orderCsv } from '../../../shared/order/csv'
import { signalCsv } from '../../../shared/signal/csv'
import type { Quantity } from '../../../shared/theory/series'
import { QUANTITIES } from '../../../shared/signal/quantities'
import { appearanceOf } from '../../../shared/charts/appearance'
import { figurePng, signalChartImage } from '../../charts/export-png'
import { overlayLook } from '../../state/overlays.svelte'
import type { SignalChartModel } from '../../../shared/charts/signal-chart-model'
import type { Lab } from '../../state/lab.svelte'
import { multiplesImage } from './multiple'
import type { OrderCharts } from './order-charts.svelte'
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

export function saveMultiples(lab: Lab, model: OrderModel, charts: OrderCharts): void {
  const { quantity, orderings, palette } = charts
  const bands = lab.view.document.bands ? model.bandWords : ''
  const png = figurePng({
    title: `Orderings: ${QUANTITIES[quantity].title.replace(/^Forward: /, '')} above, gradient p below, mirrored`,
    subtitle: `${model.context}. Solid: measured, dashed: theory. ${bands}`,
    finding: model.finding,
    legend: [
      ...charts.remedies.map((remedy) => ({
        label: remedyTitle(remedy),
        appearance: appearanceOf({ block: '', remedy }, ['']),
      })),
      ...charts.pinned.map(({ label, series }) => ({ label, appearance: overlayLook(series) })),
    ],
    palette,
    image: (...size) =>
      multiplesImage(
        orderings.map((one) => ({ title: one.title, model: charts.multipleOf(one) })),
        Math.min(4, orderings.length),
        size,
      ),
  })
  lab.export.picture(exported('multiples', model), png)
}

/** One of the overlay's two charts, as it is zoomed. */
export function saveOverlay(lab: Lab, model: OrderModel, quantity: Quantity, chart: SignalChartModel): void {
  const png = figurePng({
    title: QUANTITIES[quantity].title,
    subtitle: `${QUANTITIES[quantity].formula}; ${model.context}. Solid: measured, dashed: theory.`,
    finding: model.finding,
    legend: [],
    palette: chart.palette,
    image: (...size) => signalChartImage(chart, ...size),
  })
  lab.export.picture(exported(`overlay-${quantity}`, model), png)
}
