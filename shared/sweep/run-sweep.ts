/** What a run says of the sweep that it is a point of. */
import { finiteNumber, knownFields, objectOf, show, wholeNumber } from '../base/check'
import { InputError } from '../base/errors'
import { SETTINGS, isNumberSetting } from '../settings/table'
import type { SweepPoint } from './points'
import { MOST_POINTS } from '../settings/swept-values'

export interface RunSweep extends SweepPoint {
  /** Of the sweep, whichever of its shards made the run: "sweep-0f3a…". */
  id: string
  /** Of the sweep, as a person called it; null: by its id. */
  name: string | null
  /** All points of the sweep. */
  points: number
  /** Of everything that the point's result depends on: two runs of one key are one measurement. */
  key: string
}

const SWEEP_ID = /^sweep-[0-9a-f]{12}$/
const KEY = /^[0-9a-f]{16}$/
const HINT = 'A run is the folder that the workbench has written, or its export.'
const FIELDS = ['id', 'name', 'index', 'points', 'key', 'settings'] as const

/** @throws InputError with place, cause and hint: a run's file may be of anyone's making */
export function parseRunSweep(value: unknown, where: string): RunSweep {
  const at = (key: string) => `${where}.${key}`
  const given = knownFields(objectOf(value, where, 'this is no point of a sweep', HINT), where, FIELDS)
  const points = wholeNumber(given.points, at('points'), { minimum: 1, maximum: MOST_POINTS })
  return {
    id: textLike(given.id, SWEEP_ID, at('id'), 'sweep’s id'),
    name: given.name === null ? null : textLike(given.name, SWEEP_NAME, at('name'), 'name of a sweep'),
    points,
    index: wholeNumber(given.index, at('index'), { minimum: 0, maximum: points - 1 }),
    key: textLike(given.key, KEY, at('key'), 'point’s key'),
    settings: settingsOf(given.settings, at('settings')),
  }
}

export function isRunSweep(value: unknown): boolean {
  try {
    parseRunSweep(value, 'sweep')
    return true
  } catch {
    return false
  }
}

/** Short enough to begin the names of its points. */
const SWEEP_NAME = /^[^\p{Cc}\u2028\u2029]{1,40}$/u

/** @throws InputError for what is no name of a sweep */
export function sweepName(text: string, where: string): string {
  const name = text.trim()
  if (SWEEP_NAME.test(name)) return name
  throw new InputError(where, 'this is no name for a sweep', 'Give 1 to 40 characters on one line.')
}

function textLike(value: unknown, form: RegExp, where: string, what: string): string {
  if (typeof value === 'string' && form.test(value)) return value
  throw new InputError(where, `${show(value)} is no ${what}`, HINT)
}

function settingsOf(value: unknown, where: string): SweepPoint['settings'] {
  const numbers = SETTINGS.filter(isNumberSetting)
  const keys = numbers.map(({ key }) => key)
  const given = knownFields(objectOf(value, where, 'these are no settings', HINT), where, keys)
  return Object.fromEntries(
    Object.entries(given).map(([key, one]) => {
      const s = numbers.find((candidate) => candidate.key === key)!
      return [key, finiteNumber(one, `${where}.${key}`, s)]
    }),
  )
}
