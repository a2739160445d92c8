import { depthCsv, depthCurvesCsv, shatteringCsv } from '../../../shared/depth/csv'
import type { Samples } from '../../../shared/depth/curves'
import type { LineChartModel } from '../../../shared/charts/line-chart'
import { offerFigure } from '../../state/chart-figure'
import type { Lab } from '../../state/lab.svelte'
import type { DepthModel } from './depth-model.svelte'
import type { GradientModel } from './gradient-model.svelte'
import { SAMPLE_TITLES } from './words'

/** What leaves the Depth view as files: each chart as numbers and as a figure. */

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

export const saveShatteringCsv = (lab: Lab, model: DepthModel): void =>
  lab.export.csv(exported(model, 'shattering'), shatteringCsv(trained(model)))

/** Figures of the run that show what the charts over depth show, in their numbers if not in their percents. */
const isWhole = ({ overlays, hidden }: DepthModel) => !overlays.length && !hidden.length

export function offerSide(lab: Lab, model: DepthModel, samples: Samples): void {
  const title = `${SAMPLE_TITLES[samples]}: ${model.metric} against depth`
  const best = model.moment === 'best' ? 'best-' : ''
  const sameAs = model.hasPublished ? null : `${best}${samples}-${model.metric}-by-depth`
  offer(lab, model, samples, { title, chart: model.sides[samples], finding: model.finding, sameAs })
}

export const offerLearning = (lab: Lab, model: DepthModel): void =>
  offer(lab, model, 'curves', {
    ...{ title: model.learning.title, chart: model.learning.chart, finding: '', sameAs: null },
    subtitle:
      `${model.metric} on the ${model.learning.samples === 'train' ? 'training' : 'test'} samples as networks ` +
      `learned; mean and band 5–95 %, ${model.ofNetworks}.`,
  })

export const offerGradient = (lab: Lab, model: DepthModel, gradients: GradientModel): void =>
  offer(lab, model, 'gradient', {
    ...{ title: gradients.title, subtitle: gradients.definition },
    ...{ chart: gradients.chart, finding: gradients.finding },
    sameAs: gradients.isOverDepth ? null : `shattering-${gradients.chosen}`,
  })

interface Offered {
  title: string
  /** Absent: what the charts over depth show. */
  subtitle?: string
  chart: LineChartModel
  finding: string
  /** The run's figure of the same numbers. */
  sameAs: string | null
}

function offer(lab: Lab, model: DepthModel, chart: string, { sameAs, ...own }: Offered): void {
  const { run, depthNote, experiment } = model
  offerFigure(lab, {
    what: { view: 'depth', chart, experiment },
    ...{ title: own.title, subtitle: own.subtitle ?? `${depthNote}.`, finding: own.finding },
    content: { kind: 'lines', model: own.chart },
    of: { kind: 'depth', keeping: run.keeping },
    sameAs: isWhole(model) ? sameAs : null,
  })
}
