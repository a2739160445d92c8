import * as fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { JsonError, readJson } from '../../../shared/base/json'

const errorOf = (text: string) => {
  try {
    readJson(text)
    return null
  } catch (error) {
    if (error instanceof JsonError) return { message: error.message, at: error.at }
    throw error
  }
}

test('any JSON is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(undefined, 1, '\t'), (json, space) => {
      const text = JSON.stringify(JSON.parse(json), null, space)
      // Names that would reach an object's prototype are refused, which has a test of its own.
      fc.pre(!/"(__proto__|constructor|prototype)":/.test(text))
      expect(readJson(text).value).toEqual(JSON.parse(text))
    }),
  )
})

test('what JSON.parse refuses is refused, whatever is cut out of a text', () => {
  const text = JSON.stringify({ a: [1, -2.5e3, { b: 'x"\\u00e9' }], c: null, d: true }, null, 1)
  const size = text.length
  fc.assert(
    fc.property(
      fc.nat(size),
      fc.nat(4),
      fc.constantFrom('', '}', ']', ',', ':', '"', '0', 'x', '\n'),
      (at, n, by) => {
        const changed = text.slice(0, at) + by + text.slice(at + n)
        let isJson = true
        try {
          JSON.parse(changed)
        } catch {
          isJson = false
        }
        const found = errorOf(changed)
        if (isJson) expect(found === null || /is there twice/.test(found.message)).toBe(true)
        else expect(found).not.toBeNull()
        if (found) expect(found.at).toBeLessThanOrEqual(changed.length)
      },
    ),
    { numRuns: 2000 },
  )
})

describe('what is wrong, and after how many characters', () => {
  test.each([
    ['{"a" 1}', 'A : is missing', 5],
    ['{a: 1}', 'A field’s name in double quotes is missing', 1],
    ['{"a": 1,}', 'There is a comma too many', 7],
    ['[1, ]', 'There is a comma too many', 2],
    ['[1 2]', 'A comma or ] is missing', 3],
    ['[1.2.3]', '“1.2.3” is no value: texts stand in double quotes', 1],
    ['[1e]', '“1e” is no value: texts stand in double quotes', 1],
    ['// x', '“//” is no value: texts stand in double quotes', 0],
    ['{"a": }', 'A value is missing', 6],
    ['[1,', 'The text ends too early', 3],
    ['{"a": [1}', 'A comma or ] is missing', 8],
    ['{"a": [1', 'The closing ] is missing', 6],
    ['"a\tb"', 'This text has no closing quote on its line', 0],
    ['"\\u12"', 'There is a backslash in this text that means nothing', 0],
    ['1 1', 'There is something behind the end', 2],
    ['{"constructor": 1}', '"constructor" cannot be a field’s name', 1],
    [`${'['.repeat(101)}1`, 'This is nested more than 100 deep', 101],
  ])('%s', (text, message, at) => expect(errorOf(text)).toEqual({ message, at }))
})

test('the place of a value by its path; of one that is not there, the value around it', () => {
  const text = '{"a": [1, {"b.c": 2, "b": {"c": 3}}], "": 4}'
  const { find } = readJson(text)
  expect(find('')).toEqual({ at: 0, rest: '' })
  expect(find('.a[0]')).toEqual({ at: text.indexOf('1'), rest: '' })
  expect(find('.a[1].b.c')).toEqual({ at: text.indexOf('2'), rest: '' })
  expect(find('.a[1].b.d')).toEqual({ at: text.indexOf('{"c"'), rest: '.d' })
  expect(find('.a[2].b')).toEqual({ at: text.indexOf('[1'), rest: '[2].b' })
  expect(find('.')).toEqual({ at: text.indexOf('4'), rest: '' })
})

describe('long names around many values', () => {
  afterEach(() => vi.restoreAllMocks())

  test.each([
    ['a list', `{"${'k'.repeat(200_000)}": [${'0,'.repeat(99_999)}0]}`],
    ['objects in objects', `${`{"${'k'.repeat(10_000)}":`.repeat(90)}0${'}'.repeat(90)}`],
  ])('%s: what is kept grows with the text, not with names times values', (_, text) => {
    const set = vi.spyOn(Map.prototype, 'set')
    const start = performance.now()
    readJson(text)
    // Generous: a reader that names every value by its path needs minutes for the list, or runs out of memory.
    expect(performance.now() - start).toBeLessThan(5000)
    const characters = set.mock.calls.reduce((sum, [key]) => sum + String(key).length, 0)
    expect(set).toHaveBeenCalled()
    expect(characters).toBeLessThanOrEqual(text.length)
  })
})
