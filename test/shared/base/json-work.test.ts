/**
 * What reading a text takes, counted where json.test.ts measures time: a sound text is gone through once, then parsed
 * by the engine, and a text that is nested too deep never gets there.
 */
import * as fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { readJson } from '../../../shared/base/json'
import { judgesMutants } from '../../mutation/judge'

/** How often the engine's parser is given a text, and how many characters are looked at besides. */
function effort(text: string, act: (text: string) => unknown = readJson) {
  const parse = vi.spyOn(JSON, 'parse')
  const look = vi.spyOn(String.prototype, 'charCodeAt')
  act(text)
  const [parsed, looked] = [parse.mock.calls.length, look.mock.calls.length]
  vi.restoreAllMocks()
  return { parsed, looked }
}

function expectReadOnce(text: string): void {
  const { parsed, looked } = effort(text)
  expect(parsed).toBe(1)
  expect(looked).toBeLessThanOrEqual(text.length)
}

describe('a sound text is parsed once, and each of its characters looked at once', () => {
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
    expectReadOnce(text)
    expect(readJson(text).value).toEqual(JSON.parse(text))
  })

  test('whatever is in it', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        fc.pre(!/"(__proto__|constructor|prototype)":/.test(json))
        expectReadOnce(json)
      }),
      { numRuns: judgesMutants ? 50 : 300 },
    )
  })
})

test('what is nested too deep is refused without the engine’s parser', () => {
  for (const text of ['['.repeat(102) + ']'.repeat(102), `${'{"a":'.repeat(101)}1${'}'.repeat(101)}`])
    expect(
      effort(text, (deep) => expect(() => readJson(deep)).toThrow('This is nested more than 100 deep'))
        .parsed,
    ).toBe(0)
})

test('places are found without the engine’s parser, but for names with escapes in them', () => {
  const { find } = readJson('{"first": [1, {"second": 2}], "th\\u0069rd": 3}')
  const look = (path: string) => find(path).rest
  expect(effort('.first[1].second', look).parsed).toBe(1)
  expect(effort('[1].second', readJson('[1, {"first": {}, "second": 2}]').find).parsed).toBe(0)
})
