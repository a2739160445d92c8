import type { Cell } from '../base/csv'
import type { MapModel } from '../charts/map-chart'
import type { Figure, FigureContent } from './figure'

type Table = NonNullable<Figure['data']>

/** The numbers of a chart, in the order in which they are drawn; null where what is drawn keeps none. */
export function dataOfContent(content: FigureContent): Figure['data'] {
  switch (content.kind) {
    case 'signal':
      return signalData(content.model)
    case 'lines':
      return linesData(content.model)
    case 'maps':
      return mapsData(content.maps)
    case 'panels':
      return panelsData(content.panels)
    case 'drawn':
      return null
  }
}

type Model<K extends 'signal' | 'lines'> = Extract<FigureContent, { kind: K }>['model']

function signalData({ plotted }: Model<'signal'>): Table {
  const shown = plotted.map(({ curve }) => curve).filter(({ hidden }) => !hidden)
  // Theory of single networks.
  const hasBands = shown.some(({ theoryBand }) => theoryBand)
  const rows = shown.flatMap(({ label, summary, theory, theoryBand }) =>
    summary.mean.map((mean, k): Cell[] => [
      ...[label, k, mean, summary.median[k], summary.low[k], summary.high[k]],
      theory?.[k] ?? null,
      ...(hasBands ? [theoryBand?.low[k] ?? null, theoryBand?.high[k] ?? null] : []),
    ]),
  )
  const bands = hasBands ? ['theory low', 'theory high'] : []
  return { header: ['name', 'block', 'mean', 'median', 'low', 'high', 'theory', ...bands], rows }
}

function linesData({ series, xLabel, yLabel }: Model<'lines'>): Table {
  const rows = series.flatMap(({ label, points }) =>
    points.map(({ x, y, low, high }): Cell[] => [label, x, y, low ?? null, high ?? null]),
  )
  return { header: ['name', xLabel || 'x', yLabel || 'y', 'low', 'high'], rows }
}

/** Values as they are, also where their logarithm is coloured; what has no colour by the word for why. */
function mapsData(maps: readonly Omit<MapModel, 'palette'>[]): Table {
  const rows = maps.flatMap(({ title, columns, rows: up, cells, scale }) =>
    cells.flatMap((row, j) =>
      row.map((cell, i): Cell[] => {
        const value = cell && (cell.edge ?? (scale.isLog ? 10 ** cell.value : cell.value))
        return [title, columns[i], up[j], value]
      }),
    ),
  )
  const [first] = maps
  return { header: ['map', first?.xLabel ?? 'x', first?.yLabel ?? 'y', 'value'], rows }
}

function panelsData(panels: Extract<FigureContent, { kind: 'panels' }>['panels']): Figure['data'] {
  const tables = panels.flatMap(({ title, content }) => {
    const data = dataOfContent(content)
    return data ? [{ title, data }] : []
  })
  const [first] = tables
  if (!first) return null
  return {
    header: ['panel', ...first.data.header],
    rows: tables.flatMap(({ title, data }) => data.rows.map((row): Cell[] => [title, ...row])),
  }
}
