import { describe, expect, test } from 'vitest'
import { compare, leftText, type ComparisonQuestion } from '../../../shared/runs/comparison'
import { difference } from '../../../shared/runs/difference'
import { overNetworks, type SeriesReading, type Values } from '../../../shared/runs/readings'

const curve = (x: number[], mean: number[]): Values => ({
  ...{
    x,
    mean,
    median: null,
    low: mean.map((y) => y - 1),
    high: mean.map((y) => y + 1),
    networks: null,
    n: 20,
  },
})

const NOTHING = { median: null, low: null, high: null, networks: null }

const series = (run: string, own: Partial<SeriesReading> = {}): SeriesReading => ({
  run: { id: run, name: run, kind: 'train', created: '2026-11-28T11:00:00.000Z' },
  key: `${run}/type-2/none/on/20`,
  name: 'Type 2',
  settings: { block: 'type-2', remedy: 'none', skip: 'on', blocks: 20, width: 100, seed: 1 },
  curves: {},
  numbers: {},
  stepsPerEpoch: 31,
  secondsPerStep: 0.1,
  ...own,
})

const QUESTION: ComparisonQuestion = {
  ...{ y: 'test error/step', x: 'axis', align: 'step', groupBy: 'series', centre: 'mean', band: 'range' },
}

describe('curves along their axis', () => {
  const one = series('fern-1', { curves: { 'test error/step': curve([0, 10], [0.9, 0.5]) } })
  const other = series('fern-2', { curves: { 'test error/step': curve([0, 10, 20], [0.7, 0.3, 0.2]) } })

  test('by itself, a series has the band and the n of its run', () => {
    const { lines, xLabel, yLabel, nText } = compare([one, other], QUESTION)
    expect(lines.map(({ label }) => label)).toEqual(['fern-1: Type 2', 'fern-2: Type 2'])
    expect(lines[0].points[1]).toEqual({ x: 10, y: 0.5, n: 20, low: -0.5, high: 1.5 })
    expect([xLabel, yLabel, nText]).toEqual(['step', 'test error', 'n = 20 networks'])
  })

  test('a group’s point is over the series that have a value there, and says how many', () => {
    const { lines, nText } = compare([one, other], { ...QUESTION, groupBy: 'name' })
    expect(lines).toHaveLength(1)
    expect(lines[0].points).toEqual([
      { x: 0, y: 0.8, n: 2, low: 0.7, high: 0.9 },
      { x: 10, y: 0.4, n: 2, low: 0.3, high: 0.5 },
      { x: 20, y: 0.2, n: 1 },
    ])
    expect(nText).toBe('n = 1 to 2 series')
  })

  test('networks are pooled where every run has kept them', () => {
    const networks = (values: number[][]) => ({ curves: { 'test error/step': overNetworks([0], values) } })
    const members = [series('a', networks([[0.1, 0.2]])), series('b', networks([[0.3, 0.6, 0.8]]))]
    const { lines, nText } = compare(members, { ...QUESTION, groupBy: 'name' })
    expect(lines[0].points).toEqual([{ x: 0, y: 0.4, n: 5, low: 0.1, high: 0.8 }])
    expect(nText).toBe('n = 5 networks')
  })

  test('any setting makes groups', () => {
    const wide = { ...other, settings: { ...other.settings, width: 200 } }
    const { lines } = compare([one, wide], { ...QUESTION, groupBy: 'width' })
    expect(lines.map(({ label }) => label)).toEqual(['width 100', 'width 200'])
  })

  test('epochs and seconds take the place of steps', () => {
    const at = (align: ComparisonQuestion['align']) =>
      compare([other], { ...QUESTION, align }).lines[0].points.map(({ x }) => x)
    expect(at('epoch')).toEqual([0, 10 / 31, 20 / 31])
    expect(at('time')).toEqual([0, 1, 2])
    const slow = { ...other, key: 'slow', secondsPerStep: 0.15 }
    const { lines, xLabel } = compare([other, slow], { ...QUESTION, align: 'time', groupBy: 'name' })
    // At 1.0 s the slow one is at step 6 2/3: between .7 and .3.
    expect(lines[0].points[1].x).toBe(1)
    expect(lines[0].points[1].y).toBeCloseTo((0.3 + (0.7 - 0.4 * (2 / 3))) / 2, 12)
    expect(xLabel).toBe('seconds of training')
  })

  test('what has no such curve is named', () => {
    const { lines, left } = compare([one, series('oak-3')], QUESTION)
    expect(lines).toHaveLength(1)
    expect(leftText(left, 'test error/step')).toBe('oak-3: Type 2 has no test error.')
  })
})

