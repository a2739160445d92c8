import { SIGNED, type Curve } from '../charts/curves'
import { networkTitle } from '../network/series-names'
import type { Experiment } from '../settings/experiment'
import { QUANTITIES } from '../signal/quantities'
import type { Quantity, SeriesHeader } from '../theory/series'
import type { FigureChoices } from './choices'
import { dataOfContent } from './content-data'
import { factsOf } from './facts'
import type { Figure } from './figure'
import { looksOfSeries } from './networks'
import { overBlocks } from './over-blocks'

/**
 * What theory says of each quantity, nothing measured; none of what it has no answer for.
 * @param series as the experiment has them, with their theory
 */
export function theoryFigures(
  series: readonly Pick<SeriesHeader, 'block' | 'blockTitle' | 'remedy' | 'theory'>[],
  { experiment, version }: { experiment: Experiment; version: string },
  choices: Pick<FigureChoices, 'axis'>,
): Figure[] {
  const { skip } = experiment
  const looks = looksOfSeries(series.map(({ block, remedy }) => ({ block, remedy, skip })))
  const facts = factsOf({ kind: 'theory', experiment, run: null, version })
  return (Object.keys(QUANTITIES) as Quantity[]).flatMap((quantity): Figure[] => {
    const curves = series.flatMap((one, i): Curve[] => {
      const mean = one.theory[quantity]
      const name = networkTitle({ ...one, skip })
      if (!mean) return []
      const summary = { mean, median: mean, low: mean, high: mean }
      return [{ id: String(i), label: name, appearance: looks[i], summary, theory: null, hidden: false }]
    })
    if (!curves.length) return []
    const { title, formula } = QUANTITIES[quantity]
    const content = overBlocks(curves, {
      choices: { axis: choices.axis, statistic: 'mean' },
      ...{ isSigned: SIGNED[quantity], isReversed: quantity === 'p', valueLabel: quantity, hasBands: false },
    })
    const { header, rows } = dataOfContent(content)!
    const kept = ['name', 'block', 'mean'].map((name) => header.indexOf(name))
    return [
      {
        id: quantity,
        title: `Theory. ${title}`,
        subtitle: `${quantity} = ${formula}; in the limit of infinite width, at initialisation. Nothing is measured.`,
        finding: notesOf(series, quantity, skip),
        ...{ content, facts, version, made: null },
        data: {
          header: ['name', 'block', quantity],
          rows: rows.map((row) => kept.map((column) => row[column])),
        },
      },
    ]
  })
}

/** Why some networks have no curve. */
function notesOf(
  series: readonly Pick<SeriesHeader, 'block' | 'blockTitle' | 'remedy' | 'theory'>[],
  quantity: Quantity,
  skip: Experiment['skip'],
): string {
  const silent = series.filter(({ theory }) => !theory[quantity])
  return silent
    .map(
      (one) => `${networkTitle({ ...one, skip })}: ${one.theory.note[quantity] ?? 'theory has no answer.'}`,
    )
    .join(' ')
}
