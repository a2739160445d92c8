import type { Quantity } from '../../../shared/theory/series'
import { signalCsv } from '../../../shared/signal/csv'
import { QUANTITIES } from '../../../shared/signal/quantities'
import { figurePng, signalChartImage } from '../../charts/export-png'
import type { SignalChartModel } from '../../../shared/charts/signal-chart-model'
import type { Lab } from '../../state/lab.svelte'

/** The experiment whose signal is shown. */
const shownExperiment = ({ run, experiment }: Lab) => run.started?.experiment ?? experiment.document

/** What a chart shows, and of how many networks. */
export function subtitleOf(lab: Lab, quantity: Quantity): string {
  const { replicas } = shownExperiment(lab)
  const { formula } = QUANTITIES[quantity]
  const networks =
    replicas === 1 ? 'n = 1 network' : `${lab.view.document.statistic} of n = ${replicas} networks`
  return `${quantity} = ${formula}; ${networks}`
}

/** One quantity of all series, as numbers in full precision. */
export function saveCsv(lab: Lab, quantity: Quantity): void {
  const experiment = shownExperiment(lab)
  const content = signalCsv([...lab.run.picture], [quantity], {
    replicas: experiment.replicas,
    step: 0,
  })
  lab.export.csv({ view: 'signal', chart: quantity, experiment }, content)
}

/** One chart as it is seen, with its title, legend and finding. */
export function savePng(lab: Lab, quantity: Quantity, model: SignalChartModel, finding: string): void {
  const experiment = shownExperiment(lab)
  const band = experiment.replicas > 1 ? ', band 5–95 %' : ''
  const png = figurePng({
    title: QUANTITIES[quantity].title,
    subtitle: `${subtitleOf(lab, quantity)}${band}. Solid: measured, dashed: theory.`,
    finding,
    legend: model.plotted.filter(({ curve }) => !curve.hidden).map(({ curve }) => curve),
    palette: model.palette,
    image: (...size) => signalChartImage(model, ...size),
  })
  lab.export.picture({ view: 'signal', chart: quantity, experiment }, png)
}
