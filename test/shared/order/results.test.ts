import { expect, test } from 'vitest'
import type { Failure, TrainedSeries } from '../../../shared/network/results'
import { emptySummary, setPoint, summarisePoint } from '../../../shared/numerics/statistics'
import { orderCommand, orderNeedsFile } from '../../../shared/order/command'
import { orderedSeries } from '../../../shared/order/results'
import { orderingName } from '../../../shared/order/set'
import { convolutional } from '../../../shared/block/convolutional'
import { presetNamed } from '../../../shared/block/presets'
import { openingExperiment } from '../../../shared/experiment/experiment'
import { defaultOrder } from '../../../shared/settings/order'
import { defaultExperiment } from '../../../shared/settings/table'

const theory = { q: null, v: null, m: null, p: null, note: {}, remark: null }
const header = { block: 'relu-linear', blockTitle: 'Type 2', remedy: 'none', note: null, theory }

function summaryOf(values: number[]) {
  const summary = emptySummary(values.length)
  values.forEach((value, k) => setPoint(summary, k, summarisePoint([value])))
  return summary
}

const measured = (q: number[]) => ({
  ...header,
  graph: presetNamed('relu-linear'),
  ...{ q: summaryOf(q), v: summaryOf(q), m: summaryOf(q), p: summaryOf([...q].reverse()) },
  ...{ weightGradientNorm2: summaryOf(q.slice(1)), seconds: 2 },
})

/** @param error [evaluation][network] */
function trained(step: number[], error: number[][], failure: TrainedSeries['failure'] = null): TrainedSeries {
  const outcomes = { loss: error.map((row) => row.map((one) => 10 * one)), error }
  const evaluations = { step, learningRate: step.map(() => 0.1), train: outcomes, test: outcomes }
  return {
    ...{ block: 'relu-linear', remedy: 'none', skip: 'on', parameters: 7, evaluations },
    ...{ train: null, test: null, failure, seconds: 3 },
  }
}

test('the networks of several seeds are one series', () => {
  const failure: Failure = {
    ...{ series: 0, block: 3, operation: 'ReLU', before: 1, replicas: 1 },
    quantity: 'activation',
    step: 4,
  }
  const seeds = [
    {
      measured: [measured([1, 2])],
      failures: [],
      trained: { steps: 10, finished: true, series: [trained([0, 5, 10], [[0.9], [0.5], [0.1]])] },
    },
    {
      measured: [measured([1, 4])],
      failures: [failure],
      trained: { steps: 5, finished: true, series: [trained([0, 5], [[0.7], [0.3]], failure)] },
    },
  ]
  const [one] = orderedSeries(seeds, 1)
  expect(one.q.mean).toEqual([1, 3])
  expect(one.row).toMatchObject({ n: 2, seconds: 4, failure: { block: 3 } })
  expect(one.row.forward).toMatchObject({
    ratio: expect.closeTo(3),
    seeds: { low: expect.closeTo(2), high: expect.closeTo(4) },
  })
  // Curves go as far as both do; what they end with is each one's own end.
  expect(one.trained!.evaluations.step).toEqual([0, 5])
  expect(one.trained!.evaluations.train.error).toEqual([
    [0.9, 0.7],
    [0.5, 0.3],
  ])
  expect(one.trained!.test!.error.mean).toBeCloseTo(0.2)
  expect(one.trained!.train!.loss.mean).toBeCloseTo(2)
  expect(one.row.training).toMatchObject({ n: 2, steps: 10, isEvaluated: true, seconds: 6 })
  expect(one.row.training!.failure).toBe('step 4, activation, block 3')
})

test('what is not trained has no training', () => {
  const [one] = orderedSeries([{ measured: [measured([1, 2])], failures: [], trained: null }], 1)
  expect([one.trained, one.row.training]).toEqual([null, null])
})

test('the command names the set, and training’s settings where it is trained', () => {
  const experiment = { ...openingExperiment(), learningRate: 0.1, blocks: 9 }
  const order = { ...defaultOrder(), blocks: ['original', 'practical'] }
  expect(orderCommand(experiment, order)).toBe(
    'npx residual-lab order --block original,practical --remedies none,rsqrt2 --blocks 9',
  )
  expect(orderCommand(experiment, { ...order, remedies: ['none'], seeds: 3, train: true })).toBe(
    'npx residual-lab order --block original,practical --blocks 9 --learning-rate 0.1 ' +
      '--remedies none --order-seeds 3 --train on',
  )
})

test('the command reads drawn blocks and stages from a file', () => {
  const own = { ...presetNamed('relu-linear'), name: 'mine', title: 'Mine' }
  const experiment = { ...defaultExperiment(), block: [own] }
  expect(orderNeedsFile(experiment, defaultOrder())).toBe(false)
  expect(orderCommand(experiment, { ...defaultOrder(), blocks: ['mine'] })).toBe(
    'npx residual-lab order --experiment experiment.json',
  )
})

test('a preset goes by its own name in a set, whatever its layers are', () => {
  expect(orderingName('original', 'normal')).toBe('original')
  expect(orderingName(convolutional(presetNamed('original'), 1), 'sequence')).toBe('original')
  expect(orderingName({ ...presetNamed('original'), name: 'mine' }, 'normal')).toBe('mine')
})
