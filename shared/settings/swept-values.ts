/**
 * The values that a number setting is swept over, as people write them: numbers and ranges with commas between.
 *
 *     1,2,5         these
 *     2..100        every whole number; of a setting that is real, seven values at equal distances
 *     0.5..2:7      seven values at equal distances, both ends included
 *     1e-3..1:log:7 seven values at equal ratios
 *
 * In place of each colon there may be spaces: `1e-3..1 log 7`.
 */
import { show } from '../base/check'
import { numberOrText } from '../base/decimal'
import { InputError } from '../base/errors'
import type { NumberSetting } from './table'
import { checkSetting } from './check-setting'

/** What a range has where nobody says how many, and not every whole number is meant. */
export const DEFAULT_COUNT = 7

/** All combinations of what is swept together. */
export const MOST_POINTS = 10_000

/** Significant digits of what lies between a range's ends: alike on every machine, whatever its logarithms round to. */
const DIGITS = 12

const FORMS = 'Give numbers, or a range: 1,2,5 or 2..100 or 0.5..2:7 or 1e-3..1:log:7.'

/** Whether a text says more than one number; what is neither a number nor this is for the setting itself to refuse. */
export const isSwept = (text: string): boolean => text.includes(',') || text.includes('..')

/**
 * The values that a text says, in its order, each once.
 * @param where the option, or the field
 * @throws InputError for what is no list and no range, and for values that the setting cannot have
 */
export function parseValues(s: NumberSetting, text: string, where: string): number[] {
  const parts = text.split(',').map((part) => part.trim())
  const values = parts.flatMap((part) => {
    if (!part) throw new InputError(where, `${show(text)} has an empty place between its commas`, FORMS)
    return part.includes('..') ? valuesOfRange(s, part, where) : [numberOf(s, part, where)]
  })
  const distinct = [...new Set(values)]
  checkCount(distinct.length, where)
  return distinct
}

/** @throws InputError for more points than anyone has time for */
export function checkCount(count: number, where: string): void {
  if (count <= MOST_POINTS) return
  throw new InputError(
    where,
    `these are ${count.toLocaleString('en-US')} points, and a sweep has at most ${MOST_POINTS.toLocaleString('en-US')}`,
    'Give fewer values: 2..1000:50 has fifty.',
  )
}

function valuesOfRange(s: NumberSetting, part: string, where: string): number[] {
  const at = part.indexOf('..')
  const [last, ...words] = part
    .slice(at + 2)
    .split(':')
    .flatMap((word) => word.trim().split(/\s+/))
  const from = numberOf(s, part.slice(0, at), where)
  const to = numberOf(s, last, where)
  if (from >= to) {
    const hint = `Write the smaller end first: ${to}..${from}.`
    throw new InputError(where, `the range ${from}..${to} does not rise`, hint)
  }
  const isLog = words[0] === 'log'
  const [countText, ...rest] = isLog ? words.slice(1) : words
  if (rest.length) throw new InputError(where, `${show(part)} is no range`, FORMS)
  if (isLog && from <= 0) {
    const what = `${show(part)} is logarithmic, and begins at ${from}`
    throw new InputError(where, what, 'Begin above 0, or leave log out.')
  }
  const isEvery = s.type === 'integer' && !isLog && countText === undefined
  const count = isEvery ? to - from + 1 : countOf(countText, part, where)
  checkCount(count, where)
  if (isEvery) return Array.from({ length: count }, (_, i) => from + i)
  const between = (share: number) =>
    isLog ? Math.exp(Math.log(from) + share * Math.log(to / from)) : from + share * (to - from)
  return Array.from({ length: count }, (_, i) => {
    if (i === 0) return from
    if (i === count - 1) return to
    const value = between(i / (count - 1))
    const rounded = s.type === 'integer' ? Math.round(value) : Number(value.toPrecision(DIGITS))
    return Math.min(to, Math.max(from, rounded))
  })
}

function countOf(text: string | undefined, part: string, where: string): number {
  if (text === undefined) return DEFAULT_COUNT
  const count = numberOrText(text)
  if (typeof count === 'string') throw new InputError(where, `${show(part)} is no range`, FORMS)
  if (Number.isInteger(count) && count >= 2) return count
  const hint = `Give a whole number from 2 to ${MOST_POINTS}.`
  throw new InputError(where, `${text} is no number of values`, hint)
}

const numberOf = (s: NumberSetting, text: string, where: string) =>
  checkSetting(s, numberOrText(text.trim()), where) as number

/** The same values in the one form that a command line takes without quotes: `1e-3..1:log:7`. */
export const plainValues = (text: string): string =>
  text
    .split(',')
    .map((part) =>
      part
        .trim()
        .replace(/\s*\.\.\s*/, '..')
        .replace(/\s*:\s*|\s+/g, ':'),
    )
    .join(',')
