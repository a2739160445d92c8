/**
 * What reading a text takes, counted where json.test.ts measures time: a sound text goes through the engine's parser
 * once and is not scanned again, and a text that is nested too deep never gets there.
 */
import * as fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { readJson } from '../../../shared/base/json'
import { judgesMutants } from '../../mutation/judge'

afterEach(() => vi.restoreAllMocks())

/** How often the engine's parser is given a text. */
function parsedTimes(text: string, act: (text: string) => unknown = readJson): number {
  const parse = vi.spyOn(JSON, 'parse')
  act(text)
  return parse.mock.calls.length
}

describe('a sound text is read once', () => {
  test.each([
    ['1'],
    ['null'],
    ['"a:b"'],
    ['[]'],
    ['{}'],
    ['[null, {"a": null}]'],
    ['["text", {"a": "text"}]'],
    ['{"a": {"b": [{"c": 1}, {"d": [2, {"e": 3}]}]}, "f": 4}'],
    // Colons and brackets in texts are none, and a quote or a backslash in a text may be escaped.
    ['{"a:b": ":", "{": "[[", "c": 1}'],
    ['{"\\"": "\\":", "\\\\": "\\\\", "a": ":\\\\\\":"}'],
    [JSON.stringify({ quoted: '['.repeat(200), closing: ']'.repeat(200) })],
    // Names like those that are refused, and those names as texts.
    ['{"constructors": 1, "proto": ["__proto__", "prototype"], "a": "constructor"}'],
    [`${'['.repeat(100)}${']'.repeat(100)}`],
    [`${'{"a":'.repeat(100)}1${'}'.repeat(100)}`],
    // Beside each other is not in each other.
    [`[${'[],{},'.repeat(200)}0]`],
  ])('%s', (text) => {
    expect(parsedTimes(text)).toBe(1)
    expect(readJson(text).value).toEqual(JSON.parse(text))
  })

  test('whatever is in it', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        fc.pre(!/"(__proto__|constructor|prototype)":/.test(json))
        expect(parsedTimes(json)).toBe(1)
        vi.restoreAllMocks()
      }),
      { numRuns: judgesMutants ? 50 : 300 },
    )
  })
})

test('what is nested too deep is refused without the engine’s parser', () => {
  for (const text of ['['.repeat(102) + ']'.repeat(102), `${'{"a":'.repeat(101)}1${'}'.repeat(101)}`])
    expect(
      parsedTimes(text, (deep) => expect(() => readJson(deep)).toThrow('This is nested more than 100 deep')),
    ).toBe(0)
})

test('places are found without the engine’s parser, but for names with escapes in them', () => {
  const { find } = readJson('{"first": [1, {"second": 2}], "th\\u0069rd": 3}')
  const look = (path: string) => find(path).rest
  expect(parsedTimes('.first[1].second', look)).toBe(1)
  vi.restoreAllMocks()
  expect(parsedTimes('[1].second', readJson('[1, {"first": {}, "second": 2}]').find)).toBe(0)
})
