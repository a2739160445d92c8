import { expect, test } from 'vitest'
import { verify } from '../../../shared/runs/verification'

const device = 'CPU, TensorFlow 2.21.0'
const compared = (q: number[], p: number[], over = {}) => ({
  ...{ device, version: '1' },
  result: {
    seconds: Math.random(),
    series: [{ block: 'a', remedy: 'none', q: { mean: q }, p: { mean: p } }],
  },
  ...over,
})
const was = compared([1, 2, NaN], [1, 1e-12, 3])

test('equal numbers are identical, NaN and time included', () => {
  expect(verify('signal', 1, was, compared([1, 2, NaN], [1, 1e-12, 3]))).toEqual({
    ...{ verdict: 'identical', where: null },
    words: 'Identical: every number of its 2 curves is the same, bit for bit.',
  })
})

test('another order of sums is within tolerance, also next to nothing', () => {
  const found = verify('signal', 1, was, compared([1, 2, NaN], [1, 2e-12, 3.001]))
  expect(found.verdict).toBe('within tolerance')
  expect(found.where).toEqual({ series: 'none', quantity: 'p', axis: 'block', at: 1, was: 1e-12, is: 2e-12 })
  expect(found.words).toMatch(/^Within tolerance \(0\.001 relative, .* p of none at block 1 /)
})

test('what is different is said with the first place, in the order of blocks or steps', () => {
  const found = verify('signal', 1, was, compared([1, 2, 5], [1, 2, 3], { device: 'another', version: '2' }))
  expect(found.verdict).toBe('different')
  expect(found.where).toMatchObject({ quantity: 'p', at: 1 })
  expect(found.words).toContain(`It was made on ${device}, now on another; by version 1, now by 2.`)
})

test('a remedy that has changed since is named', () => {
  const then = { ...was, changedRemedies: ['SkipInit', 'Fixup'] }
  expect(verify('signal', 1, then, was).words).toMatch(/ What SkipInit and Fixup does has changed since\.$/)
})

const training = (error: number[], loss = error) => {
  const step = error.map((_, i) => 10 * i)
  const outcomes = { loss: loss.map((one) => [one, 1]), error: error.map((one) => [one, 0.5]) }
  const evaluations = { step, learningRate: step, train: outcomes, test: outcomes }
  return { device, version: '1', result: { series: [{ block: 'a', remedy: 'none', evaluations }] } }
}

test('errors may differ by a few samples in a thousand, losses by one part in a thousand', () => {
  expect(verify('train', 2, training([0.5, 0.1]), training([0.5, 0.104], [0.5, 0.1])).verdict).toBe(
    'within tolerance',
  )
  expect(verify('train', 2, training([0.5, 0.1]), training([0.5, 0.11], [0.5, 0.1])).where).toMatchObject({
    ...{ quantity: 'test error', axis: 'step', at: 10 },
  })
  expect(verify('train', 2, training([0.5, 0.1]), training([0.5, 0.1], [0.5, 0.11])).verdict).toBe(
    'different',
  )
})

test('a training that was stopped is compared as far as it came', () => {
  expect(verify('train', 2, training([0.9, 0.5]), training([0.9, 0.5, 0.1])).verdict).toBe('identical')
})

test('a series that is there no more is different', () => {
  expect(verify('signal', 1, was, { ...was, result: { series: [] } }).verdict).toBe('different')
})

test('of a measurement that was stopped only what was measured is compared', () => {
  const result = { finished: false, series: compared([1, NaN, NaN], [NaN, NaN, 3]).result.series }
  const stopped = { ...was, result }
  expect(verify('signal', 1, stopped, compared([1, 2, 5], [1, 2, 3])).verdict).toBe('identical')
  expect(verify('signal', 1, stopped, compared([1, 2, 5], [1, 2, 4])).where).toMatchObject({ at: 2 })
})

test('what is no number any more, or has become one, is different', () => {
  const whole = { ...was, result: { ...was.result, finished: true } }
  for (const before of [was, whole])
    expect(verify('signal', 1, before, compared([1, 2, 5], [1, 1e-12, 3])).where).toMatchObject({
      ...{ quantity: 'q', axis: 'block', at: 2, was: NaN, is: 5 },
    })
})

test('a curve that is there no more is named from its first place', () => {
  const { where, words } = verify('signal', 1, was, { ...was, result: { series: [] } })
  expect(where).toEqual({ series: 'none', quantity: 'q', axis: 'block', at: 0, was: 1, is: NaN })
  expect(words).toBe(
    'Different: beyond tolerance (0.001 relative, and 0.005 of shares) first in q of none at block 0 ' +
      '(1.000000 before, NaN now).',
  )
})

test('what shares of samples may differ by, losses may not', () => {
  expect(verify('train', 2, training([0.5, 0.1]), training([0.5, 0.1], [0.5, 0.103])).where).toMatchObject({
    ...{ quantity: 'test loss', axis: 'step', at: 10 },
  })
})

test('networks that have changed places are found, though every statistic over them is as it was', () => {
  const rows = (values: number[]) => ({ loss: [values], error: [[0.5, 0.5]] })
  const made = (values: number[]) => {
    const evaluations = { step: [0], learningRate: [0.1], train: rows([1, 2]), test: rows(values) }
    return { device, version: '1', result: { series: [{ block: 'a', remedy: 'none', evaluations }] } }
  }
  expect(verify('train', 2, made([1, 2]), made([1, 2])).verdict).toBe('identical')
  expect(verify('train', 2, made([1, 2]), made([2, 1])).where).toMatchObject({
    ...{ quantity: 'test loss', was: 1, is: 2 },
  })
})

test('networks under way are compared where depths were, and nowhere else', () => {
  const under = (last: number) => {
    const { result } = training([0.5, last])
    const { evaluations } = result.series[0]
    const series = [{ block: 'a', remedy: 'none', depths: [2], p0: { mean: [1] } }]
    return { device, version: '1', result: { series, unfinished: { series: 0, depth: 9, evaluations } } }
  }
  expect(verify('depth', 2, under(0.1), under(0.1)).verdict).toBe('identical')
  expect(verify('depth', 2, under(0.1), under(0.3)).where).toMatchObject({
    ...{ series: 'none, 9 blocks', quantity: 'test error', axis: 'step', at: 10 },
  })
  expect(verify('train', 2, under(0.1), under(0.3)).where).toBeNull()
})
