import { describe, expect, test } from 'vitest'
import { addEvaluation, noEvaluations, type Evaluations } from '../../../shared/network/results'
import {
  autocorrelationCsv,
  autocorrelationFinding,
  correlationCsv,
  correlationFinding,
  measuredGradients,
  type LearnedGradients,
} from '../../../shared/train/shattering'
import { autocorrelationLines, correlationLines, lagLines } from '../../../shared/train/shattering-lines'

/** Networks whose evaluations have these gradient correlations, training errors, and autocorrelations. */
function evaluated(
  steps: readonly { step: number; correlation: number[] | null; error: number[]; acf?: number[] }[],
): Evaluations {
  const all = noEvaluations()
  for (const { step, correlation, error, acf = [1, 0.6, 0.3] } of steps) {
    const outcomes = { loss: error, error }
    const shattering = correlation && { correlation, acf: { mean: acf, low: acf, high: acf } }
    addEvaluation(all, { step, learningRate: 0.1, train: outcomes, test: outcomes, shattering })
  }
  return all
}

const named = (name: string, evaluations: Evaluations): LearnedGradients => ({
  name,
  measured: measuredGradients(evaluations),
})

const healed = evaluated([
  { step: 0, correlation: [0.01, 0.02, 0.03], error: [0.9, 0.9, 0.9] },
  { step: 50, correlation: null, error: [0.5, 0.5, 0.5] },
  { step: 100, correlation: [0.31, 0.32, 0.36], error: [0.1, 0.1, 0.1], acf: [1, 0.9, 0.8] },
])
const worse = evaluated([
  { step: 0, correlation: [0.5, 0.6, 0.7], error: [0.9, 0.9, 0.9] },
  { step: 100, correlation: [0.2, 0.3, 0.4], error: [0.4, 0.4, 0.4], acf: [1, 0.1, 0] },
])

describe('gradient correlation', () => {
  test('evaluations that measured nothing are left out', () => {
    expect(measuredGradients(healed).map(({ step, trainError }) => [step, trainError[0]])).toEqual([
      [0, 0.9],
      [100, 0.1],
    ])
    expect(measuredGradients(noEvaluations())).toEqual([])
  })

  test('what training does to each, and how the most and the least shattered err', () => {
    expect(correlationFinding([named('A', healed), named('B', worse)])).toBe(
      'From initialisation to step 100, gradients have become less shattered in A (0.0200 to 0.330) and have ' +
        'become more shattered in B (0.600 to 0.300): their correlation, mean over networks. A, the most ' +
        'shattered at initialisation (0.0200), has a training error of 10.0 % at step 100, and B, the least ' +
        '(0.600), of 40.0 %: here the more shattered err less. B, the most shattered at step 100 (0.300), has a ' +
        'training error of 40.0 %, and A, the least (0.330), of 10.0 %; that their correlations differ may be ' +
        'chance, and it is not decided whether the more shattered err more.',
    )
  })

  /** What is said of two series against their errors, of the last step alone. */
  const against = (correlations: number[][], errors: number[][]) =>
    correlationFinding(
      correlations.map((correlation, i) =>
        named('AB'[i], evaluated([{ step: 9, correlation, error: errors[i] }])),
      ),
    ).split(' at step 9. ')[1]

  test.each<[string, number[][], number[][], string]>([
    [
      'more',
      [
        [0.1, 0.11],
        [0.3, 0.31],
      ],
      [
        [0.5, 0.51],
        [0.2, 0.21],
      ],
      ': here the more shattered err more.',
    ],
    [
      'less',
      [
        [0.1, 0.11],
        [0.3, 0.31],
      ],
      [
        [0.2, 0.21],
        [0.5, 0.51],
      ],
      ': here the more shattered err less.',
    ],
    [
      'alike',
      [
        [0.1, 0.11],
        [0.3, 0.31],
      ],
      [
        [0, 0],
        [0, 0],
      ],
      ': they err alike.',
    ],
    [
      'by chance',
      [
        [0.1, 0.11],
        [0.3, 0.31],
      ],
      [
        [0.2, 0.5],
        [0.4, 0.21],
      ],
      '; that their errors differ may be chance, and it is not decided whether the more shattered err more.',
    ],
    [
      'not even in correlation',
      [
        [0.1, 0.5],
        [0.4, 0.3],
      ],
      [
        [0.2, 0.5],
        [0.4, 0.21],
      ],
      '; that their correlations and errors differ may be chance, and it is not decided whether the more shattered ' +
        'err more.',
    ],
    [
      'alone',
      [[0.1], [0.3]],
      [[0.5], [0.2]],
      '; with one network each it is not decided whether the more shattered err more.',
    ],
  ])('the more shattered err %s, as far as pairs of networks tell', (_, correlations, errors, verdict) => {
    const text = against(correlations, errors)
    expect(text).toMatch(/^A, the most shattered at step 9 \(0\.\d+\), has a training error of .* %/)
    expect(text.endsWith(verdict), text).toBe(true)
  })

  test('who is the most shattered still is said once', () => {
    const changing = (from: number, to: number, error: number) =>
      evaluated([
        { step: 0, correlation: [from, from], error: [0.9, 0.9] },
        { step: 9, correlation: [to, to], error: [error, error] },
      ])
    const text = correlationFinding([
      named('A', changing(0.1, 0.2, 0.5)),
      named('B', changing(0.5, 0.4, 0.1)),
    ])
    expect(text).toMatch(
      /here the more shattered err more\. At step 9 they still are \(0\.200 and 0\.400\)\.$/,
    )
  })

  test('before training there is no change to speak of', () => {
    expect(correlationFinding([named('A', healed), named('B', worse)], 50)).toBe(
      'Gradients at two test samples correlate by 0.0200 (A) and 0.600 (B) before training.',
    )
    expect(correlationFinding([])).toBe('')
  })

  test('what networks differ by is no change, and one network is judged by its sign', () => {
    const same = evaluated([
      { step: 0, correlation: [0.1, 0.2, 0.3], error: [0.9, 0.9, 0.9] },
      { step: 9, correlation: [0.3, 0.1, 0.3], error: [0.5, 0.5, 0.5] },
    ])
    expect(correlationFinding([named('A', same)])).toMatch(/have not changed beyond what chance gives in A/)
    const single = evaluated([
      { step: 0, correlation: [0.1], error: [0.9] },
      { step: 9, correlation: [0.2], error: [0.5] },
    ])
    expect(correlationFinding([named('A', single)])).toMatch(
      /have become less shattered in A \(0.100 to 0.200\)/,
    )
  })

  test('diverged networks have none, and say so', () => {
    const lost = evaluated([
      { step: 0, correlation: [0.1, 0.2], error: [0.9, 0.9] },
      { step: 9, correlation: [NaN, 0.2], error: [NaN, 0.5] },
    ])
    expect(correlationFinding([named('A', lost)])).toBe(
      'A: no gradient correlation at step 9, since numbers are not finite or every derivative is 0.',
    )
  })
})

