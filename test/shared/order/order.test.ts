import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { presetNamed } from '../../../shared/block/presets'
import { networkNamed } from '../../../shared/experiment/preset-networks'
import { convolutional } from '../../../shared/block/convolutional'
import { InputError } from '../../../shared/base/errors'
import { defaultExperiment } from '../../../shared/settings/table'
import { parseExperiment } from '../../../shared/experiment/experiment'
import { seriesOf } from '../../../shared/network/series'
import { defaultOrder, parseOrderSection } from '../../../shared/settings/order'
import { distance, ranks, sortedRows } from '../../../shared/order/ranks'
import { extremesFinding, orderFinding, orderingFinding } from '../../../shared/order/findings'
import { firstFailure, pooled, rowOf, type OrderRow, type SeedResult } from '../../../shared/order/rows'
import { orderCsv } from '../../../shared/order/csv'
import {
  orderExperiments,
  orderPresets,
  orderingTitle,
  orderedBlocks,
  ownBlocks,
} from '../../../shared/order/set'
import { growthPerBlock } from '../../../shared/numerics/growth'
import type { SeriesHeader } from '../../../shared/theory/series'
import { emptySummary, setPoint, summarisePoint, type Summary } from '../../../shared/numerics/statistics'

const own = { ...presetNamed('relu-linear'), name: 'mine', title: 'Mine' }
const withOwn = { ...defaultExperiment(), block: [own], compare: ['linear-relu'] }

const row = (given: Partial<OrderRow>): OrderRow => ({
  block: 'relu-linear',
  blockTitle: 'Type 2: ReLU, then linear',
  remedy: 'none',
  note: null,
  n: 20,
  forward: { ratio: 2, blocks: 20 },
  backward: { ratio: 2, blocks: 20 },
  forwardTheory: null,
  backwardTheory: null,
  failure: null,
  seconds: 0.3,
  training: null,
  ...given,
})

describe('the section', () => {
  test('is read back as it was saved, and is part of the experiment', () => {
    const order = { blocks: ['mine', 'original'], remedies: ['none'], seeds: 3, train: true }
    expect(parseExperiment({ ...withOwn, order: JSON.parse(JSON.stringify(order)) }).order).toEqual(order)
    expect(parseOrderSection({}, 'x')).toEqual(defaultOrder())
  })

  test.each([
    [[], 'x: this is no set of orderings'],
    [{ block: [] }, 'x.block: a set of orderings has no such field'],
    [{ blocks: [] }, 'x.blocks: this is not a list of orderings'],
    [{ blocks: [presetNamed('original')] }, 'x.blocks: this is not a list of orderings'],
    [{ remedies: ['nonne'] }, 'x.remedies: there is no remedy "nonne". Did you mean "none"?'],
    [{ seeds: 0 }, 'x.seeds: 0 is not a number of seeds. Give a whole number from 1 to 100.'],
    [{ seeds: '3' }, 'x.seeds: "3" is not a number of seeds'],
    [{ train: 'yes' }, 'x.train: this is neither true nor false'],
  ])('%j is refused in one line', (value, words) => {
    expect(() => parseOrderSection(value, 'x')).toThrow(InputError)
    expect(() => parseOrderSection(value, 'x')).toThrow(words)
  })

  test('own blocks are found by name, unknown ones are left out and named', () => {
    const order = { ...defaultOrder(), blocks: ['mine', 'gone', 'original'] }
    expect(orderedBlocks(order, withOwn)).toEqual({ blocks: [own, 'original'], missing: ['gone'] })
  })

  test('where the input has positions, presets are compared as convolutions, and own ones are not told twice', () => {
    const network = { ...defaultExperiment(), ...networkNamed('resnet20-cifar').changes }
    expect(ownBlocks(network)).toEqual([])
    const order = { ...defaultOrder(), blocks: ['original', 'full-preactivation'] }
    const [one] = orderExperiments(network, order)
    expect(
      parseExperiment(one).block.map((block) => (typeof block === 'string' ? block : block.name)),
    ).toEqual(['original-conv', 'full-preactivation-conv'])
    expect(one.network).toEqual(network.network)
  })

  test('one experiment a seed, each with blocks × remedies and nothing else', () => {
    const order = { blocks: ['original', 'mine'], remedies: ['none', 'rsqrt2'], seeds: 3, train: false }
    const all = orderExperiments({ ...withOwn, seed: 2 ** 32 - 2, order }, order)
    expect(all.map(({ seed }) => seed)).toEqual([2 ** 32 - 2, 2 ** 32 - 1, 0])
    for (const one of all) {
      expect(parseExperiment(one)).toEqual(one)
      expect(seriesOf(one).map(({ block, remedy }) => `${block.name}/${remedy}`)).toEqual([
        'original/none',
        'original/rsqrt2',
        'mine/none',
        'mine/rsqrt2',
      ])
    }
  })

  test('sets at one press', () => {
    const byName = Object.fromEntries(orderPresets(withOwn).map((one) => [one.name, one.blocks]))
    expect(byName.own).toEqual(['mine'])
    expect(byName.all).toContain('mine')
    expect(byName.all).toContain('bottleneck')
    expect([...byName.types, ...byName['he-2016']]).toEqual(defaultOrder().blocks)
    expect(orderPresets(defaultExperiment()).find(({ name }) => name === 'own')!.blocks).toEqual([])
  })
})

