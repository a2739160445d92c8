/** The points of a sweep: all combinations of the values of one or two settings, and the shards that share them out. */
import { show } from '../base/check'
import { InputError } from '../base/errors'
import type { SettingKey } from '../settings/experiment'
import { SETTINGS, isNumberSetting, setting, type NumberSetting } from '../settings/table'
import { MOST_SWEPT } from '../settings/sweep'
import { checkCount, isSwept, parseValues } from '../settings/swept-values'

/** A setting and its values, in the order in which they are gone through. */
export interface SweptSetting {
  key: SettingKey
  values: number[]
}

/** One point: what each swept setting is there. */
export interface SweepPoint {
  /** From 0, among all points of the sweep. */
  index: number
  settings: Partial<Record<SettingKey, number>>
}

/** A part of a sweep: the shard `number` (from 1) of `of`. */
export interface Shard {
  number: number
  of: number
}

/**
 * What is swept, in the order of the table of settings.
 * @param textOf what was written for a setting; undefined: nothing
 * @param where how error messages call a setting
 * @throws InputError where nothing is swept, or too much
 */
export function sweptSettings(
  textOf: (s: NumberSetting) => string | undefined,
  where: (s: NumberSetting) => string,
): SweptSetting[] {
  const given = SETTINGS.filter(isNumberSetting).flatMap((s) => {
    const text = textOf(s)
    return text !== undefined && isSwept(text) ? [{ s, text }] : []
  })
  if (!given.length)
    throw new InputError(
      'sweep',
      'no setting is swept',
      'Give one or two settings a list or a range, for example --gain 0.5..2:7.',
    )
  if (given.length > MOST_SWEPT) {
    const [first, second, third] = given.map(({ s }) => where(s))
    throw new InputError(third, `${first} and ${second} are swept already`, 'Sweep at most two settings.')
  }
  const swept = given.map(({ s, text }) => ({ key: s.key, values: parseValues(s, text, where(s)) }))
  checkCount(
    swept.reduce((product, { values }) => product * values.length, 1),
    'sweep',
  )
  return swept
}

/** All points, the last setting's values in turn within each of the first's. */
export function pointsOf(swept: readonly SweptSetting[]): SweepPoint[] {
  const combinations = swept.reduce<SweepPoint['settings'][]>(
    (before, { key, values }) =>
      before.flatMap((settings) => values.map((value) => ({ ...settings, [key]: value }))),
    [{}],
  )
  return combinations.map((settings, index) => ({ index, settings }))
}

/** "blocks 20, gain 0.5" */
export const pointWords = (settings: SweepPoint['settings']): string =>
  Object.entries(settings)
    .map(([key, value]) => `${setting(key as SettingKey).option} ${value}`)
    .join(', ')

/** `3/16`: the third of sixteen. @throws InputError */
export function parseShard(text: string, where: string): Shard {
  const [, number, of] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []).map(Number)
  if (number >= 1 && number <= of) return { number, of }
  throw new InputError(where, `${show(text)} is no shard`, 'Give 1/16 to 16/16 for sixteen of them.')
}

/**
 * The shard's points: each point is in one of the shards. Neighbours go to different ones, so that the costly end of a
 * range is shared out.
 */
export const pointsOfShard = (points: readonly SweepPoint[], { number, of }: Shard): SweepPoint[] =>
  points.filter(({ index }) => index % of === number - 1)
