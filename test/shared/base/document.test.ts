import { expect, test } from 'vitest'
import { isTooDeep, readDocument } from '../../../shared/base/document'

test('a document is read, or refused in one line with the place and the hint', () => {
  expect(readDocument('{"a": [1]}', 'a.json', 'Mend it.')).toEqual({ a: [1] })
  expect(() => readDocument('{"a":\n [1}', 'a.json', 'Mend it.')).toThrow(
    'a.json: this is not JSON (line 2, column 4: A comma or ] is missing). Mend it.',
  )
  expect(() => readDocument('x', 'link', 'Copy it.', { what: 'a block’s JSON' })).toThrow(
    'link: this is not a block’s JSON (line 1, column 1: “x” is no value: texts stand in double quotes). Copy it.',
  )
  expect(readDocument('[1]', 'a.json', '', { longest: 3 })).toEqual([1])
  expect(() => readDocument('[1]', 'a.json', '', { longest: 2 })).toThrow('0.0 million characters')
  expect(() => readDocument(`"${'x'.repeat(9e6)}"`, 'a.json', 'Mend it.')).toThrow(
    'a.json: it has 9.0 million characters, and nothing to be read here more than 8.4. Mend it.',
  )
})

test('values that are too deep are found without recursion, in a circle and shared a thousandfold too', () => {
  const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth))
  expect(isTooDeep(nested(100), 100)).toBe(false)
  expect(isTooDeep(nested(101), 100)).toBe(false)
  expect(isTooDeep(nested(102), 100)).toBe(true)
  expect([null, 3, 'x', [1, 'a', null], { a: 1 }].map((flat) => isTooDeep(flat, 0))).toEqual(
    new Array(5).fill(false),
  )
  expect(isTooDeep(nested(200_000), 100)).toBe(true)
  const circle: unknown[] = []
  circle.push({ circle })
  expect(isTooDeep(circle, 100)).toBe(true)
  let shared: unknown = {}
  for (let i = 0; i < 60; i++) shared = [shared, shared]
  expect(isTooDeep(shared, 100)).toBe(true)
  expect(isTooDeep({ a: new Float32Array(1e7), b: null, c: 'x' }, 2)).toBe(false)
})