describe('growth per block', () => {
  test('is the geometric mean of the ratios', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), { minLength: 2 }), (values) => {
        const logs = values.slice(1).map((value, i) => Math.log(value / values[i]))
        const growth = growthPerBlock(values)!
        expect(growth.blocks).toBe(values.length - 1)
        expect(Math.log(growth.ratio)).toBeCloseTo(logs.reduce((sum, x) => sum + x, 0) / logs.length, 9)
      }),
    )
  })

  test('ends where values are not finite or 0, and says so', () => {
    expect(growthPerBlock([1, 2, 4, Infinity, NaN])).toEqual({ ratio: 2, blocks: 2 })
    expect(growthPerBlock([1, 0.25, 0, 0])).toEqual({ ratio: 0.25, blocks: 1 })
    expect(growthPerBlock([1e-300, 1e300])!.ratio).toBe(Infinity)
    for (const none of [[], [1], [NaN, 1], [0, 1], [1, NaN]]) expect(growthPerBlock(none)).toBeNull()
  })
})

describe('pooling seeds', () => {
  const summaryOf = (points: number[][]): Summary => {
    const summary = emptySummary(points.length)
    points.forEach((values, k) => setPoint(summary, k, summarisePoint(values)))
    return summary
  }

  test('the mean is that of all networks', () => {
    const pool = pooled([summaryOf([[1, 2, 3]]), summaryOf([[5, 6, 10]])], 3)
    expect(pool.mean[0]).toBeCloseTo(4.5, 12)
    expect(pool.low[0]).toBeCloseTo((1.1 + 5.1) / 2, 12)
  })

  test('with one network a seed, percentiles are those over seeds', () => {
    const seeds = [4, 1, 3, 2].map((value) => summaryOf([[value]]))
    const exact = summarisePoint([4, 1, 3, 2])
    const pool = pooled(seeds, 1)
    expect([pool.mean[0], pool.median[0], pool.low[0], pool.high[0]]).toEqual([
      exact.mean,
      exact.median,
      exact.low,
      exact.high,
    ])
  })

  test('a value that is not finite in one seed is not averaged away', () => {
    expect(pooled([summaryOf([[1, 2]]), summaryOf([[1, Infinity]])], 2).mean[0]).toBe(Infinity)
    expect(pooled([summaryOf([[1, 2]]), summaryOf([[1, NaN]])], 2).mean[0]).toBeNaN()
  })
})

