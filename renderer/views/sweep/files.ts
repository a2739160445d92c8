import { setting } from '../../../shared/settings/table'
import type { Cell } from '../../../shared/base/csv'
import { figurePng, lineChartImage, mapsImage } from '../../charts/export-png'
import type { SweepModel } from './sweep-model.svelte'

/** What leaves the Sweep view as files. */

const exported = (model: SweepModel, chart: string) => ({
  view: 'sweep',
  chart,
  experiment: model.document,
})

/** A row for each series at each point. */
export function saveCsv(model: SweepModel): void {
  const keys = model.shown?.swept.map(({ key }) => key) ?? []
  const header = [
    ...['point', ...keys.map((key) => setting(key).option), 'series', 'figure'],
    ...['mean', 'low', 'high', 'theory', 'run'],
  ]
  const rows = model.table.flatMap(({ point, series }) =>
    series.map(({ name, measured, theory }): Cell[] => [
      ...[point.index + 1, ...keys.map((key) => point.settings[key] ?? null), name, model.figure.key],
      ...[measured?.mean ?? null, measured?.low ?? null, measured?.high ?? null, theory],
      point.run?.id ?? null,
    ]),
  )
  model.lab.export.csv(exported(model, model.page), { header, rows })
}

export function savePng(model: SweepModel): void {
  const isMap = model.page === 'map'
  const png = figurePng({
    title: isMap ? `${model.selected?.name ?? ''}: ${model.figure.title}` : model.figure.title,
    subtitle: `${model.figure.definition} ${model.note}${isMap || !model.along ? '' : `; ${model.along}`}`,
    finding: model.finding,
    legend: isMap ? [] : model.curve.series.filter(({ dashed }) => !dashed),
    palette: model.palette,
    image: (...size) => (isMap ? mapsImage(model.maps, size) : lineChartImage(model.curve, ...size)),
  })
  model.lab.export.picture(exported(model, model.page), png)
}
