import type { Cell } from '../base/csv'
import type { Appearance } from '../charts/appearance'
import { rangeOf, type LineSeries } from '../charts/line-chart'
import { fieldsOf, numbersIn, seriesIn } from '../runs/curves'
import type { RunDocument } from '../runs/run'
import type { Fact, Figure, Panel } from './figure'

/** What the autocorrelation of gradients is held against. */
const NOISES = [
  { key: 'white', label: 'White noise', colour: '#8a8f98' },
  { key: 'brown', label: 'Brown noise', colour: '#a6713f' },
] as const

/** Dashed, as all that is not measured. */
export function noiseSeries(result: unknown): LineSeries[] {
  const references = fieldsOf(fieldsOf(result).references)
  return NOISES.flatMap(({ key, label, colour }): LineSeries[] => {
    const mean = numbersIn(fieldsOf(references[key]).mean)
    if (!mean) return []
    return [
      {
        ...{ id: key, label, dashed: true },
        appearance: { colour, marker: '', filling: 'full', width: 1.2 },
        points: mean.map((y, x) => ({ x, y })),
      },
    ]
  })
}

/** dy/dx of each network along the line of inputs, each in a panel of its own; null where the run holds no curves. */
export function gradientFigure(
  { entry, result }: RunDocument,
  names: readonly string[],
  looks: readonly Appearance[],
  facts: readonly Fact[],
): Figure | null {
  const x = numbersIn(fieldsOf(result).x)
  const panels: Panel[] = []
  const rows: Cell[][] = []
  seriesIn(result).forEach((series, i) => {
    const slope = numbersIn(fieldsOf(series.curve).slope)
    if (!x || slope?.length !== x.length) return
    const points = x.map((place, at) => ({ x: place, y: slope[at] }))
    const line: LineSeries = { id: String(i), label: names[i], appearance: looks[i], thin: true, points }
    rows.push(...points.map((point) => [names[i], point.x, point.y]))
    panels.push({
      title: names[i],
      content: {
        kind: 'lines',
        model: {
          ...{ series: [line], xLabel: 'input x', yLabel: 'dy/dx', y: rangeOf([line]) },
          x: { min: x[0], max: x[x.length - 1] },
        },
      },
    })
  })
  if (!panels.length) return null
  return {
    id: 'gradients',
    title: 'Gradients along a line of inputs',
    subtitle: 'dy/dx of the first network of each series at every point of the line.',
    finding: '',
    content: { kind: 'panels', panels },
    facts,
    made: entry.created,
    data: { header: ['name', 'x', 'slope'], rows },
  }
}
