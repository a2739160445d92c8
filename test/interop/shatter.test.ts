import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { keptOrRefused, lookAtSteps, stepsOf } from '../../main/trainer/engine/checkpoint/at-steps'
import { createControl } from '../../main/trainer/engine/control'
import { prepareSeries } from '../../main/trainer/engine/prepared-series'
import { shatterOfTrained } from '../../main/trainer/engine/shatter-trained'
import { trainNetworks } from '../../main/trainer/engine/train'
import { takeStatistics } from '../../main/trainer/engine/training-evaluation'
import { nodeFolder } from '../../main/trainer/node-folder'
import { trainingExperiment } from '../../shared/experiment/experiment'
import type { TrainedWeights } from '../../shared/network/trained-weights'
import { defaultExperiment } from '../../shared/settings/table'
import type { ShatterSeries } from '../../shared/shatter/results'
import type { LookedStep } from '../../shared/shatter/steps'
import { trainedShatter } from '../../shared/shatter/trained'
import { testBackend } from '../engine/backend'
import { hasTorch, torchAnswers, torchNetwork, torchSamples } from './torch-network'

const isHeld = hasTorch('No gradients of trained networks are held against PyTorch')

const experiment = trainingExperiment({
  ...defaultExperiment(),
  ...{ block: ['full-preactivation'], blocks: 4, width: 24, batch: 100, trainReplicas: 1 },
  ...{ steps: 90, learningRate: 0.05, data: 'digits', input: 'data' },
})
const STEPS: LookedStep[] = [0, 30, 'last']
const LINE = { from: 4, to: 9 }
const POINTS = 48

interface InTorch {
  correlation: number
  slope: number[]
  acf: number[]
  loss: number
}

describe.skipIf(!isHeld)(
  'gradients of a run’s networks at a step are those of PyTorch’s autograd in float64',
  () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-torch-'))
    let backend: Backend
    let ours: ShatterSeries[]
    let theirs: InTorch[]
    beforeAll(async () => {
      backend = await testBackend()
      await trainNetworks(backend, experiment, createControl(), () => {}, {
        place: nodeFolder({ folder, resume: false }),
      })
      const place = nodeFolder({ folder, resume: true, isReadOnly: true })
      const prepared = prepareSeries(experiment)
      const weights: TrainedWeights[] = []
      const at = stepsOf(await keptOrRefused(place, experiment, 1), STEPS)
      const trained = { backend, experiment, prepared, xla: false, control: createControl(), emit: () => {} }
      await lookAtSteps(trained, place, at, async ([network]) => {
        await takeStatistics(network)
        weights.push(await network.trained())
      })
      const samples = torchSamples(experiment)
      theirs = torchAnswers<InTorch>(
        'shatter.py',
        weights.map((one) => ({ ...torchNetwork(one), samples, ...LINE, points: POINTS })),
      )
      const { series } = await shatterOfTrained({
        ...{ backend, experiment, place, steps: STEPS, line: LINE, control: createControl(), emit: () => {} },
        settings: { ...trainedShatter(), points: POINTS },
      })
      ours = series
    }, 300_000)
    afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

    test.each([0, 1, 2])('at step %i of those that were looked at', (i) => {
      const { correlation, acf, curve, learned, step } = ours[i]
      const { slope, ...found } = theirs[i]
      expect(step).toBe([0, 30, 90][i])
      // float32 against float64, through four blocks.
      expect(Math.abs(correlation! - found.correlation)).toBeLessThan(1e-4)
      expect(learned!.train.loss[0] / found.loss).toBeCloseTo(1, 5)
      const largest = Math.max(...slope.map(Math.abs))
      curve.slope.forEach((value, at) => expect(Math.abs(value - slope[at]) / largest).toBeLessThan(1e-4))
      found.acf.forEach((value, lag) => expect(acf.mean[lag]).toBeCloseTo(value, 4))
    })

    test('and differ from step to step', () => {
      expect(new Set(theirs.map(({ correlation }) => correlation.toFixed(3))).size).toBe(3)
    })
  },
)
