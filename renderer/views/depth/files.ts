import { depthCsv, depthCurvesCsv } from '../../../shared/depth/csv'
import type { Samples } from '../../../shared/depth/curves'
import { figurePng, lineChartImage } from '../../charts/export-png'
import type { LineChartModel } from '../../../shared/charts/line-chart'
import type { Lab } from '../../state/lab.svelte'
import type { DepthModel } from './depth-model.svelte'
import { DEFINITIONS, SAMPLE_TITLES, TITLES } from './words'

/** What leaves the Depth view as files: each chart as numbers and as a picture. */

const exported = ({ experiment }: DepthModel, chart?: string) => ({
  view: 'depth',
  experiment,
  ...(chart ? { chart } : {}),
})

const trained = ({ run: { series, cells } }: DepthModel) => ({ series, cells })

export const saveDepthCsv = (lab: Lab, model: DepthModel): void =>
  lab.export.csv(exported(model), depthCsv(trained(model)))

export const saveCurvesCsv = (lab: Lab, model: DepthModel): void =>
  lab.export.csv(exported(model, 'curves'), depthCurvesCsv(trained(model), model.run.onTheWay))

export function saveSide(lab: Lab, model: DepthModel, samples: Samples): void {
  const title = `${SAMPLE_TITLES[samples]}: ${model.metric} against depth`
  save(lab, model, samples, { title, chart: model.sides[samples], finding: model.finding })
}

export const saveLearning = (lab: Lab, model: DepthModel): void =>
  save(lab, model, 'curves', { title: model.learning.title, chart: model.learning.chart, finding: '' })

export const saveGradient = (lab: Lab, model: DepthModel): void =>
  save(lab, model, 'gradient', {
    ...{ title: TITLES.gradient, subtitle: DEFINITIONS.gradient },
    ...{ chart: model.gradient, finding: model.gradientFinding },
  })

interface Picture {
  title: string
  /** Absent: what the charts over depth show. */
  subtitle?: string
  chart: LineChartModel
  finding: string
}

function save(lab: Lab, model: DepthModel, name: string, { title, subtitle, chart, finding }: Picture): void {
  const png = figurePng({
    title,
    subtitle: subtitle ?? model.depthNote,
    finding,
    legend: chart.series,
    palette: model.palette,
    image: (...size) => lineChartImage(chart, ...size),
  })
  lab.export.picture(exported(model, name), png)
}
