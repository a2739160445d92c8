import { describe, expect, test } from 'vitest'
import {
  choice,
  finiteNumber,
  knownFields,
  listOf,
  nameText,
  objectOf,
  settingsOf,
  show,
  trueOrFalse,
  versionOne,
  wholeNumber,
} from '../../../shared/base/check'

test('a value in an error message: short, on one line, whatever it is', () => {
  expect(show('a\nb')).toBe('"a\\nb"')
  expect(show(NaN)).toBe('NaN')
  expect(show(-0.5)).toBe('-0.5')
  expect(show(undefined)).toBe('nothing')
  expect(show(null)).toBe('null')
  expect(show({ a: [1] })).toBe('{"a":[1]}')
  expect(show('x'.repeat(10_000_000))).toHaveLength(58)
  expect(show(Array.from({ length: 1000 }, () => 'x'))).toHaveLength(58)
  const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000))
  expect(show(deep)).toBe(`${'['.repeat(57)}…`)
  expect(show({ a: [null, true, { b: [] }], c: 'x"' })).toBe('{"a":[null,true,{"b":[]}],"c":"x\\""}')
  const circle: unknown[] = []
  circle.push(circle)
  expect(show(circle)).toBe(`${'['.repeat(57)}…`)
  expect(show('x'.repeat(58))).toBe(`"${'x'.repeat(58)}"`)
  expect(show(new Array(100).fill(1))).toBe(`[${'1,'.repeat(28)}…`)
  expect(show(Object.create({ a: 1 }))).toBe('{}')
  expect(show([1n])).toBe('this list')
  expect(show({ big: 1n })).toBe('this object')
})

describe('what is refused, in one line', () => {
  const bounds = { minimum: 1, maximum: 9 }
  const list = { least: 1, most: 2, what: 'this is no list', hint: 'Give one.' }
  test.each<[() => unknown, string]>([
    [() => wholeNumber(1.5, 'x', bounds), 'x: 1.5 is not a whole number. Give a whole number from 1 to 9.'],
    [() => wholeNumber(10, 'x', bounds), 'x: 10 is out of range. Give a whole number from 1 to 9.'],
    [() => wholeNumber('2', 'x', bounds, { misfit: 'does not fit' }), 'x: "2" does not fit. Give a whole'],
    [
      () => wholeNumber(0, 'x', bounds, { kind: 'a whole number of draws' }),
      'Give a whole number of draws from 1 to',
    ],
    [() => finiteNumber(NaN, 'x', bounds), 'x: NaN is not a number. Give a number from 1 to 9.'],
    [() => finiteNumber(0.9, 'x', bounds), 'x: 0.9 is out of range. Give a number from 1 to 9.'],
    [() => choice('lineer', 'x', ['linear', 'none']), 'x: "lineer" is not a choice. Did you mean "linear"?'],
    [() => choice(3, 'x', [1, 2]), 'x: 3 is not a choice. Give 1 or 2.'],
    [
      () => choice('?', 'x', ['he', 'lecun', 'glorot']),
      'x: "?" is not a choice. Give one of he, lecun, glorot.',
    ],
    [() => trueOrFalse('yes', 'x'), 'x: "yes" is neither true nor false. Give true or false.'],
    [() => listOf([], 'x', list), 'x: this is no list. Give one.'],
    [() => listOf([1, 2, 3], 'x', list), 'x: this is no list. Give one.'],
    [() => nameText('', 'x'), 'x: a name of 1 to 100 characters is missing. Give one in quotes.'],
    [
      () => nameText('x'.repeat(101), 'x'),
      'x: a name of 1 to 100 characters is missing. Give one in quotes.',
    ],
    [() => nameText(['a'], 'x'), 'x: a name of 1 to 100 characters is missing. Give one in quotes.'],
    [() => objectOf([], 'x', 'this is no object', 'Give one.'), 'x: this is no object. Give one.'],
    [
      () => knownFields({ wdith: 1 }, 'x', ['width']),
      'x.wdith: there is no such field. Did you mean "width"?',
    ],
    [() => knownFields({ what: 1 }, 'x', ['a', 'b']), 'x.what: there is no such field. The fields are a, b.'],
    [() => versionOne(2, 'x'), 'x.version: version 2 is not known here (this program reads version 1).'],
  ])('%#', (check, message) => expect(check).toThrow(message))
})

test('what fits comes back as it is; absent settings take their defaults', () => {
  expect(wholeNumber(9, 'x', { minimum: 1, maximum: 9 })).toBe(9)
  expect(choice(2, 'x', [1, 2])).toBe(2)
  expect(listOf([3], 'x', { least: 1, most: 1, what: '', hint: '' })).toEqual([3])
  expect(knownFields({ a: undefined, b: null }, 'x', ['a', 'b', 'c'])).toEqual({ b: null })
  expect(Object.keys(knownFields({ a: undefined, b: null }, 'x', ['a', 'b']))).toEqual(['b'])
  expect(knownFields(Object.create({ a: 1 }) as object, 'x', ['a'])).toEqual({})
  expect(nameText('x'.repeat(100), 'x')).toHaveLength(100)
  expect(settingsOf({ b: 3 }, 'x', { a: 1, b: 2 }, { what: '', hint: '' })).toEqual({ a: 1, b: 3 })
  expect(() => versionOne(undefined, 'x')).not.toThrow()
})
