import { expect, test } from 'vitest'
import { shatteringFinding, shatteringPoints, shatteringRanks } from '../../../shared/depth/shattering'
import { depthCsv } from '../../../shared/depth/csv'
import { shatteringScatter } from '../../../shared/depth/scatter'
import type { DepthCell } from '../../../shared/depth/results'

/** Cells of two networks whose gradients and errors are given. */
function cell(series: number, depth: number, initial: number[], final: number[], error: number[]): DepthCell {
  const of = (correlation: number[]) => ({ correlation, acf: { mean: [1], low: [1], high: [1] } })
  const train = { loss: [error, error], error: [[0.9, 0.9], error] }
  const evaluations = {
    ...{ step: [0, 10], learningRate: [0.1, 0.1], train, test: train },
    shattering: [of(initial), of(final)],
  }
  return { series, depth, evaluations } as unknown as DepthCell
}

const cells = Array.from({ length: 8 }, (_, i) =>
  cell(
    i % 2,
    2 + i,
    [0.9 - i / 10, 0.88 - i / 10],
    [0.8 - i / 10, 0.78 - i / 10],
    [0.1 + i / 20, 0.11 + i / 20],
  ),
)

test('every network is a point, and orders are compared over all of them', () => {
  expect(shatteringPoints({ cells }, 'final')).toHaveLength(16)
  expect(shatteringPoints({ cells }, 'final')[1]).toMatchObject({ series: 0, depth: 2, network: 1 })
  const { initial, final } = shatteringRanks({ cells })
  expect(initial).toMatchObject({ n: 16, cells: 8 })
  expect(final!.rho).toBeCloseTo(-1, 12)
  expect(shatteringFinding({ cells })).toBe(
    'Networks with more shattered gradients tend to err more. Spearman’s rank correlation of final training error ' +
      'and gradient correlation: −1.00 at initialisation (n = 16), −1.00 after training (n = 16).',
  )
})

test('a network that two curves share, and one that diverged, do not count twice, or at all', () => {
  const [first] = cells
  const twice = [first, { ...first, series: 1 }]
  expect(shatteringPoints({ cells: twice }, 'initial')).toHaveLength(2)
  const lost = cell(0, 4, [0.5, 0.4], [NaN, 0.1], [NaN, 0.2])
  expect(shatteringPoints({ cells: [lost] }, 'final')).toMatchObject([{ network: 1, error: 0.2 }])
})

test('few kinds of networks say nothing; where nothing was measured, nor does the sentence', () => {
  expect(shatteringFinding({ cells: cells.slice(0, 2) })).toContain(
    'No order is seen beyond what chance gives',
  )
  const old = cells.map(({ evaluations: { shattering: _, ...evaluations }, ...one }) => ({
    ...one,
    evaluations,
  }))
  expect(shatteringFinding({ cells: old })).toBe('')
  expect(shatteringRanks({ cells: old })).toEqual({ initial: null, final: null })
})

test('the other way round is said as it is', () => {
  const turned = cells.map((one, i) => ({
    ...one,
    evaluations: { ...one.evaluations, shattering: cells[7 - i].evaluations.shattering },
  }))
  expect(shatteringFinding({ cells: turned })).toContain('tend to err less.')
})

test('the scatter has a mark for each network, errors in per cent', () => {
  const look = { colour: '#123456', marker: '', filling: 'full', width: 2 } as const
  const shown = [{ series: 1, id: 'b', name: 'B', look }]
  const { series, xLabel, x } = shatteringScatter(cells, shown, 'initial')
  expect(series).toHaveLength(1)
  expect(series[0].points).toHaveLength(8)
  expect(series[0].points[0].x).toBeCloseTo(0.8, 12)
  expect(series[0].points[0].y).toBeCloseTo(15, 12)
  expect(xLabel).toBe('initial gradient correlation')
  expect(x.max).toBeGreaterThan(0.8)
})

test('the table of numbers has gradients before and after training, and nothing where they were not measured', () => {
  const whole = { ...cells[1], p0: { mean: 1, median: 1, low: 1, high: 1 }, series: 0 }
  const { shattering: _, ...unmeasured } = whole.evaluations
  const series = [{ block: 'a', remedy: 'none', skip: 'on' }] as unknown as Parameters<
    typeof depthCsv
  >[0]['series']
  const [head, first, second] = depthCsv({ series, cells: [whole, { ...whole, evaluations: unmeasured }] })
    .split('\r\n')
    .map((line) => line.split(','))
  const at = (row: string[], name: string) => row[head.indexOf(name)]
  expect(Number(at(first, 'initial_gradient_correlation_mean'))).toBeCloseTo(0.79, 12)
  expect(Number(at(first, 'final_gradient_correlation_mean'))).toBeCloseTo(0.69, 12)
  expect(at(second, 'final_gradient_correlation_mean')).toBe('')
})
