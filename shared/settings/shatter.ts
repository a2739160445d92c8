import { InputError, suggestion } from '../base/errors'

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
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InputError(
      where,
      'these are not settings of shatter (a JSON object)',
      'Remove them for the defaults.',
    )
  }
  const known = Object.keys(defaultShatter())
  const unknown = Object.keys(value).find((key) => !known.includes(key))
  if (unknown !== undefined) {
    throw new InputError(
      `${where}.${unknown}`,
      'shatter has no such setting',
      suggestion(unknown, known, `There are ${known.join(', ')}.`),
    )
  }
  return parseShatter(value as Record<string, unknown>, (key) => `${where}.${key}`)
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
  const whole = (key: ShatterKey, x: unknown, least: number, most: number): number => {
    if (typeof x === 'number' && Number.isInteger(x) && x >= least && x <= most) return x
    const what = typeof x === 'number' && Number.isInteger(x) ? 'is out of range' : 'is not a whole number'
    throw new InputError(name(key), `${show(x)} ${what}`, `Give a whole number from ${least} to ${most}.`)
  }
  const onOff = (key: ShatterKey, x: unknown): 'on' | 'off' => {
    if (x === 'on' || x === 'off') return x
    throw new InputError(name(key), `${show(x)} is not a choice`, 'Give on or off.')
  }
  const count = whole('points', points, FEWEST_POINTS, MOST_POINTS)
  const line = checkRange(range, count, name('range'))
  if (!(typeof beta === 'number' && beta >= 0 && beta <= LARGEST_BETA)) {
    const what = typeof beta === 'number' ? 'is out of range' : 'is not a number'
    throw new InputError(name('beta'), `${show(beta)} ${what}`, `Give a number from 0 to ${LARGEST_BETA}.`)
  }
  const last = lags === null ? null : whole('lags', lags, 1, MOST_POINTS)
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
    beta,
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

const show = (value: unknown) => (JSON.stringify(value) ?? String(value)).slice(0, 60)
