import { InputError } from '../../base/errors'
import { positions, vector, type Shape } from '../../numerics/shape'
import type { Labels, Target } from '../description'
import type { FileArray } from './idx'

/** Samples with labels, as files have them, before they are split. */
export interface Labelled {
  shape: Shape
  /** [samples, values] */
  x: Float32Array | Uint8Array
  y: Labels
  /** Empty where samples have real targets. */
  classNames: string[]
  targets?: Target[]
}

/** What networks learn of samples: to which class each belongs, or a real number of each. */
export type Task = 'classification' | 'regression'
export const TASKS: readonly Task[] = ['classification', 'regression']

export const MOST_CLASSES = 256
const MOST_TARGETS = 256
/** So many different whole numbers, or fewer, are taken for classes where nobody says what they are. */
export const MOST_NUMBERED_CLASSES = 100

/** The most channels that the last, or the second, of four dimensions is taken for. */
const MOST_CHANNELS = 4

/** What of an array is one sample, and whether its channels come first. */
function sampleShape(dimensions: readonly number[], where: string): { shape: Shape; channelsFirst: boolean } {
  const [, a, b, c] = dimensions
  if (dimensions.length === 2) return { shape: vector(a), channelsFirst: false }
  if (dimensions.length === 3) return { shape: { units: 1, rows: a, columns: b }, channelsFirst: false }
  if (dimensions.length === 4 && c <= MOST_CHANNELS)
    return { shape: { units: c, rows: a, columns: b }, channelsFirst: false }
  if (dimensions.length === 4 && a <= MOST_CHANNELS)
    return { shape: { units: a, rows: b, columns: c }, channelsFirst: true }
  throw new InputError(
    where,
    `an array of the shape ${dimensions.join(' × ')} holds no samples`,
    'Give [samples, values], [samples, rows, columns], or these with channels first or last.',
  )
}

/**
 * Values of an array as samples. @param first how many came before, where this is a piece of a file
 * @throws InputError where they are no samples, or not finite
 */
export function samplesOf(
  { shape: dimensions, values }: FileArray,
  where: string,
  first = 0,
): Pick<Labelled, 'shape' | 'x'> {
  const { shape, channelsFirst } = sampleShape(dimensions, where)
  const length = shape.units * positions(shape)
  if (!dimensions[0] || !length)
    throw new InputError(where, 'there are no samples in it', 'Give at least ten samples.')
  const x = values instanceof Uint8Array ? new Uint8Array(values.length) : new Float32Array(values.length)
  const grid = positions(shape)
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (!Number.isFinite(value) || !Number.isFinite(Math.fround(value))) {
      const sample = first + Math.floor(i / length) + 1
      throw new InputError(
        where,
        `sample ${sample} holds ${value}`,
        'Give finite numbers, or leave that sample out.',
      )
    }
    const at = i % length
    x[channelsFirst ? i - at + (at % grid) * shape.units + Math.floor(at / grid) : i] = value
  }
  return { shape, x }
}

/** What samples are labelled with. */
export type OwnLabels = Pick<Labelled, 'y' | 'classNames' | 'targets'>

/** What numbers are, where nobody says so: a few different whole numbers are classes, others values. */
export function taskOf(values: ArrayLike<number>): Task {
  const different = new Set<number>()
  for (let i = 0; i < values.length; i++) {
    if (!Number.isInteger(values[i]) || different.add(values[i]).size > MOST_NUMBERED_CLASSES)
      return 'regression'
  }
  return 'classification'
}

/**
 * What an array says of samples: classes as whole numbers, which need not begin at 0 or be without gaps, or real
 * targets, [samples] or [samples, targets].
 * @param task absent: as `taskOf` says; several numbers a sample are targets
 * @throws InputError
 */
export function labelsOf(array: FileArray, samples: number, where: string, task?: Task): OwnLabels {
  const { shape, values } = array
  const isTable = shape.length === 2 && shape[1] > 1
  const isValues = (task ?? (isTable ? 'regression' : taskOf(values))) === 'regression'
  return isValues ? targetsOf(array, samples, where) : classLabels(array, samples, where)
}

function targetsOf({ shape, values }: FileArray, samples: number, where: string): OwnLabels {
  const count = shape.length === 2 ? shape[1] : 1
  if (shape.length > 2 || shape[0] !== samples || count < 1 || count > MOST_TARGETS) {
    throw new InputError(
      where,
      `targets of the shape ${shape.join(' × ')} do not go with ${samples} samples`,
      `Give one number a sample, or a row of at most ${MOST_TARGETS}.`,
    )
  }
  values.forEach((value, i) => {
    if (Number.isFinite(Math.fround(value))) return
    const sample = Math.floor(i / count) + 1
    throw new InputError(
      where,
      `the target of sample ${sample} is ${value}`,
      'Give finite numbers, or leave that sample out.',
    )
  })
  const targets = Array.from({ length: count }, (_, i) => ({ name: count === 1 ? 'y' : `y ${i + 1}` }))
  return { y: Float32Array.from(values), classNames: [], targets }
}

function classLabels({ shape, values }: FileArray, samples: number, where: string): OwnLabels {
  const isList = shape.length === 1 || (shape.length === 2 && shape[1] === 1)
  if (!isList || values.length !== samples) {
    throw new InputError(
      where,
      `labels of the shape ${shape.join(' × ')} do not go with ${samples} samples`,
      'Give one label a sample.',
    )
  }
  values.forEach((value, i) => {
    if (Number.isInteger(value)) return
    throw new InputError(
      where,
      `label ${i + 1} is ${value}, no class`,
      'Give whole numbers, or take them as values: --task regression.',
    )
  })
  return classesOf(values, where)
}

/** Labels to classes. @param labels words, or whole numbers @throws InputError */
export function classesOf(labels: ArrayLike<string | number>, where: string): OwnLabels {
  const found = new Set<string | number>()
  for (let i = 0; i < labels.length; i++) found.add(labels[i])
  const classNames = classNamesOf([...found].map(String), where)
  const index = new Map([...found].map((label) => [label, classNames.indexOf(String(label))]))
  const y = new Uint8Array(labels.length)
  for (let i = 0; i < y.length; i++) y[i] = index.get(labels[i])!
  return { y, classNames }
}

/**
 * The different labels as classes, in their order: numbers by size, other words by the alphabet.
 * @throws InputError for one alone, or too many
 */
export function classNamesOf(words: Iterable<string>, where: string): string[] {
  const names = [...words]
  const areNumbers = names.every((name) => Number.isFinite(Number(name)))
  names.sort(areNumbers ? (a, b) => Number(a) - Number(b) : (a, b) => (a < b ? -1 : 1))
  if (names.length < 2) {
    throw new InputError(
      where,
      `every sample has the label "${names[0]}"`,
      'Give samples of two classes at least: there is nothing to tell apart.',
    )
  }
  if (names.length > MOST_CLASSES) {
    throw new InputError(
      where,
      `there are ${names.length.toLocaleString('en')} different labels`,
      `There are at most ${MOST_CLASSES} classes: choose another target, or take numbers as values: --task regression.`,
    )
  }
  return names
}