test('autocorrelation: where it falls below one half, before and after, next to white noise', () => {
  const white = [1, 0, 0]
  expect(autocorrelationFinding([named('A', healed), named('B', worse)], white)).toBe(
    'At step 100 the autocorrelation of dy/dx first falls below one half at lag > 2 (A; 2 at step 0) and 1 (B; ' +
      '2 at step 0); white noise: 1.',
  )
  expect(autocorrelationFinding([named('A', healed)], white, 0)).toBe(
    'Before training the autocorrelation of dy/dx first falls below one half at lag 2 (A); white noise: 1.',
  )
  const flat = evaluated([{ step: 0, correlation: [0.1], error: [0.9], acf: [NaN, NaN, NaN] }])
  expect(autocorrelationFinding([named('A', flat)], white)).toBe(
    'A: no autocorrelation before training, since dy/dx does not vary or is not finite in every network.',
  )
})

describe('lines', () => {
  const look = { colour: '#123456', marker: '', filling: 'full', width: 2 } as const
  const series = [{ id: 'a', look, ...named('A', healed) }]

  test('the correlation over steps, with its spread where it is asked for', () => {
    const [line] = correlationLines(series, { statistic: 'median', bands: true })
    expect(line.points.map(({ x, y }) => [x, y])).toEqual([
      [0, 0.02],
      [100, 0.32],
    ])
    expect(line.points[1].high).toBeCloseTo(0.356, 12)
    expect(correlationLines(series, { statistic: 'mean', bands: false })[0].points[0]).toEqual({
      x: 0,
      y: 0.02,
    })
  })

  test('the autocorrelation over lags at a step beside the first, and at one lag over steps', () => {
    const drawing = { bands: true, pale: () => '#eeeeee' }
    const [first, now] = autocorrelationLines(series, { step: 100, ...drawing })
    expect([first.label, now.label]).toEqual(['A, step 0', 'A, step 100'])
    expect([first.thin, first.appearance.colour, now.appearance.colour]).toEqual([true, '#eeeeee', '#123456'])
    expect(now.points.map(({ y }) => y)).toEqual([1, 0.9, 0.8])
    expect(autocorrelationLines(series, { step: 99, ...drawing }).map(({ label }) => label)).toEqual([
      'A, step 0',
    ])
    expect(lagLines(series, 2, false)[0].points).toEqual([
      { x: 0, y: 0.3 },
      { x: 100, y: 0.8 },
    ])
  })
})

test('numbers: a line for each evaluation that measured, and for each of its lags', () => {
  const series = [{ block: 'relu-linear', remedy: 'none', evaluations: healed }]
  expect(correlationCsv(series).trim().split('\r\n')).toEqual([
    'block,remedy,step,gradient correlation,median,low,high,train error,n',
    expect.stringMatching(/^relu-linear,none,0,0\.02,0\.02,.*,0\.9,3$/),
    expect.stringMatching(/^relu-linear,none,100,0\.33/),
  ])
  const lags = autocorrelationCsv(series).trim().split('\r\n')
  expect(lags).toHaveLength(1 + 2 * 3)
  expect(lags.at(-1)).toBe('relu-linear,none,100,2,0.8,0.8,0.8,3')
})
