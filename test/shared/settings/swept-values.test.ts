import { describe, expect, test } from 'vitest'
import { messageOf } from '../../../shared/base/errors'
import { setting, type NumberSetting } from '../../../shared/settings/table'
import { parseValues } from '../../../shared/settings/swept-values'

const blocks = setting('blocks') as NumberSetting
const gain = setting('gain') as NumberSetting
const rate = setting('learningRate') as NumberSetting

const refused = (s: NumberSetting, text: string) => {
  try {
    return `taken: ${parseValues(s, text, `--${s.option}`).join(',')}`
  } catch (error) {
    return messageOf(error)
  }
}

describe('values', () => {
  test.each<[NumberSetting, string, number[]]>([
    [gain, '1,2,5', [1, 2, 5]],
    [gain, ' 2 , .5, 1e1 ', [2, 0.5, 10]],
    [gain, '1,2,1', [1, 2]],
    [gain, '0.5..2:7', [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2]],
    [gain, '0..1:3', [0, 0.5, 1]],
    [gain, '0..0.3:4', [0, 0.1, 0.2, 0.3]],
    [rate, '1e-3..1:log:4', [0.001, 0.01, 0.1, 1]],
    [rate, '1e-3..1 log 4', [0.001, 0.01, 0.1, 1]],
    [rate, '1e-3 .. 1 : log : 4', [0.001, 0.01, 0.1, 1]],
    [rate, '1e-3..1:log:7', [0.001, 0.00316227766017, 0.01, 0.0316227766017, 0.1, 0.316227766017, 1]],
    [blocks, '2..6', [2, 3, 4, 5, 6]],
    [blocks, '2..10:3', [2, 6, 10]],
    [blocks, '1..4:7', [1, 2, 3, 4]],
    [blocks, '1..64:log:7', [1, 2, 4, 8, 16, 32, 64]],
    [blocks, '1,5..7,20', [1, 5, 6, 7, 20]],
  ])('of %o: %s', (s, text, expected) => {
    expect(parseValues(s, text, '')).toEqual(expected)
  })

  test('a real setting’s range has seven values where nobody says how many, and so has a logarithmic one', () => {
    expect(parseValues(gain, '0..6', '')).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(parseValues(blocks, '1..64:log', '')).toEqual([1, 2, 4, 8, 16, 32, 64])
    expect(parseValues(blocks, '2..100', '')).toHaveLength(99)
  })

  test.each([
    ['1e-5..1', 3],
    ['0.1..0.7', 10_000],
    ['1e-8..1e3', 777],
  ])('the ends of %s are what was written, and values rise', (ends, count) => {
    const [from, to] = ends.split('..').map(Number)
    for (const kind of ['', ':log']) {
      const values = parseValues(rate, `${ends}${kind}:${count}`, '')
      expect(values).toHaveLength(count)
      expect([values[0], values.at(-1)]).toEqual([from, to])
      expect(values.every((value, i) => i === 0 || value > values[i - 1])).toBe(true)
    }
  })
})

test.each<[NumberSetting, string, string]>([
  [blocks, '0..5', '--blocks: 0 is out of range. Give a whole number from 1 to 10000.'],
  [blocks, '2,20000', '--blocks: 20000 is out of range. Give a whole number from 1 to 10000.'],
  [blocks, '2.5..5', '--blocks: 2.5 is not a whole number. Give a whole number from 1 to 10000.'],
  [gain, '-1..2:4', '--gain: -1 is out of range. Give a number from 0 to 100.'],
  [gain, 'a..2', '--gain: "a" is not a number. Give a number from 0 to 100.'],
  [gain, '..2', '--gain: "" is not a number. Give a number from 0 to 100.'],
  [gain, '1..2..3', '--gain: "2..3" is not a number. Give a number from 0 to 100.'],
  [gain, '1,,2', '--gain: "1,,2" has an empty place between its commas. FORMS'],
  [gain, '1..2:x', '--gain: "1..2:x" is no range. FORMS'],
  [gain, '1..2:3:4', '--gain: "1..2:3:4" is no range. FORMS'],
  [gain, '1..2:log:3:4', '--gain: "1..2:log:3:4" is no range. FORMS'],
  [gain, '1..2:1', '--gain: 1 is no number of values. Give a whole number from 2 to 10000.'],
  [gain, '1..2:2.5', '--gain: 2.5 is no number of values. Give a whole number from 2 to 10000.'],
  [gain, '2..1:3', '--gain: the range 2..1 does not rise. Write the smaller end first: 1..2.'],
  [gain, '1..1', '--gain: the range 1..1 does not rise. Write the smaller end first: 1..1.'],
  [
    rate,
    '0..1:log:7',
    '--learning-rate: "0..1:log:7" is logarithmic, and begins at 0. Begin above 0, or leave log out.',
  ],
  [
    gain,
    '0..1:20000',
    '--gain: these are 20,000 points, and a sweep has at most 10,000. Give fewer values: 2..1000:50 has fifty.',
  ],
  [
    setting('seed') as NumberSetting,
    '0..4294967295',
    '--seed: these are 4,294,967,296 points, and a sweep has at most 10,000. ' +
      'Give fewer values: 2..1000:50 has fifty.',
  ],
])('%o refuses %s in one line', (s, text, message) => {
  const forms = 'Give numbers, or a range: 1,2,5 or 2..100 or 0.5..2:7 or 1e-3..1:log:7.'
  expect(refused(s, text)).toBe(message.replace('FORMS', forms))
})
