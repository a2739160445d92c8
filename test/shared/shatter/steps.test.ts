import { expect, test } from 'vitest'
import { trainedCommand } from '../../../shared/shatter/command'
import { LAST_STEP, largestStep, parseLookedSteps } from '../../../shared/shatter/steps'
import { trainedShatter } from '../../../shared/shatter/trained'

test('steps are a list, or a text with commas; each counts once', () => {
  expect(parseLookedSteps('0, 100,last,100')).toEqual([0, 100, 'last'])
  expect(parseLookedSteps(['last', 5])).toEqual(['last', 5])
  expect(largestStep([3, 'last', 1])).toBe(3)
  expect(largestStep(LAST_STEP)).toBe(0)
})

test.each([
  ['', '"" is no number of updates'],
  ['1,,2', '"" is no number of updates'],
  ['first', '"first" is no number of updates'],
  ['-1', '"-1" is no number of updates'],
  ['0.5', '"0.5" is no number of updates'],
  ['1e30', '"1e30" is no number of updates'],
  [[NaN], 'NaN is no number of updates'],
  [[null], 'null is no number of updates'],
  [[], 'these are no 1 to 20 steps'],
  [7, 'these are no 1 to 20 steps'],
  [Array.from({ length: 21 }, (_, i) => i), 'these are no 1 to 20 steps'],
])('%j is refused with what to give', (value, what) => {
  expect(() => parseLookedSteps(value)).toThrow(
    `--steps: ${what}. Give numbers of updates, from 0, and "last" for the end, with commas between: 0,100,last.`,
  )
})

test('the command says the steps where they are not the last alone', () => {
  const command = (steps: Parameters<typeof trainedCommand>[3]) =>
    trainedCommand('fern-12', { from: 0, to: 1 }, trainedShatter(), steps)
  expect(command(LAST_STEP)).toBe('npx residual-lab shatter --run fern-12')
  expect(command([0, 'last'])).toBe('npx residual-lab shatter --run fern-12 --steps 0,last')
})
