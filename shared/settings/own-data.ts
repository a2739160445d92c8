import { knownFields, objectOf, show, wholeNumber } from '../base/check'
import { InputError } from '../base/errors'
import { DATA_SETS } from '../data/data-sets'
import type { DataDescription, Target } from '../data/description'
import { dataName } from '../data/names'

const KEYS = [
  'name',
  'title',
  'definition',
  'source',
  'licence',
  'origin',
  'shape',
  'classes',
  'classNames',
  'targets',
  'training',
  'test',
  'splitSeed',
  'sha256',
] as const

export const MOST_CLASSES = 256
/** As many numbers as a network may predict of a sample. */
export const MOST_TARGETS = 256
const MOST_SAMPLES = 100_000_000
const MOST_VALUES = 1_000_000
const LONGEST = 500

/** A description of the user's own data set, as `data show` prints it. @throws InputError */
export function parseOwnData(value: unknown, where: string): DataDescription {
  const hint = 'Take it from what `data show NAME --json` of the command line prints.'
  const object = objectOf(value, where, `${show(value)} describes no data set`, hint)
  const given = knownFields(object, where, KEYS)
  const text = (key: 'title' | 'definition' | 'source' | 'licence') => {
    const own = given[key]
    if (typeof own === 'string' && own.length <= LONGEST) return own
    throw new InputError(
      `${where}.${key}`,
      `${show(own)} is not a text of at most ${LONGEST} characters`,
      hint,
    )
  }
  const count = (key: 'classes' | 'training' | 'test', maximum: number, minimum = 1) =>
    wholeNumber(given[key], `${where}.${key}`, { minimum, maximum })
  const name = dataName(given.name, `${where}.name`)
  if (DATA_SETS.some((one) => one.name === name)) {
    throw new InputError(
      `${where}.name`,
      `the program has a data set "${name}" of its own`,
      'Give another name.',
    )
  }
  const shape = objectOf(given.shape, `${where}.shape`, `${show(given.shape)} is no shape`, hint)
  const side = (key: 'units' | 'rows' | 'columns') =>
    wholeNumber(shape[key], `${where}.shape.${key}`, { minimum: 1, maximum: MOST_VALUES })
  const { sha256, classNames, splitSeed } = given
  const targets = given.targets === undefined ? null : targetsIn(given.targets, `${where}.targets`, hint)
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256))
    throw new InputError(`${where}.sha256`, `${show(sha256)} is no SHA-256 in hexadecimal`, hint)
  const classes = targets ? count('classes', 0, 0) : count('classes', MOST_CLASSES, 2)
  const isNames =
    Array.isArray(classNames) &&
    classNames.length === classes &&
    classNames.every((one): one is string => typeof one === 'string' && one.length <= LONGEST)
  if (classNames !== undefined && !isNames)
    throw new InputError(`${where}.classNames`, 'these are not as many words as classes', hint)
  return {
    name,
    title: text('title'),
    definition: text('definition'),
    source: text('source'),
    licence: text('licence'),
    origin: 'own',
    shape: { units: side('units'), rows: side('rows'), columns: side('columns') },
    classes,
    ...(isNames ? { classNames } : {}),
    ...(targets ? { targets } : {}),
    training: count('training', MOST_SAMPLES),
    test: count('test', MOST_SAMPLES),
    ...(splitSeed === undefined
      ? {}
      : { splitSeed: wholeNumber(splitSeed, `${where}.splitSeed`, { minimum: 0, maximum: 4_294_967_295 }) }),
    sha256,
  }
}

function targetsIn(value: unknown, where: string, hint: string): Target[] {
  if (!Array.isArray(value) || value.length < 1 || value.length > MOST_TARGETS)
    throw new InputError(where, `${show(value)} are not 1 to ${MOST_TARGETS} targets`, hint)
  const isText = (one: unknown): one is string => typeof one === 'string' && one.length <= LONGEST
  return value.map((one: unknown, i) => {
    const at = `${where}[${i}]`
    const { name, unit } = knownFields(objectOf(one, at, `${show(one)} is no target`, hint), at, [
      'name',
      'unit',
    ])
    if (!isText(name) || (unit !== undefined && !isText(unit)))
      throw new InputError(at, `name and unit are texts of at most ${LONGEST} characters`, hint)
    return unit === undefined ? { name } : { name, unit }
  })
}
