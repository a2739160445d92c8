import { expect, test } from 'vitest'
import { evaluatedText } from '../../../shared/experiment/evaluated-text'
import { parseExperiment } from '../../../shared/experiment/experiment'

const text = (settings: object) => evaluatedText(parseExperiment({ version: 1, ...settings }))

test('what networks are evaluated on: all samples, or the first ones of a large data set', () => {
  expect(text({})).toBe('all samples')
  expect(text({ data: 'digits' })).toBe('all samples')
  expect(text({ data: 'mnist' })).toBe('the first 4,000 training and 10,000 test samples')
  const images = { input: 'data-grid', stem: 'linear', block: ['practical'] }
  expect(text({ data: 'mnist', ...images })).toBe('the first 1,000 training and 2,000 test samples')
})
