import type { Chart, ChartDataset } from 'chart.js'

/**
 * Gives a living chart other lines. Chart.js keeps what it has built for each dataset object, so that lines of the same
 * names in the same order are brought up to date in place; others take their place.
 */
export function exchangeLines<Point>(
  chart: Chart<'line', Point[]>,
  wanted: ChartDataset<'line', Point[]>[],
): void {
  const current = chart.data.datasets
  const isSame =
    wanted.length === current.length && wanted.every(({ label }, i) => label === current[i].label)
  if (isSame) wanted.forEach((set, i) => Object.assign(current[i], set))
  else chart.data.datasets = wanted
}
