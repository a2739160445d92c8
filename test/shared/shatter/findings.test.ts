import { describe, expect, test } from 'vitest'
import { presetNamed } from '../../../shared/block/presets'
import type { ShatterSeries, Band } from '../../../shared/shatter/results'
import type { LineRegions } from '../../../shared/shatter/line-regions'
import { countsOf, regionsFinding } from '../../../shared/shatter/regions-findings'
import { halfLag } from '../../../shared/numerics/autocorrelation'
import { acfFinding, correlationFinding, networkName } from '../../../shared/shatter/findings'

const band = (mean: number[]): Band => ({ mean, low: mean, high: mean })
/** 1, then falling by a factor a lag. */
const falling = (factor: number) => band(Array.from({ length: 33 }, (_, lag) => factor ** lag))
const step = band(Array.from({ length: 33 }, (_, lag) => 1 - (3 * lag) / 64))
const graph = presetNamed('relu-linear')

function series(changes: Partial<ShatterSeries>): ShatterSeries {
  return {
    block: 'relu-linear',
    blockTitle: 'Type 2: ReLU, then linear',
    remedy: 'none',
    note: null,
    graph,
    reference: null,
    blocks: 20,
    skip: 'on',
    acf: falling(0.7),
    correlation: 0.01,
    correlationBand: { low: 0, high: 0.02 },
    theory: 0.003,
    theoryNote: null,
    curve: { y: [], slope: [] },
    ...changes,
  }
}

const x = Array.from({ length: 64 }, (_, i) => -2 + i / 16)
const references = { white: band([1, 0, 0]), brown: falling(0.97) }
const deep = series({ reference: 'deep plain', skip: 'off', acf: falling(0.3), correlation: 1e-6 })

describe('names', () => {
  test('references by what they stand for, the first block by its skip, others by their type', () => {
    const other = series({ block: 'practical', blockTitle: 'Type 3: common practice' })
    const all = [deep, series({}), series({ remedy: 'batch-norm' }), other, series({ skip: 'off' })]
    expect(all.map((one) => networkName(one, all))).toEqual([
      'Deep plain',
      'Residual',
      'Residual, batch norm',
      'Type 3',
      'Plain',
    ])
  })
})

describe('autocorrelation in words', () => {
  test('the lag at which half is lost', () => {
    expect(halfLag(falling(0.7).mean)).toBe(2)
    expect(halfLag(falling(0.99).mean)).toBeNull()
    expect(halfLag([NaN, NaN])).toBeNaN()
  })

  test('networks of one lag together, the shortest first, and what noise needs', () => {
    const all = [series({}), deep, series({ remedy: 'rsqrt2' })]
    expect(acfFinding({ series: all, references, x, center: 'on' })).toBe(
      'dy/dx has lost half of its likeness to itself after 1 point (Deep plain) and 2 (Residual; Residual, ' +
        '1/√2); neighbouring points are 0.0625 apart. White noise needs 1, brown noise 23.',
    )
  })

  test('without centring, steps are called what they are', () => {
    const all = [{ ...deep, acf: step }, series({ acf: step })]
    expect(acfFinding({ series: all, references, x, center: 'off' })).toBe(
      'Without centring nothing shatters: without a norm dy/dx is one step at any depth, and its ' +
        'autocorrelation always the same.',
    )
  })

  test('what has none says why and what to do', () => {
    expect(acfFinding({ series: [series({ acf: band([NaN, NaN]) })], references, x, center: 'on' })).toBe(
      'Residual: no autocorrelation, since dy/dx does not vary or is not finite in float32. Lower the ' +
        'depth, or choose a remedy that keeps the signal in bounds.',
    )
  })
})

test('gradient correlation: the least and the most alike of the deep networks, with their limits', () => {
  const shallow = series({ reference: 'shallow plain', blocks: 1, correlation: 0.5 })
  expect(correlationFinding([shallow, deep, series({ theory: null })])).toBe(
    'At 20 blocks the gradients at two independent inputs correlate by 1.00e−6 (limit 0.00300) in “Deep ' +
      'plain” and by 0.0100 in “Residual”.',
  )
  expect(correlationFinding([series({ correlation: null })])).toBe(
    'A batch of one has no pair of inputs: give a batch of 2 or more.',
  )
})

describe('regions in words', () => {
  const regions = (counts: number[], changes: Partial<LineRegions> = {}): LineRegions => ({
    ...{
      counts,
      breaks: counts.slice(1).map(() => new Float64Array()),
      isExact: true,
      cutAt: null,
      cause: null,
    },
    ...changes,
  })

  test('as far as all networks of a side were counted', () => {
    expect(countsOf([regions([1, 10, 30]), regions([1, 20], { cutAt: 2, cause: 'many' })])).toEqual([
      { k: 0, mean: 1, low: 1, high: 1 },
      { k: 1, mean: 15, low: 10, high: 20 },
    ])
    expect(countsOf([])).toEqual([])
  })

  test('plain against residual, at the deepest block that both have', () => {
    const line = {
      plain: [regions([1, 90, 3000], { cutAt: 3, cause: 'many' })],
      residual: [regions([1, 80, 1000, 2000])],
    }
    expect(regionsFinding(line, 'on')).toBe(
      'Linear regions of the line after 2 blocks: 3,000 in the plain network and 1,000 in the residual ' +
        'network. Plain has 3.0 times as many, with as many ReLUs. Too many to count on: plain network, ' +
        'block 3.',
    )
  })

  test('where values are not finite, says what to do', () => {
    const line = { plain: [], residual: [regions([1, 80], { cutAt: 2, cause: 'overflow' })] }
    expect(regionsFinding(line, 'on')).toBe(
      'Linear regions of the line after 1 block: 80 in the residual network. Values are not finite: ' +
        'residual network, block 2. Lower the depth or the gain, or choose a remedy.',
    )
  })

  test('without centring there are two; a grid gives a lower bound', () => {
    const two = [regions([1, 2, 2])]
    expect(regionsFinding({ plain: two, residual: two }, 'off')).toBe(
      'Linear regions of the line after 2 blocks: 2 in the plain network and 2 in the residual network. ' +
        'Without centring every ReLU bends at x = 0: turn centring on.',
    )
    const grid = [regions([1, 50], { isExact: false })]
    expect(regionsFinding({ plain: [], residual: grid }, 'on')).toBe(
      'Linear regions of the line after 1 block: at least 50 in the residual network.',
    )
  })
})
