import { choice, finiteNumber, settingsOf, show, wholeNumber } from '../base/check'
import { InputError } from '../base/errors'

export interface ShatterSettings {
  /** Number of points on the line, at equal distances, both ends included. */
  points: number
  range: [from: number, to: number]
  /** Whether the mean over the line is subtracted from every ReLU's input, per unit. */
  center: 'on' | 'off'
  /**
   * Balduzzi's skip scaling, h + beta × branch: the factor on every branch that holds a batch normalisation; 1: as
   * drawn.
   */
  beta: number
  /** Whether the four networks that Balduzzi et al. compare are measured as well. */
  references: 'on' | 'off'
  /** The largest lag of the autocorrelation; null: half the points. */
  lags: number | null
}

export type ShatterKey = keyof ShatterSettings

export const MOST_POINTS = 65_536

const FEWEST_POINTS = 8

export const LARGEST_BETA = 100

/** The command line's defaults. */
export function defaultShatter(): ShatterSettings {
  return { points: 256, range: [-2, 2], center: 'off', beta: 1, references: 'off', lags: null }
}

/** What the workbench opens on: networks that do shatter, next to those of the paper. */
export function openingShatter(): ShatterSettings {
  return { ...defaultShatter(), center: 'on', references: 'on' }
}

/** The settings as they stand in an experiment's document. @throws InputError */
export function parseShatterSection(value: unknown, where: string): ShatterSettings {
  const settings = settingsOf(value, where, defaultShatter(), {
    what: 'these are not settings of shatter (a JSON object)',
    hint: 'Remove them for the defaults.',
    unknown: 'shatter has no such setting',
    plural: 'settings',
  })
  return parseShatter(settings, (key) => `${where}.${key}`)
}

/**
 * Any values to valid settings; absent ones take their defaults.
 * @param name how error messages call a setting; an option of the command line, unless said otherwise
 * @throws InputError
 */
export function parseShatter(
  value: Record<string, unknown>,
  name: (key: ShatterKey) => string = (key) => `--${key}`,
): ShatterSettings {
  const { points, range, center, beta, references, lags } = { ...defaultShatter(), ...value }
  const onOff = (key: ShatterKey, x: unknown) => choice(x, name(key), ['on', 'off'], 'Give on or off.')
  const count = wholeNumber(points, name('points'), { minimum: FEWEST_POINTS, maximum: MOST_POINTS })
  const line = checkRange(range, count, name('range'))
  const scaling = finiteNumber(beta, name('beta'), { minimum: 0, maximum: LARGEST_BETA })
  const last = lags === null ? null : wholeNumber(lags, name('lags'), { minimum: 1, maximum: MOST_POINTS })
  if (last !== null && last >= count) {
    throw new InputError(
      name('lags'),
      `a lag of ${last} points needs more than ${count} points`,
      `Give more points, or a lag below ${count}.`,
    )
  }
  return {
    points: count,
    range: line,
    center: onOff('center', center),
    beta: scaling,
    references: onOff('references', references),
    lags: last,
  }
}

/** @throws InputError */
function checkRange(range: unknown, points: number, where: string): [number, number] {
  const isRange =
    Array.isArray(range) &&
    range.length === 2 &&
    range.every((x) => typeof x === 'number' && Number.isFinite(x))
  if (!isRange) {
    throw new InputError(
      where,
      `${show(range)} is not a range`,
      'Give two numbers with a comma between them, for example -2,2.',
    )
  }
  const [from, to] = range as [number, number]
  if (!(Math.fround(from + (to - from) / (points - 1)) > Math.fround(from))) {
    throw new InputError(
      where,
      `${from},${to} does not go from a smaller number to a larger one`,
      `Give two numbers with room for ${points} different points, for example -2,2.`,
    )
  }
  return [from, to]
}
