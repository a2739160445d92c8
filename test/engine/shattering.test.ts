import { beforeAll, expect, test } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { createControl } from '../../main/trainer/engine/control'
import { compareDepths } from '../../main/trainer/engine/depth'
import { trainNetworks } from '../../main/trainer/engine/train'
import { depthPlan } from '../../shared/depth/cells'
import { shatteringPoints } from '../../shared/depth/shattering'
import { trainingExperiment } from '../../shared/experiment/experiment'
import { SHATTERING } from '../../shared/shatter/shatter'
import { defaultExperiment } from '../../shared/settings/table'
import { testBackend } from './backend'

let backend: Backend
beforeAll(async () => {
  backend = await testBackend()
})

const small = {
  ...defaultExperiment(),
  ...{ blocks: 4, width: 24, batch: 50, trainReplicas: 3, steps: 30, evaluateEvery: 10, learningRate: 0.02 },
}

test('gradients are measured at every evaluation, and change nothing; nothing stays on the device', async () => {
  const before = backend.tf.memory().numTensors
  const run = async (shattering: 'on' | 'off') =>
    (
      await trainNetworks(
        backend,
        trainingExperiment({ ...small, remedies: ['batch-norm'], shattering }),
        createControl(),
        () => {},
      )
    ).series[0].evaluations
  const [plain, measured] = [await run('off'), await run('on')]
  expect(plain.shattering).toBeUndefined()
  expect(measured.train).toEqual(plain.train)
  expect(measured.step).toEqual([0, 10, 20, 30])
  expect(measured.shattering).toHaveLength(4)
  for (const one of measured.shattering!) {
    expect(one!.correlation).toHaveLength(3)
    for (const value of one!.correlation) {
      expect(value).toBeGreaterThan(-0.1)
      expect(value).toBeLessThan(1)
    }
    expect(one!.acf.mean[0]).toBeCloseTo(1, 6)
    expect(one!.acf.mean).toHaveLength(SHATTERING.lags + 1)
  }
  expect(measured.shattering![0]!.correlation).not.toEqual(measured.shattering![3]!.correlation)
  expect(backend.tf.memory().numTensors).toBe(before)
})

test('deep plain networks with batch norm are more shattered at initialisation than residual ones', async () => {
  const deep = {
    ...small,
    blocks: 12,
    width: 64,
    steps: 1,
    remedies: ['batch-norm'],
    shattering: 'on' as const,
  }
  const correlationOf = async (skip: 'on' | 'off') => {
    const experiment = trainingExperiment({ ...deep, skip })
    const { series } = await trainNetworks(backend, experiment, createControl(), () => {})
    const { correlation } = series[0].evaluations.shattering![0]!
    return correlation.reduce((sum, one) => sum + one / correlation.length, 0)
  }
  const [residual, plain] = [await correlationOf('on'), await correlationOf('off')]
  expect(plain).toBeLessThan(0.05)
  expect(residual).toBeGreaterThan(3 * plain)
})

test('a comparison of depths measures them before the first and after the last step', async () => {
  const experiment = { ...small, depth: { depths: [1, 3], skip: 'both' as const } }
  const result = await compareDepths(backend, experiment, depthPlan(experiment), createControl(), () => {})
  for (const { evaluations } of result.cells)
    expect(evaluations.shattering!.map((one) => one !== null)).toEqual([true, false, false, true])
  expect(shatteringPoints(result, 'final')).toHaveLength(2 * 2 * 3)
  expect(result.series[0].gradientCorrelation.initial!.mean).toHaveLength(2)
})
