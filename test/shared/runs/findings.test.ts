import { expect, test } from 'vitest'
import type { ComparedPoint, Comparison } from '../../../shared/runs/comparison'
import { comparisonFinding, differenceFinding } from '../../../shared/runs/findings'

const comparison = (lines: { label: string; points: ComparedPoint[] }[]): Comparison => ({
  lines: lines.map((line) => ({ ...line, key: line.label, members: [] })),
  ...{ xLabel: 'step', yLabel: 'test error', isScattered: false, nText: '', left: [] },
})

test('says where the lines end, smallest and largest', () => {
  const one = {
    label: 'Type 2',
    points: [
      { x: 0, y: 0.9, n: 5 },
      { x: 10, y: 0.5, low: 0.4, high: 0.6, n: 5 },
    ],
  }
  const other = {
    label: 'plain',
    points: [
      { x: 0, y: 0.9, n: 5 },
      { x: 10, y: 0.75, n: 5 },
    ],
  }
  expect(comparisonFinding(comparison([one, other]))).toBe(
    'At step 10.0, test error is smallest for Type 2: 0.500 (0.400 to 0.600, n = 5), and largest for plain: ' +
      '0.750 (n = 5).',
  )
  expect(comparisonFinding(comparison([one]))).toBe(
    'Type 2: test error 0.500 (0.400 to 0.600, n = 5) at step 10.0.',
  )
  expect(comparisonFinding(comparison([]))).toBe('')
})

test('lines that end at different places are not held against each other', () => {
  const lines = [
    {
      label: 'a',
      points: [
        { x: 10, y: 0.5, n: 1 },
        { x: 20, y: NaN, n: 1 },
      ],
    },
    { label: 'b', points: [{ x: 20, y: 0.25, n: 3 }] },
  ]
  expect(comparisonFinding(comparison(lines))).toBe(
    'The lines end at different places of step; the smallest last test error is 0.250 (n = 3), of b.',
  )
})

test('a difference says how sure it is', () => {
  const words = { xLabel: 'step', yLabel: 'test error' }
  const sure = {
    points: [
      { x: 0, y: 0, n: 5 },
      { x: 10, y: -0.1, low: -0.15, high: -0.05, n: 5 },
    ],
    isPaired: true,
  }
  expect(differenceFinding(sure, ['a', 'b'], words)).toBe(
    'At step 10.0, the test error of a less that of b is −0.100 (5 pairs of networks, 95 % of the mean −0.150 to ' +
      '−0.0500: more than chance).',
  )
  const unsure = { points: [{ x: 0, y: 1, low: -1, high: 3, n: 2 }], isPaired: false }
  expect(differenceFinding(unsure, ['a', 'b'], words)).toBe(
    'The test error of a less that of b is 1.00 (n = 2, 95 % of the mean −1.00 to 3.00: no more than chance may do).',
  )
  expect(differenceFinding({ points: [{ x: 0, y: NaN, n: 1 }], isPaired: false }, ['a', 'b'], words)).toBe(
    'The difference of a and b is nowhere a finite number.',
  )
})