describe('a row', () => {
  const header = {
    block: 'relu-linear',
    blockTitle: 'Type 2: ReLU, then linear',
    remedy: 'none',
    note: null,
    theory: { q: [1, 2, 4], v: null, m: null, p: [4, 2, 1] },
  } as unknown as SeriesHeader
  const summary = (mean: number[]): Summary => ({ mean, median: mean, low: mean, high: mean })
  const seed = (given: Partial<SeedResult> = {}): SeedResult => ({
    q: summary([1, 3, 9]),
    p: summary([16, 4, 1]),
    isComplete: true,
    failures: [],
    seconds: 0.5,
    ...given,
  })

  test('forward from the input up, backward from the top down, beside theory', () => {
    const made = rowOf(header, [seed(), seed()], 5, null)
    expect(made.n).toBe(10)
    expect(made.forward!.ratio).toBeCloseTo(3, 12)
    expect(made.backward!.ratio).toBeCloseTo(4, 12)
    expect(made.forwardTheory!.ratio).toBeCloseTo(2, 12)
    expect(made.backwardTheory!.ratio).toBeCloseTo(2, 12)
    expect(made.seconds).toBe(1)
  })

  test('says how far single seeds are apart', () => {
    const other = seed({ q: summary([1, 5, 25]) })
    const { forward } = rowOf(header, [seed(), other], 5, null)
    expect(forward!.ratio).toBeCloseTo(Math.sqrt(17), 12)
    expect(forward!.seeds!.low).toBeCloseTo(3, 12)
    expect(forward!.seeds!.high).toBeCloseTo(5, 12)
    expect(rowOf(header, [seed()], 5, null).forward!.seeds).toBeUndefined()
  })

  test('counts only what was measured to the end', () => {
    const stopped = seed({ q: summary([1, NaN, NaN]), isComplete: false, seconds: null })
    expect(rowOf(header, [seed(), stopped], 5, null)).toMatchObject({ n: 5, seconds: 0.5 })
    expect(rowOf(header, [stopped], 5, null)).toMatchObject({ n: 0, forward: null, seconds: null })
  })

  test('its first failure is the first on the signal’s way', () => {
    const failures = [
      { quantity: 'gradient', block: 3 },
      { quantity: 'gradient', block: 9 },
      { quantity: 'mean square', block: 12 },
      { quantity: 'activation', block: 11 },
    ] as const
    expect(firstFailure(failures)).toBe(failures[3])
    expect(firstFailure(failures.slice(0, 2))).toBe(failures[1])
    expect(firstFailure([])).toBeNull()
  })
})

describe('ranks', () => {
  const steady = row({ block: 'a', forward: { ratio: 1, blocks: 20 }, backward: { ratio: 1.01, blocks: 20 } })
  const shrinks = row({ block: 'b', forward: { ratio: 0.5, blocks: 20 }, backward: { ratio: 1, blocks: 20 } })
  const fails = row({
    block: 'c',
    forward: { ratio: 1.1, blocks: 3 },
    failure: { quantity: 'mean square', block: 4, operation: 'x', replicas: 20 },
  })
  const stopped = row({ block: 'd', n: 0, forward: null, backward: null })

  test('shrinking is as far from keeping size as growing; failures come after, the unmeasured has no rank', () => {
    expect(distance(shrinks)).toBeCloseTo(Math.LN2, 12)
    expect(ranks([stopped, fails, shrinks, steady, row({})])).toEqual([null, 4, 2, 1, 2])
  })

  test('what fails at once is ranked too, at the end', () => {
    const atOnce = row({ ...fails, forward: { ratio: 3, blocks: 2 }, backward: null })
    expect(distance(atOnce)).toBeGreaterThan(distance(fails))
    expect(distance(atOnce)).toBeLessThan(Infinity)
    expect(orderFinding([steady, atOnce], 20)).toContain('mean square at block 4')
  })

  test('sorting keeps what has no value at the end, whichever way', () => {
    const names = (rows: OrderRow[]) => rows.map(({ block }) => block).join('')
    const all = [stopped, fails, shrinks, steady]
    expect(names(sortedRows(all, 'rank'))).toBe('abcd')
    expect(names(sortedRows(all, 'rank', true))).toBe('cbad')
    expect(names(sortedRows(all, 'forward'))).toBe('bacd')
    expect(names(sortedRows(all, 'failure'))).toBe('cdba')
  })

  test('sorting by any column is a permutation', () => {
    const all = [stopped, fails, shrinks, steady]
    const columns = [
      'rank',
      'block',
      'remedy',
      'forward',
      'backward',
      'failure',
      'testError',
      'seconds',
      'n',
    ] as const
    fc.assert(
      fc.property(fc.constantFrom(...columns), fc.boolean(), (column, descending) => {
        expect(new Set(sortedRows(all, column, descending))).toEqual(new Set(all))
      }),
    )
  })
})

