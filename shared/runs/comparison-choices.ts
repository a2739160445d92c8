import { settingTitle, type ComparisonQuestion } from './comparison'
import { CURVES, NUMBERS, curveNamed } from './metrics'
import { settingsThatDiffer } from './query'
import type { SeriesReading } from './readings'

/** What can be asked of some series, and what is asked where nobody says otherwise. */

export interface Choice {
  value: string
  label: string
}

export const curvesOfAll = (series: readonly SeriesReading[]) =>
  CURVES.filter(({ key }) => series.some(({ curves }) => key in curves))

export const numbersOfAll = (series: readonly SeriesReading[]) =>
  NUMBERS.filter(({ key }) => series.some(({ numbers }) => key in numbers))

/** In which the series differ, so that they can be told apart or laid along them. */
const settingsOf = (series: readonly SeriesReading[]): string[] =>
  settingsThatDiffer(series).filter((key) => key !== 'run' && key !== 'remedies')

/** What can be drawn: every curve, then every number that some series has. */
export const yChoices = (series: readonly SeriesReading[]): Choice[] =>
  [...curvesOfAll(series), ...numbersOfAll(series)].map(({ key, title }) => ({ value: key, label: title }))

/** What a metric can be drawn against. */
export function xChoices(series: readonly SeriesReading[], y: string): Choice[] {
  const curve = curveNamed(y)
  if (!curve) {
    const numeric = settingsOf(series).filter((key) =>
      series.some(({ settings }) => !Number.isNaN(Number(settings[key] ?? NaN))),
    )
    const others = numbersOfAll(series).filter(({ key }) => key !== y)
    return [
      ...numeric.map((key) => ({ value: `setting:${key}`, label: settingTitle(key) })),
      ...others.map(({ key, title }) => ({ value: key, label: title })),
    ]
  }
  const others = curvesOfAll(series).filter(({ key, axis }) => key !== y && axis === curve.axis)
  return [
    { value: 'axis', label: curve.axis },
    ...others.map(({ key, title }) => ({ value: key, label: title })),
  ]
}

/** What lines are made of. */
export const groupChoices = (series: readonly SeriesReading[]): Choice[] => [
  { value: 'series', label: 'every series by itself' },
  { value: 'name', label: 'equal networks together' },
  { value: 'run', label: 'one line a run' },
  ...settingsOf(series).map((key) => ({ value: key, label: settingTitle(key) })),
]

/** What is asked, with what these series do not have replaced by what they have. */
export function questionFor(
  series: readonly SeriesReading[],
  asked: Partial<ComparisonQuestion>,
): ComparisonQuestion {
  const has = (choices: readonly Choice[], value: string | undefined): value is string =>
    choices.some((one) => one.value === value)
  const all = yChoices(series)
  const y = has(all, asked.y) ? asked.y : (all[0]?.value ?? CURVES[0].key)
  const along = xChoices(series, y)
  const isCurve = curveNamed(y) !== undefined
  const x = has(along, asked.x) ? asked.x : isCurve ? 'axis' : (along[0]?.value ?? 'seconds')
  // Curves stand by themselves; numbers over a setting are joined by their network.
  const groupBy = has(groupChoices(series), asked.groupBy) ? asked.groupBy : isCurve ? 'series' : 'name'
  return { align: 'step', centre: 'mean', band: 'mean95', ...asked, y, x, groupBy }
}

/** Steps, epochs or time: for learning curves over their axis. */
export const canAlign = ({ x, y }: Pick<ComparisonQuestion, 'x' | 'y'>): boolean =>
  curveNamed(y)?.axis === 'step' && x === 'axis'
