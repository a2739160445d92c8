import { expect, test } from 'vitest'
import { presetNamed } from '../../../shared/block/presets'
import {
  learnedGradients,
  trainedAcfFinding,
  trainedCorrelationFinding,
} from '../../../shared/runs/shatter-findings'
import { networkId, networkName } from '../../../shared/shatter/findings'
import type { LearnedThen, ShatterSeries } from '../../../shared/shatter/results'

const band = (mean: number[]) => ({ mean, low: mean, high: mean })

function at(
  step: number | null,
  remedy: string,
  learned: Partial<LearnedThen>,
  acf = [1, 0.4, 0.2],
): ShatterSeries {
  return {
    ...{ block: 'relu-linear', blockTitle: 'Type 2: ReLU, then linear', remedy, note: null, reference: null },
    ...{ graph: presetNamed('relu-linear'), blocks: 4, skip: 'on', step, acf: band(acf), correlation: 0 },
    ...{ correlationBand: null, theory: null, theoryNote: null, curve: { y: [], slope: [] } },
    learned: {
      ...{ correlations: [0.1, 0.12], isReplayed: false, agrees: null },
      ...{ train: { loss: [1, 1], error: [0.5, 0.5] }, test: { loss: [1, 1], error: [0.5, 0.5] } },
      ...learned,
    },
  }
}

const errors = (...error: number[]) => ({ loss: error, error })
const run = [
  at(0, 'none', { correlations: [0.3, 0.32], isReplayed: true, agrees: true }),
  at(0, 'batch-norm', { correlations: [0.01, 0.02], isReplayed: true, agrees: true }),
  at(50, 'none', { correlations: [0.2, 0.21], train: errors(0.3, 0.31) }, [1, 0.9, 0.4]),
  at(50, 'batch-norm', { correlations: [0.02, 0.03], train: errors(0.1, 0.12) }),
]
const references = { white: band([1, 0, 0]), brown: band([1, 0.9, 0.8]) }

test('networks are told apart by their steps', () => {
  expect(run.map((one) => networkName(one, run))).toEqual([
    ...[
      'Residual, step 0',
      'Residual, batch norm, step 0',
      'Residual, step 50',
      'Residual, batch norm, step 50',
    ],
  ])
  expect(new Set(run.map(networkId)).size).toBe(4)
  expect(networkName(run[2], run.slice(2))).toBe('Residual')
})

test('what training did to gradients, and whether the more shattered err more', () => {
  expect(learnedGradients(run).map(({ name, measured }) => [name, measured.map(({ step }) => step)])).toEqual(
    [
      ['Residual', [0, 50]],
      ['Residual, batch norm', [0, 50]],
    ],
  )
  expect(trainedCorrelationFinding(run)).toBe(
    'From initialisation to step 50, gradients have become less shattered in Residual, batch norm (0.0150 to ' +
      '0.0250) and have become more shattered in Residual (0.310 to 0.205): their correlation, mean ' +
      'over networks. Residual, batch norm, the most shattered at initialisation (0.0150), has a training error of ' +
      '11.0 % at step 50, and Residual, the least (0.310), of 30.5 %: here the more shattered err less. At step 50 ' +
      'they still are (0.0250 and 0.205).',
  )
  expect(trainedAcfFinding({ series: run, references, x: [0, 0.5, 1] })).toBe(
    'At step 50 the autocorrelation of dy/dx first falls below one half at lag 2 (Residual; 1 at step 0) and 1 ' +
      '(Residual, batch norm; 1 at step 0); white noise: 1.',
  )
})

test('of one step, as of drawn networks', () => {
  expect(trainedAcfFinding({ series: run.slice(2), references, x: [0, 0.5, 1] })).toContain(
    'dy/dx has lost half of its likeness to itself after 1 point (Residual, batch norm) and 2 (Residual); ',
  )
  expect(trainedCorrelationFinding(run.slice(2))).toMatch(
    /^Gradients at two test samples correlate by 0\.205 \(Residual\) and 0\.0250 \(Residual, batch norm\) at step 50\./,
  )
})

test('networks from elsewhere have no step, and nothing is said of one', () => {
  expect(trainedCorrelationFinding([at(null, 'none', {})])).toBe(
    'Gradients at two test samples correlate by 0.110.',
  )
})

test('networks that came out otherwise than the run’s are named', () => {
  const other = [at(0, 'none', { agrees: false, isReplayed: true }), at(50, 'none', {})]
  expect(trainedCorrelationFinding(other)).toContain(
    'Trained again, Residual, step 0 have not the training loss that the run found at that step: another device or ' +
      'version of the program trained them',
  )
})
