import { expect, test } from 'vitest'
import { noEvaluations } from '../../../shared/network/results'
import { curveKey } from '../../../shared/runs/metrics'
import { readRun } from '../../../shared/runs/readings'
import type { RunDocument } from '../../../shared/runs/run'
import { defaultExperiment } from '../../../shared/settings/table'
import { entry } from './entries'

const document = (own: Partial<RunDocument>): RunDocument => ({
  ...{ entry: entry(), experiment: defaultExperiment(), environment: null, started: null, result: null },
  ...own,
})
const summary = (mean: number[]) => ({
  ...{ mean, median: mean, low: mean.map((y) => y / 2), high: mean.map((y) => 2 * y) },
})

test('a run of a remedy that meant something else is not taken for one of today’s', () => {
  const series = [{ block: 'original', blockTitle: 'Original', remedy: 'skipinit', q: summary([1, 1]) }]
  const environment = (remedies: Record<string, number>) =>
    ({ remedies }) as unknown as RunDocument['environment']
  const names = [null, environment({}), environment({ skipinit: 2 })].map((made) => {
    const [one] = readRun(document({ environment: made, result: { series } }))
    return [one.name, one.settings.remedy]
  })
  const then = ['Original + SkipInit (as it was)', 'skipinit (as it was)']
  expect(names).toEqual([then, then, ['Original + SkipInit', 'skipinit']])
})

test('a measurement has its curves over the blocks, and the numbers that are read off them', () => {
  const series = {
    ...{ block: 'relu-linear', blockTitle: 'Type 2: ReLU, then linear', remedy: 'rsqrt2', note: null },
    ...{ q: summary([1, 2, 4]), p: summary([8, 2, 1]), seconds: 0.5 },
  }
  const [one] = readRun(document({ result: { finished: true, series: [series] } }))
  expect(one.name).toBe('Type 2 + 1/√2')
  expect(one.settings).toMatchObject({ block: 'relu-linear', remedy: 'rsqrt2', skip: 'on', run: 'fern-12' })
  expect(one.curves[curveKey('q', 'block')]).toMatchObject({
    x: [0, 1, 2],
    mean: [1, 2, 4],
    low: [0.5, 1, 2],
    n: 20,
  })
  expect(one.numbers['q:last']).toMatchObject({ mean: [4], high: [8], n: 20 })
  expect(one.numbers['p:first']).toMatchObject({ mean: [8], networks: null })
  expect(one.numbers.seconds).toMatchObject({ mean: [0.5], n: 1 })
  expect(one.stepsPerEpoch).toBeNull()
})

test('a training has its networks one by one: final and best of each', () => {
  const evaluations = {
    ...noEvaluations(),
    ...{ step: [0, 50, 100], learningRate: [0.1, 0.1, 0.1] },
    train: {
      loss: [
        [2, 2],
        [1, 1.5],
        [0.5, 1],
      ],
      error: [
        [0.9, 0.9],
        [0.5, 0.6],
        [0.2, 0.4],
      ],
    },
    test: {
      loss: [
        [2, 2],
        [1, 1],
        [1.5, 1],
      ],
      error: [
        [0.9, 0.9],
        [0.3, 0.6],
        [0.4, 0.5],
      ],
    },
  }
  const series = {
    ...{ block: 'relu-linear', blockTitle: 'Type 2: ReLU, then linear', remedy: 'none', skip: 'off' },
    ...{ parameters: 1234, evaluations, seconds: 20 },
  }
  const experiment = { ...defaultExperiment(), batch: 128 }
  const result = { finished: true, steps: 100, series: [series] }
  const [one] = readRun(document({ entry: entry({ kind: 'train' }), experiment, result }))
  expect(one.name).toBe('plain Type 2')
  const error = one.curves[curveKey('test error', 'step')]
  expect(error).toMatchObject({ x: [0, 50, 100], networks: evaluations.test.error, n: 2 })
  expect(error.mean[2]).toBeCloseTo(0.45, 12)
  expect(one.numbers['test error:last'].networks).toEqual([[0.4, 0.5]])
  // Each network's own best, at whichever evaluation that was.
  expect(one.numbers['test error:least'].networks).toEqual([[0.3, 0.5]])
  expect(one.numbers.parameters.mean).toEqual([1234])
  expect([one.stepsPerEpoch, one.secondsPerStep]).toEqual([31, 0.2])
})

test('what is not understood is left out', () => {
  expect(readRun(document({ result: null }))).toEqual([])
  expect(readRun(document({ result: { series: 'none' } }))).toEqual([])
  const [one] = readRun(document({ result: { series: [{ q: { mean: 'x' } }, 3] } }))
  expect(one.curves).toEqual({})
})
