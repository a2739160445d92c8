import { choice, knownFields, objectOf, settingsOf, show } from '../base/check'
import { InputError } from '../base/errors'
import type { Experiment, SettingKey } from './experiment'
import { SWEEP_COMMANDS, type SweepSettings } from './sweep-section'
import { isSwept, parseValues } from './swept-values'
import { SETTINGS, isNumberSetting, setting } from './table'

/** More than two have no picture. */
export const MOST_SWEPT = 2

/** A map of stability: depth by gain. */
export const defaultSweep = (): SweepSettings => ({
  command: 'signal',
  swept: { blocks: '1..19:7', gain: '0.5..2:log:7' },
})

/** As they stand in an experiment's document; absent settings take their defaults. @throws InputError */
export function parseSweepSection(value: unknown, where: string): SweepSettings {
  const { command, swept } = settingsOf(value, where, defaultSweep(), {
    what: 'these are not settings of a sweep (a JSON object)',
    hint: 'Remove them for the defaults.',
    unknown: 'sweep has no such setting',
    plural: 'settings',
  })
  return {
    command: choice(command, `${where}.command`, SWEEP_COMMANDS),
    swept: parseSwept(swept, `${where}.swept`),
  }
}

function parseSwept(value: unknown, where: string): SweepSettings['swept'] {
  const numbers = SETTINGS.filter(isNumberSetting)
  const object = objectOf(value, where, 'this does not say what is swept', 'Give settings with their values.')
  const given = Object.entries(
    knownFields(
      object,
      where,
      numbers.map(({ key }) => key),
    ),
  )
  if (given.length > MOST_SWEPT)
    throw new InputError(where, `${given.length} settings are swept`, 'Sweep at most two settings.')
  return Object.fromEntries(
    given.map(([key, text]) => {
      const s = numbers.find((one) => one.key === key)!
      if (typeof text !== 'string' || !isSwept(text))
        throw new InputError(`${where}.${key}`, `${show(text)} is no list and no range`, EXAMPLE)
      parseValues(s, text, `${where}.${key}`)
      return [key, text]
    }),
  )
}

const EXAMPLE = 'Give values with commas between them, or a range: 1,2,5 or 0.5..2:7.'

/** Of a document with a sweep of its own, what a setting is swept over; undefined: it is one number. */
export const sweptText = ({ sweep }: Experiment, key: SettingKey): string | undefined => sweep?.swept[key]

/** Whether this, given to a setting, makes it swept. */
export const makesSwept = (key: SettingKey, value: unknown): value is string =>
  typeof value === 'string' && isSwept(value) && isNumberSetting(setting(key))

/** The document with a setting swept. @throws InputError for values that it cannot have, and for a third setting */
export function withSwept(document: Experiment, key: SettingKey, text: string): Experiment {
  const { command, swept } = document.sweep ?? { ...defaultSweep(), swept: {} }
  const others = Object.keys(swept).filter((other) => other !== key) as SettingKey[]
  if (others.length >= MOST_SWEPT) {
    const names = others.map((other) => setting(other).label).join(' and ')
    throw new InputError(key, `${names} are swept already`, 'Give one of them a single number first.')
  }
  const sweep = parseSweepSection({ command, swept: { ...swept, [key]: text } }, 'sweep')
  return { ...document, sweep }
}

/** The document with a setting that has one value again. */
export function withoutSwept(document: Experiment, key: SettingKey): Experiment {
  const { sweep } = document
  if (sweep?.swept[key] === undefined) return document
  const { [key]: _, ...swept } = sweep.swept
  return { ...document, sweep: { ...sweep, swept } }
}
