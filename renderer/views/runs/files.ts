import { figurePng, lineChartImage } from '../../charts/export-png'
import type { LineChartModel } from '../../../shared/charts/line-chart'
import type { Lab } from '../../state/lab.svelte'
import type { CompareModel } from './compare-model.svelte'

/** What leaves a comparison of runs as files: lines and difference, as numbers and as pictures. */

const exported = (lab: Lab, chart: string) => ({ view: 'runs', chart, experiment: lab.experiment.document })

export function saveCsv(lab: Lab, { comparison: { lines, xLabel, yLabel } }: CompareModel): void {
  const rows = lines.flatMap(({ label, members, points }) =>
    points.map(({ x, y, low, high, n }) => [
      ...[label, members.map(({ run }) => run.id).join(' ')],
      ...[x, y, low ?? null, high ?? null, n],
    ]),
  )
  lab.export.csv(exported(lab, 'comparison'), {
    header: ['line', 'runs', xLabel, yLabel, 'low', 'high', 'n'],
    rows,
  })
}

export function saveDifferenceCsv(lab: Lab, { difference, differenceNames }: CompareModel): void {
  if (!difference || !differenceNames) return
  const header = ['one', 'other', 'x', 'difference', 'low', 'high', 'n', 'paired']
  const isPaired = difference.isPaired ? 'yes' : 'no'
  const rows = difference.points.map(({ x, y, low, high, n }) => [
    ...[...differenceNames, x, y],
    ...[low ?? null, high ?? null, n, isPaired],
  ])
  lab.export.csv(exported(lab, 'difference'), { header, rows })
}

export const savePng = (lab: Lab, model: CompareModel): void =>
  save(lab, model, 'comparison', { chart: model.chart, title: model.title, finding: model.finding })

export function saveDifferencePng(lab: Lab, model: CompareModel): void {
  const { differenceChart: chart, differenceText: finding } = model
  if (chart) save(lab, model, 'difference', { chart, title: 'Difference', finding })
}

interface Picture {
  chart: LineChartModel
  title: string
  finding: string
}

function save(lab: Lab, model: CompareModel, name: string, { chart, title, finding }: Picture): void {
  const png = figurePng({
    ...{ title, finding, palette: model.palette, legend: chart.series },
    subtitle: `${model.definition} ${model.note}`,
    image: (...size) => lineChartImage(chart, ...size),
  })
  lab.export.picture(exported(lab, name), png)
}