describe('sentences', () => {
  const good = row({
    remedy: 'rsqrt2',
    forward: { ratio: 1, blocks: 20 },
    backward: { ratio: 1.01, blocks: 20 },
  })

  test('name the best, the farthest and what fails first', () => {
    expect(orderFinding([row({}), good], 20)).toBe(
      'Type 2 with 1/√2 keeps its size best: ×1.00 per block forward, ×1.01 backward. ' +
        'Type 2 without a remedy is farthest from it: ×2.00 per block forward, ×2.00 backward. None fails ' +
        'within 20 blocks.',
    )
    const failure = {
      quantity: 'mean square',
      block: 128,
      operation: 'mean square of h',
      replicas: 20,
    } as const
    expect(orderFinding([row({ failure }), good], 200)).toContain(
      'First to fail: Type 2 without a remedy, mean square at block 128.',
    )
    expect(orderFinding([row({ n: 0 })], 20)).toBe('')
  })

  test('after training: by the test error where there is one, else by the last batches', () => {
    const trained = (trainError: number, testError: number | null) => ({
      n: 5,
      steps: 300,
      isEvaluated: testError !== null,
      trainError,
      testError,
      failure: null,
      seconds: 1,
    })
    const rows = (test: [number | null, number | null]) => [
      row({ training: trained(0.3, test[0]) }),
      { ...good, training: trained(0.2, test[1]) },
    ]
    expect(orderFinding(rows([null, null]), 20)).toContain(
      'After 300 steps Type 2 with 1/√2 has the lowest error on the last batches (20.0 %), Type 2 without ' +
        'a remedy the highest (30.0 %).',
    )
    expect(orderFinding(rows([0.4, 0.45]), 20)).toContain(
      'Type 2 without a remedy has the lowest test error (40.0 %)',
    )
  })

  test('what diverged in training is named', () => {
    const training = { n: 5, steps: 300, isEvaluated: true, trainError: NaN, testError: NaN, seconds: 1 }
    const diverged = row({ training: { ...training, failure: 'step 3, parameter, block 1' } })
    const trained = { ...good, training: { ...training, trainError: 0.1, testError: 0.2, failure: null } }
    expect(orderFinding([diverged, trained], 20)).toMatch(
      /After 300 steps Type 2 with 1\/√2 has the lowest test error \(20\.0 %\)\. Type 2 without a remedy diverged in training\.$/,
    )
    expect(orderFinding([diverged], 20)).toMatch(/Type 2 diverged in training\.$/)
  })

  test('titles of convolutional forms are those of their presets', () => {
    expect(orderingTitle(convolutional(presetNamed('full-preactivation'), 2).title)).toBe(
      'Full pre-activation',
    )
    expect(orderingTitle(convolutional(presetNamed('relu-linear'), 1).title)).toBe('Type 2')
  })

  test('one ordering, and one chart', () => {
    expect(orderingFinding([row({}), row({ remedy: 'batch-norm' }), good])).toEqual([
      'none and batch norm: ×2.00 forward, ×2.00 back.',
      '1/√2: ×1.00 forward, ×1.01 back.',
    ])
    expect(extremesFinding([row({}), good], 'forward')).toBe(
      'Forward, Type 2 with 1/√2 (×1.00 per block) grows least and Type 2 without a remedy (×2.00 per block) most.',
    )
    expect(extremesFinding([row({ n: 0, forward: null })], 'forward')).toBe('')
  })
})

test('the table as a file has every digit', () => {
  const [header, line] = orderCsv([row({ forward: { ratio: 1 / 3, blocks: 20 } })]).split('\r\n')
  const cells = line.split(',')
  expect(cells).toHaveLength(header.split(',').length)
  expect(cells[header.split(',').indexOf('growth_forward')]).toBe(String(1 / 3))
})
