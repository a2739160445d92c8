import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { createControl } from '../../main/trainer/engine/control'
import { trainNetworks } from '../../main/trainer/engine/train'
import { PRESETS, PRESET_NAMES } from '../../shared/block/presets'
import { defaultExperiment } from '../../shared/settings/table'
import type { Experiment } from '../../shared/settings/experiment'
import type { BlockGraph } from '../../shared/graph/block-graph'
import { array3, float64 } from '../../shared/numerics/float64'
import { mnist1d } from '../../shared/data/mnist1d'
import { drawNetwork, forwardNetwork } from '../../shared/network/float64-network'
import {
  checkTrainedPaths,
  divergence,
  measuredSamples,
  pathsAtSample,
  trainedExperiment,
  trainedNetwork,
  untrainedNetwork,
} from '../../shared/paths/trained'
import { seriesGraphs } from '../../shared/network/series'
import { networkOf } from '../../shared/network/trained-weights'
import { testBackend } from './backend'

let backend: Backend
beforeAll(async () => {
  backend = await testBackend()
})

const small = { ...defaultExperiment(), blocks: 4, width: 12, batch: 32, steps: 25 }

const train = async (experiment: Experiment) =>
  (await trainNetworks(backend, trainedExperiment(experiment), createControl(), () => {}, { weights: true }))
    .series

const noisy: BlockGraph = {
  ...PRESETS[1],
  name: 'noisy',
  nodes: [
    { id: 'drop', op: 'dropout', inputs: ['input'], rate: 0.3 },
    { id: 'linear', op: 'linear', inputs: ['drop'], units: 1 },
    { id: 'depth', op: 'stochastic-depth', inputs: ['linear'], survival: 0.5 },
    { id: 'sum', op: 'sum', inputs: ['input', 'depth'] },
  ],
  output: 'sum',
}

describe('a network that was trained', () => {
  test('the expansion is automatic differentiation, in every preset and at every sample', async () => {
    const experiment = { ...small, steps: 8, block: [...PRESET_NAMES] }
    const alone = (i: number): Experiment => ({ ...small, block: [PRESET_NAMES[i]] })
    let finite = 0
    const all = await train(experiment)
    all.forEach((series, i) => {
      if (divergence(series, experiment)) return
      finite++
      for (const sample of [0, 7]) {
        const request = { experiment: alone(i), listing: 'all', weights: series.weights! } as const
        const { expansion, first, norm } = pathsAtSample(request, sample)
        // A narrow network may be dead at a sample; then there is nothing to expand.
        if (norm === 0) continue
        expect(expansion!.relativeError, series.block).toBeLessThan(1e-12)
        expect(first!.relativeError).toBeLessThan(1e-12)
      }
    })
    expect(finite).toBe(PRESET_NAMES.length)
  })

  test('it is the network that the trainer evaluates: the same loss on all test samples', async () => {
    for (const block of ['full-preactivation', 'practical', noisy]) {
      const experiment = { ...small, batch: 1000, blocks: 2, steps: 12, block: [block] }
      const [{ weights, test: onTest }] = await train(experiment)
      const [{ graph }] = seriesGraphs(experiment)
      const network = trainedNetwork(graph, experiment, weights!)
      const top = forwardNetwork(network).at(-1)!.output
      const { weight, bias } = networkOf(weights!).output
      const logits = float64.add(float64.matMul(top, weight), bias).values
      const labels = mnist1d().yTest
      let loss = 0
      labels.forEach((label, sample) => {
        const row = logits.subarray(10 * sample, 10 * sample + 10)
        loss += Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0)) - row[label]
      })
      expect(loss / labels.length).toBeCloseTo(onTest!.loss.mean, 4)
    }
  })

  test('without a single useful step it is the network before training', async () => {
    for (const block of ['full-preactivation', noisy]) {
      const experiment = { ...small, block: [block], learningRate: 0, steps: 1 }
      const [{ weights }] = await train(experiment)
      const request = { experiment, listing: 'all' } as const
      const before = pathsAtSample({ ...request, weights: null }, 3)
      const after = pathsAtSample({ ...request, weights: weights! }, 3)
      // The trainer's numbers are float32.
      expect(after.norm / before.norm).toBeCloseTo(1, 4)
      after.expansion!.norms!.forEach((norm, i) =>
        expect(norm / before.expansion!.norms![i]).toBeCloseTo(1, 4),
      )
    }
  })

  test('training changes where the energy is; samples differ', async () => {
    const [{ weights }] = await train({ ...small, steps: 100 })
    const request = { experiment: small, listing: 'length' } as const
    const share = (weighted: boolean, sample: number) => {
      const { expansion } = pathsAtSample({ ...request, weights: weighted ? weights! : null }, sample)
      return expansion!.groups[0].squares / expansion!.groups.reduce((sum, { squares }) => sum + squares, 0)
    }
    expect(Math.abs(share(true, 0) / share(false, 0) - 1)).toBeGreaterThan(0.05)
    expect(share(false, 0)).not.toBe(share(false, 1))
  })

  test('weights that are not numbers are one line with a hint', async () => {
    const experiment = { ...small, learningRate: 1e20 }
    const [series] = await train(experiment)
    expect(divergence(series, experiment)).toMatch(
      /^Training diverged: the weights stopped being finite numbers at step \d+, in block \d\. Lower the learning rate/,
    )
    const weights = structuredClone((await train(small))[0].weights!)
    expect(divergence({ failure: null, weights }, small)).toBeNull()
    weights.blocks[2][0].parameters[0].values[5] = NaN
    expect(divergence({ failure: null, weights }, small)).toContain('finite numbers. Lower')
  })
})

describe('before training', () => {
  test('noise is its mean, as in evaluation', () => {
    const [{ graph }] = seriesGraphs({ ...small, block: [noisy] })
    const { blocks } = untrainedNetwork(graph, { ...small, block: [noisy] })
    expect(blocks.map((own) => own.get('drop')![0].values[0])).toEqual([1, 1, 1, 1])
    expect(new Set(blocks[3].get('depth')![0].values)).toEqual(new Set([0.5]))
  })

  test('the test samples go in, through the stem that training starts from', () => {
    const [{ graph }] = seriesGraphs(small)
    const experiment = { ...trainedExperiment(small), batch: 32 }
    const x = Float32Array.from(mnist1d().xTest.subarray(0, 32 * 40))
    expect(untrainedNetwork(graph, small).input).toEqual(drawNetwork(graph, experiment, 0, x).input)
    expect(array3([1, 32, 12]).shape).toEqual(untrainedNetwork(graph, small).input.shape)
  })

  test('how many samples; what cannot be measured is refused', () => {
    expect([1, 32, 60_000].map((batch) => measuredSamples({ batch }))).toEqual([1, 20, 20])
    expect(() => checkTrainedPaths(small, 'none')).toThrow('--train: with --terms none nothing is measured')
    expect(() => checkTrainedPaths({ ...small, blocks: 13 }, 'all')).toThrow('13 blocks have 2^13 terms')
    expect(() => checkTrainedPaths({ ...small, width: 1000 }, 'length')).toThrow('size: this takes about')
  })
})