describe('one metric against another, or a setting', () => {
  const at = (width: number, error: number, seconds: number) =>
    series(`w-${width}-${seconds}`, {
      settings: { block: 'type-2', remedy: 'none', skip: 'on', width },
      numbers: {
        'test error:last': overNetworks([0], [[error, error + 0.1]]),
        seconds: curve([0], [seconds]),
      },
    })

  test('a number over a setting, points of equal settings together', () => {
    const { lines, isScattered, xLabel } = compare([at(100, 0.3, 1), at(50, 0.5, 2), at(50, 0.7, 3)], {
      ...{ ...QUESTION, y: 'test error:last', x: 'setting:width', groupBy: 'name' },
    })
    expect(lines[0].points.map(({ x, n }) => [x, n])).toEqual([
      [50, 4],
      [100, 2],
    ])
    expect(lines[0].points[0].y).toBeCloseTo(0.65, 12)
    expect([isScattered, xLabel]).toEqual([true, 'Width N'])
  })

  test('a number over another number', () => {
    const { lines } = compare([at(100, 0.3, 1.5)], { ...QUESTION, y: 'test error:last', x: 'seconds' })
    expect(lines[0].points).toEqual([{ x: 1.5, y: 0.35, n: 2, low: 0.3, high: 0.4 }])
  })

  test('a curve over another one of the same axis, place by place', () => {
    const one = series('fern-1', {
      curves: {
        'test error/step': curve([0, 10], [0.9, 0.5]),
        'train error/step': curve([0, 10], [0.8, 0.1]),
      },
    })
    const { lines } = compare([one], { ...QUESTION, x: 'train error/step', band: 'none' })
    expect(lines[0].points).toEqual([
      { x: 0.8, y: 0.9, n: 20 },
      { x: 0.1, y: 0.5, n: 20 },
    ])
  })
})

describe('the difference of two', () => {
  const of = (run: string, networks: number[][], seed = 1) =>
    series(run, {
      settings: { seed },
      curves: { 'test error/step': overNetworks([0, 10].slice(0, networks.length), networks) },
    })

  test('networks of one seed are held against their twins', () => {
    const found = difference(
      of('a', [
        [1, 2, 3],
        [4, 5, 6],
      ]),
      of('b', [
        [0.5, 1.5, 2.5],
        [1, 2, 6],
      ]),
      'test error/step',
    )!
    expect(found.isPaired).toBe(true)
    // Equal differences: no doubt remains, however much the networks differ among themselves.
    expect(found.points[0]).toEqual({ x: 0, y: 0.5, low: 0.5, high: 0.5, n: 3 })
    // Differences 3, 3, 0: mean 2, sd √3, so 2 ± 4.30265.
    expect(found.points[1].low).toBeCloseTo(2 - 4.30265, 4)
  })

  test('others are compared by their means, after Welch', () => {
    const found = difference(of('a', [[1, 2, 3, 4]], 1), of('b', [[2, 4, 6]], 2), 'test error/step')!
    expect(found.isPaired).toBe(false)
    expect(found.points[0].y).toBeCloseTo(-1.5, 12)
    // Degrees of freedom 3.06, down to 3: t = 3.18245; standard error √(5/12 + 4/3).
    expect(found.points[0].high! - found.points[0].y).toBeCloseTo(3.18245 * Math.sqrt(5 / 12 + 4 / 3), 4)
  })

  test('summaries have a difference without a band, and no common place has none', () => {
    const summary = (run: string, x: number[]) =>
      series(run, {
        curves: { 'q/block': { x, mean: x.map((k) => 2 * k), ...NOTHING, n: 5 } },
      })
    expect(difference(summary('a', [0, 1]), summary('b', [1, 2]), 'q/block')).toEqual({
      points: [{ x: 1, y: 0, n: 5 }],
      isPaired: false,
    })
    expect(difference(summary('a', [0]), summary('b', [1]), 'q/block')).toBeNull()
  })
})
