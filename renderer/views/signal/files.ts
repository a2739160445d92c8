import type { Quantity } from '../../../shared/theory/series'
import { signalCsv } from '../../../shared/signal/csv'
import { QUANTITIES } from '../../../shared/signal/quantities'
import { linesText, type SignalChartModel } from '../../../shared/charts/signal-chart-model'
import { offerFigure } from '../../state/chart-figure'
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

/** One chart as it is seen; where that is all of what was measured, the run's own figure. */
export function offerChart(
  lab: Lab,
  quantity: Quantity,
  { model, finding, isWhole }: { model: SignalChartModel; finding: string; isWhole: boolean },
): void {
  const experiment = shownExperiment(lab)
  const band = model.bands && experiment.replicas > 1 ? ', band 5–95 %' : ''
  const { theory, bands } = lab.view.document
  const hasTheoryBands = bands && model.plotted.some(({ theoryBand }) => theoryBand.length > 0)
  offerFigure(lab, {
    what: { view: 'signal', chart: quantity, experiment },
    title: QUANTITIES[quantity].title,
    subtitle: `${subtitleOf(lab, quantity)}${band}.${theory ? ` ${linesText(hasTheoryBands)}` : ''}`,
    finding,
    content: {
      kind: 'signal',
      model: { ...model, selected: null, showDepthLabels: true, valueLabel: quantity },
    },
    of: { kind: 'signal', keeping: lab.run.keeping },
    sameAs: isWhole ? quantity : null,
  })
}
