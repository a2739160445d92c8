import { describe, expect, it } from 'vitest'
import type { Evaluations } from '../../../shared/network/results'
import { curvesCsv, tableCsv } from '../../../shared/train/csv'
import { blockFinding, errorFinding, lossFinding } from '../../../shared/train/findings'
import { sortedTrainRows, trainRows, type LearningSeries } from '../../../shared/train/rows'

/** Two evaluations of networks that have these test errors at the second; losses are ten times as much. */
function series(remedy: string, errors: number[], failure: LearningSeries['failure'] = null): LearningSeries {
  const outcomes = (last: number[]) => ({
    loss: [errors.map(() => 2.3), last.map((error) => 10 * error)],
    error: [errors.map(() => 0.9), last],
  })
  const evaluations: Evaluations = {
    step: [0, 100],
    learningRate: [0.1, 0.01],
    train: outcomes(errors.map((error) => error / 2)),
    test: outcomes(errors),
  }
  const block = { block: 'relu-linear', blockTitle: 'Type 2: ReLU, then linear' }
  return { ...block, remedy, skip: 'on', parameters: 1000, evaluations, failure }
}

const none = series('none', [0.5, 0.7])
const norm = series('batch-norm', [0.3, 0.4])
const lost = series('rsqrt2', [NaN, 0.2], {
  step: 40,
  series: 2,
  quantity: 'gradient',
  block: 3,
  operation: 'linear',
  before: 7,
  replicas: 2,
})
const all = [none, norm, lost]

describe('the table of trained networks', () => {
  it('has n, spread, and the paired difference to the baseline', () => {
    const [first, second] = trainRows(all, 1, 0)
    expect(first).toMatchObject({ name: 'Type 2', n: 2, diverged: 0, step: 100, difference: null })
    expect(first.test.error.mean).toBeCloseTo(0.6, 12)
    expect(second.train.error.low).toBeCloseTo(0.1525, 12)
    // Differences -0.2 and -0.3: mean -0.25, s = 0.0707, t(1) = 12.706, reach = 12.706 · 0.0707 / √2.
    expect(second.difference!.mean).toBeCloseTo(-0.25, 12)
    expect(second.difference!.high! - second.difference!.mean).toBeCloseTo(0.6353, 3)
  })

  it('is ranked by test error, what has diverged last, either way round', () => {
    const rows = trainRows(all, 1, 1)
    const names = (descending: boolean) =>
      sortedTrainRows(rows, 'testError', descending).map(({ series: i }) => all[i].remedy)
    expect(names(false)).toEqual(['batch-norm', 'none', 'rsqrt2'])
    expect(names(true)).toEqual(['none', 'batch-norm', 'rsqrt2'])
  })

  it('says of a divergence only once it has happened', () => {
    expect(trainRows(all, 1, 0)[2]).toMatchObject({ diverged: 1, failure: { step: 40, block: 3 } })
    expect(trainRows(all, 1, 0)[2].difference!.mean).toBeNaN()
    expect(trainRows(all, 0, 0)[2]).toMatchObject({ step: 0, failure: null })
  })

  it('has no row where nothing was evaluated', () => {
    expect(trainRows(all, 1, 0)[0].rmse).toBeNull()
    // Losses of 5 and 7, of a target with the standard deviation 2.
    expect(trainRows(all, 1, 0, 2)[0].rmse!.test.mean).toBeCloseTo(Math.sqrt(5) + Math.sqrt(7), 12)
    expect(trainRows(all, -1, 0)).toEqual([])
    expect(trainRows(all, 2, 0)).toEqual([])
  })
})

describe('what is said of training', () => {
  it('names the lowest and the highest test error, and who has diverged', () => {
    expect(errorFinding(trainRows(all, 1, 0))).toBe(
      'After 100 steps Type 2 + batch norm has the lowest test error: 35.0 % (train 17.5 %). ' +
        'Type 2 has the highest: 60.0 %. Type 2 + 1/√2: 1 of 2 networks have diverged.',
    )
    expect(errorFinding(trainRows([none], 0, 0))).toBe(
      'Before training 90.0 % of the test samples are wrong, 90.0 % of the training samples.',
    )
    expect(errorFinding([])).toBe('')
  })

  it('says when the test loss was lowest', () => {
    expect(lossFinding([norm], ['Batch norm'], 1)).toBe(
      'The test loss was lowest at step 0, 2.30 nats, and is 3.50 at step 100.',
    )
    expect(lossFinding([series('none', [0.1, 0.1]), norm], ['a', 'b'], 1)).toContain(
      'a’s test loss is lowest now, at step 100: 1.00 nats.',
    )
    expect(lossFinding([norm], ['Batch norm'], 0)).toBe('')
  })

  it('names the blocks where a quantity is largest and smallest', () => {
    expect(blockFinding('the gradient norm', [{ name: 'a', values: [1, NaN, 4] }])).toBe(
      'The gradient norm is largest in block 3, 4.00, and smallest in block 1, 1.00.',
    )
    expect(blockFinding('the gradient norm', [{ name: 'a', values: [NaN] }])).toBe('')
  })
})

describe('what leaves as CSV', () => {
  it('has one line for each evaluation, named train and test', () => {
    const lines = curvesCsv([norm], 'error').trim().split('\r\n')
    expect(lines[0]).toBe('block,remedy,set,step,learning rate,error,median,low,high,n')
    expect(lines).toHaveLength(5)
    expect(lines[4]).toMatch(/^relu-linear,batch-norm,test,100,0.01,0.35,0.35,/)
  })

  it('has the table with all statistics and the difference', () => {
    const [header, first, second] = tableCsv(trainRows(all, 1, 0), all).split('\r\n')
    expect(header).toContain('test error mean,test error median,test error low,test error high,difference')
    expect(first).toMatch(/,,,$/)
    expect(second.split(',')[1]).toBe('batch-norm')
  })
})
