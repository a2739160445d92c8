import { numberOrText } from '../../../shared/base/decimal'
import { parseShatter, type ShatterSettings } from '../../../shared/settings/shatter'
import type { Band, ShatterResult, ShatterSeries } from '../../../shared/shatter/results'
import { tableLags } from '../../../shared/shatter/shatter'
import type { OptionTexts } from './command'
import { table } from './output'

/** What `shatter` is told and says, of drawn networks and of a run's trained ones. */

/** @param file the settings of an experiment's file, which options win over */
export function settingsOf(options: OptionTexts, file: ShatterSettings | undefined): ShatterSettings {
  const { points, range, center, beta, references, lags } = options
  const given: Record<string, unknown> = { ...file }
  if (typeof points === 'string') given.points = numberOrText(points)
  if (typeof lags === 'string') given.lags = numberOrText(lags)
  if (typeof beta === 'string') given.beta = numberOrText(beta)
  if (typeof center === 'string') given.center = center
  if (typeof references === 'string') given.references = references
  if (typeof range === 'string') {
    const ends = range.split(',').map(numberOrText)
    given.range = ends.length === 2 && ends.every((end) => typeof end === 'number') ? ends : range
  }
  return parseShatter(given)
}

/** A series as the document has it: without the graph and the first network's curve. */
export function seriesFields({ block, remedy, reference, blocks, skip, note, ...rest }: ShatterSeries) {
  const { acf, correlation, correlationBand, theory, theoryNote } = rest
  const measured = { acf, correlation, correlationBand, theory, theoryNote }
  return { block, remedy, reference, blocks, skip, note, ...measured }
}

/** The autocorrelation at some lags, as cells of a table. */
export const lagCells = ({ mean, low, high }: Band, lags: readonly number[]): string[] =>
  lags.map((lag) => `${mean[lag].toFixed(3)} (${low[lag].toFixed(3)} to ${high[lag].toFixed(3)})`)

/** Few digits; a dash for what was not measured. */
export const short = (x: number | null): string => (x === null ? '-' : String(Number(x.toPrecision(4))))

export function shatterTable({ series, references }: ShatterResult, settings: ShatterSettings): string {
  const lags = tableLags(settings)
  const at = (band: Band) => lagCells(band, lags)
  const rows = [
    ['block', 'remedy', ...lags.map((lag) => `lag ${lag}`), 'correlation'],
    ...series.map(({ block, remedy, reference, acf, correlation, theory }) => {
      const name = reference ? [reference, ''] : [block, remedy]
      return [...name, ...at(acf), `${short(correlation)} / ${short(theory)}`]
    }),
    ['white noise', '', ...at(references.white), ''],
    ['brown noise', '', ...at(references.brown), ''],
  ]
  const notes = series.flatMap(({ block, remedy, reference, note, theoryNote }) =>
    [note, theoryNote].filter(Boolean).map((text) => `${reference ?? `${block} / ${remedy}`}: ${text}`),
  )
  return [
    ...table(rows),
    'autocorrelation of dy/dx: mean (5th to 95th percentile); gradient correlation: measured / theory',
    ...notes,
  ].join('\n')
}
