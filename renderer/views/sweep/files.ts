import { messageOf } from '../../../shared/base/errors'
import { numbersData, sweepFigure } from '../../../shared/figures/sweep-figures'
import { offerFigures } from '../../state/chart-figure'
import type { SweepModel } from './sweep-model.svelte'

/** What leaves the Sweep view as files. */

const exported = (model: SweepModel, chart: string) => ({
  view: 'sweep',
  chart,
  experiment: model.document,
})

/** A row for each series at each point. */
export function saveCsv(model: SweepModel): void {
  const { shown, table, series, figure, page, lab } = model
  if (shown) lab.export.csv(exported(model, page), numbersData(shown, table, series, figure))
}

/** What is shown as `figure sweep` makes it, of the points that are done. */
export async function offerChart(model: SweepModel): Promise<void> {
  const { shown, table, figure, selected, chosen, hidden, page, lab } = model
  const entry = table.find(({ point }) => point.run)?.point.run
  if (!shown || !entry) return
  const y = shown.swept.at(1)
  try {
    const first = await lab.runs.open(entry.id)
    const at = (y && chosen?.settings[y.key]) ?? null
    const look = { chart: page, number: figure, series: selected?.id ?? null, at, hidden }
    const made = sweepFigure({ shown, table }, look, first)
    offerFigures(lab, made.title, [{ figure: made, name: `${shown.id}-${page}` }])
  } catch (error) {
    lab.announce(`The figure cannot be made: ${messageOf(error)}`, 'error')
  }
}
