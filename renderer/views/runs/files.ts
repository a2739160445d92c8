import { comparisonFigure, dataOfComparison } from '../../../shared/figures/comparison-figures'
import { offerFigure } from '../../state/chart-figure'
import type { Lab } from '../../state/lab.svelte'
import type { CompareModel } from './compare-model.svelte'

/** What leaves a comparison of runs as files: lines and difference, as numbers and as figures. */

const exported = (lab: Lab, chart: string) => ({ view: 'runs', chart, experiment: lab.experiment.document })

export const saveCsv = (lab: Lab, { comparison }: CompareModel): void =>
  lab.export.csv(exported(lab, 'comparison'), dataOfComparison(comparison))

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

/** As the command line makes it of these runs: whatever line is pointed at, all stand out. */
export function offerComparison(lab: Lab, { comparison, question, facts, isLog }: CompareModel): void {
  const figure = comparisonFigure(comparison, question, { facts, version: lab.version, isLog })
  offerFigure(lab, { ...figure, what: exported(lab, 'comparison'), of: { facts } })
}

export function offerDifference(lab: Lab, model: CompareModel): void {
  const { differenceChart, differenceNames, differenceText, difference, facts, definition } = model
  if (!differenceChart || !differenceNames) return
  offerFigure(lab, {
    what: exported(lab, 'difference'),
    title: `Difference: ${differenceNames.join(' less ')}`,
    subtitle: `${definition} ${difference?.isPaired ? 'Paired over networks.' : 'Not paired.'}`,
    finding: differenceText,
    content: { kind: 'lines', model: differenceChart },
    of: { facts },
  })
}
