import { beforeAll, describe, expect, test, vi } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { createControl } from '../../main/trainer/engine/control'
import { measureLesion } from '../../main/trainer/engine/lesion'
import { replicasAtOnce } from '../../main/trainer/engine/memory'
import { measureSignal } from '../../main/trainer/engine/signal'
import { trainNetworks } from '../../main/trainer/engine/train'
import { presetNamed } from '../../shared/block/presets'
import { networkNamed } from '../../shared/experiment/preset-networks'
import { convolutional } from '../../shared/block/convolutional'
import { dataBatch, usesData } from '../../shared/data/batch'
import { defaultExperiment } from '../../shared/settings/table'
import { parseExperiment, trainingExperiment } from '../../shared/experiment/experiment'
import type { Experiment } from '../../shared/settings/experiment'
import { array3, float64, type Array3 } from '../../shared/numerics/float64'
import type { BlockGraph } from '../../shared/graph/block-graph'
import { STREAM } from '../../shared/numerics/random-streams'
import { backwardBlock, forwardBlock } from '../../shared/block/interpreter'
import { mnist1d } from '../../shared/data/mnist1d'
import { drawPlan, forwardPlan } from '../../shared/network/float64-network'
import { operationOf } from '../../shared/operations'
import { headOf, inputShape, outputShape, planNetwork, stemOf } from '../../shared/network/plan'
import { Random } from '../../shared/numerics/random'
import { seriesGraphs } from '../../shared/network/series'
import { networkOf } from '../../shared/network/trained-weights'
import { testBackend } from './backend'

let backend: Backend
beforeAll(async () => {
  backend = await testBackend()
})

const experimentOf = (changes: Partial<Experiment>): Experiment =>
  parseExperiment({ ...defaultExperiment(), ...changes })

const measure = async (experiment: Experiment, budget?: number) =>
  (await measureSignal(backend, experiment, createControl(), () => {}, budget)).series

const meanSquare = (x: Array3) => x.values.reduce((sum, value) => sum + value * value, 0) / x.values.length

/** q, v, m, p and weight gradients of one replica in float64, from the drawn numbers up. */
function oracle(experiment: Experiment, replica: number) {
  const [series] = seriesGraphs(experiment)
  const data = usesData(experiment) ? dataBatch(experiment).x : null
  const network = drawPlan(planNetwork(series, experiment), experiment, replica, data)
  const traces = forwardPlan(network)
  const streams = [network.input, ...traces.map(({ output }) => output)]
  const u = streams.map((h) => float64.mean(h, 1))
  const top = array3(streams.at(-1)!.shape)
  new Random(experiment.seed, STREAM.topGradient, replica).fillNormal(top.values, 1)
  const gradients = [top]
  const norms: number[] = []
  for (let k = traces.length - 1; k >= 0; k--) {
    const { graph } = network.plan[k]
    const back = backwardBlock(float64, graph, network.blocks[k], traces[k], gradients[0])
    gradients.unshift(back.input)
    const weights = graph.nodes.filter((node) => operationOf(node).kind === 'linear')
    const squares = weights.map(({ id }) => {
      const [gradient] = back.parameters.get(id)!
      return meanSquare(gradient) * gradient.values.length
    })
    norms.unshift(squares.reduce((a, b) => a + b, 0) / experiment.batch ** 2)
  }
  return {
    q: streams.map(meanSquare),
    v: streams.map((h, k) => meanSquare(float64.subtract(h, u[k]))),
    m: u.map((mean) => mean.values.reduce((a, b) => a + b, 0) / mean.values.length),
    p: gradients.map((g) => meanSquare(g) / meanSquare(top)),
    weightGradientNorm2: norms,
  }
}

const noisy: BlockGraph = {
  name: 'noisy',
  title: 'noisy',
  description: '',
  nodes: [
    { id: 'relu', op: 'relu', inputs: ['input'] },
    { id: 'linear', op: 'linear', inputs: ['relu'], units: 1 },
    { id: 'dropout', op: 'dropout', inputs: ['linear'], rate: 0.3 },
    { id: 'depth', op: 'stochastic-depth', inputs: ['dropout'], survival: 0.5 },
    { id: 'sum', op: 'sum', inputs: ['input', 'depth'] },
  ],
  output: 'sum',
}

const tiny = (shortcut: 'A' | 'B') => ({
  stages: [
    { blocks: 2, width: 4, stride: 1 as const },
    { blocks: 1, width: 6, stride: 2 as const },
  ],
  shortcut,
})
const cases: [string, Partial<Experiment>][] = [
  [
    'images, original blocks, option A, BN and ReLU after the stem',
    {
      input: 'images',
      stem: 'linear',
      block: [convolutional(presetNamed('original'), 2)],
      network: { ...tiny('A'), stem: 'bn-relu' },
    },
  ],
  [
    'images, pre-activation bottlenecks, option B',
    {
      input: 'images',
      stem: 'linear',
      block: [convolutional(presetNamed('bottleneck'), 2)],
      network: tiny('B'),
      remedies: ['batch-norm'],
    },
  ],
  [
    'sequences',
    {
      input: 'sequence',
      stem: 'linear',
      block: [convolutional(presetNamed('practical'), 1)],
      network: tiny('A'),
      init: 'glorot',
    },
  ],
  ['vectors that get wider', { block: ['practical'], network: tiny('B'), init: 'pytorch' }],
  ['noise', { block: [noisy], blocks: 4, width: 8 }],
  ['linear blocks on images, position by position', { input: 'images', width: 3, blocks: 2 }],
]

describe('TensorFlow’s networks are those of the float64 oracle', () => {
  test.each(cases)('%s', async (_, changes) => {
    const experiment = experimentOf({ replicas: 2, batch: 3, ...changes })
    const [series] = await measure(experiment)
    const own = [0, 1].map((replica) => oracle(experiment, replica))
    for (const quantity of ['q', 'v', 'm', 'p', 'weightGradientNorm2'] as const) {
      const expected = own[0][quantity].map((value, k) => (value + own[1][quantity][k]) / 2)
      expect(series[quantity].mean).toHaveLength(expected.length)
      expected.forEach((value, k) => {
        const size = quantity === 'm' ? Math.sqrt(series.q.mean[k]) : Math.abs(value)
        expect(Math.abs(series[quantity].mean[k] - value), `${quantity} at ${k}`).toBeLessThan(1e-4 * size)
      })
    }
  })
})

describe('a measurement', () => {
  test('in parts is the whole one', async () => {
    const experiment = experimentOf({
      ...cases[0][1],
      replicas: 5,
      batch: 2,
      remedies: ['none', 'rsqrt-depth'],
    })
    const whole = await measure(experiment)
    const plan = planNetwork(seriesGraphs(experiment)[0], experiment)
    let budget = 1e6
    while (replicasAtOnce(plan, experiment, budget) < 2) budget *= 1.2
    // Parts of 2, 2 and 1. Each tells where it is a second after the one before: none is too soon to be told.
    let now = performance.now()
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 1000))
    const messages: string[] = []
    const { series: parts } = await measureSignal(
      backend,
      experiment,
      createControl(),
      (event) => event.type === 'progress' && messages.push(event.message),
      budget,
    )
    clock.mockRestore()
    expect(messages.some((message) => message.endsWith('networks from 3 to 4'))).toBe(true)
    whole.forEach((series, i) => {
      for (const quantity of ['q', 'v', 'm', 'p', 'weightGradientNorm2'] as const) {
        for (const statistic of ['mean', 'median', 'low', 'high'] as const) {
          series[quantity][statistic].forEach((value, k) => {
            const other = parts[i][quantity][statistic][k]
            expect(Math.abs(other - value)).toBeLessThanOrEqual(1e-6 * (Math.abs(value) + 0.1))
          })
        }
      }
    })
  })

  test('noise: same seed, same numbers, and the same in series that share it', async () => {
    const experiment = experimentOf({ block: [noisy], blocks: 2, width: 20, replicas: 3, batch: 16 })
    const [first] = await measure(experiment)
    expect((await measure(experiment))[0].q).toEqual(first.q)
    expect((await measure({ ...experiment, seed: 2 }))[0].q.mean[2]).not.toBe(first.q.mean[2])
    // 1/√2 after every sum changes nothing but the size: q is divided by 2 per block where the noise is the same.
    const [none, rsqrt2] = await measure({ ...experiment, remedies: ['none', 'rsqrt2'] })
    expect((rsqrt2.q.mean[2] * 4) / none.q.mean[2]).toBeCloseTo(1, 4)
  })

  test('ResNet-20 on images: nine finite blocks, and each series says its time', async () => {
    const [series] = await measure(experimentOf({ ...networkNamed('resnet20-cifar').changes, batch: 4 }))
    expect(series.q.mean).toHaveLength(10)
    for (const quantity of ['q', 'v', 'p'] as const) {
      expect(series[quantity].mean.every((value) => Number.isFinite(value) && value > 0)).toBe(true)
    }
    expect(series.seconds).toBeGreaterThan(0)
  })

  test('blocks without convolutions on images follow the theory of vectors, the stem’s border included', async () => {
    const [series] = await measure(
      experimentOf({ input: 'images', stem: 'linear', width: 60, blocks: 3, replicas: 12, batch: 2 }),
    )
    // Weights of variance 2/27 on 27 taps, of which the border misses some: 2 × (94/96)².
    expect(series.theory.q![0]).toBeCloseTo(2 * (94 / 96) ** 2, 6)
    for (const quantity of ['q', 'v', 'p'] as const) {
      const k = quantity === 'p' ? 0 : 3
      expect(Math.abs(series[quantity].mean[k] / series.theory[quantity]![k] - 1)).toBeLessThan(0.15)
    }
  })

  test('what has no theory says why', async () => {
    const note = async (name: string) =>
      (await measure(experimentOf({ ...networkNamed(name).changes, replicas: 1, batch: 2 })))[0].theory.note.q
    expect(await note('resnet20-cifar')).toBe(
      'No theory: the stem ends in a ReLU, so that h_0 is not Gaussian.',
    )
    expect(await note('mnist1d-conv')).toBe('No theory: positions of a sequence differ in their values.')
  })

  test('correlation compares samples, all positions together', async () => {
    let correlation: number | null = null
    await measureSignal(
      backend,
      experimentOf({ input: 'images', width: 3, blocks: 1, replicas: 2, batch: 8 }),
      createControl(),
      (event) => {
        if (event.type === 'forward' && event.block === 0) ({ correlation } = event.point)
      },
    )
    // Independent noise of 3,072 values: the cosine's deviation is 1/√3072 for a pair.
    expect(Math.abs(correlation!)).toBeLessThan(0.02)
  })

  test('a block that changes the shape cannot be deleted; others can', async () => {
    const experiment = experimentOf({ block: ['practical'], network: tiny('A'), replicas: 2, batch: 4 })
    const lesion = (k: number) =>
      measureLesion(
        backend,
        experiment,
        { set: 'one', lesion: { delete: [k] } },
        null,
        createControl(),
        () => {},
      )
    await expect(lesion(3)).rejects.toThrow(
      'lesion: the network would end with 4, not 6. Blocks that change the stream’s shape must stay: choose others.',
    )
    expect((await lesion(2)).series[0].outcomes).toHaveLength(1)
  })
})

describe('training', () => {
  const convolutions = (changes: Partial<Experiment>) =>
    trainingExperiment(
      experimentOf({
        input: 'sequence',
        stem: 'linear',
        block: [convolutional(presetNamed('full-preactivation'), 1)],
        network: {
          stages: [
            { blocks: 1, width: 8, stride: 1 },
            { blocks: 1, width: 16, stride: 2 },
          ],
          shortcut: 'A',
          head: 'bn-relu',
        },
        trainReplicas: 2,
        batch: 64,
        learningRate: 0.05,
        ...changes,
      }),
    )
  const train = (experiment: Experiment, weights = false) =>
    trainNetworks(backend, experiment, createControl(), () => {}, { weights })

  test('a convolutional network learns sequences: far better than chance after 150 steps', async () => {
    const { series } = await train(convolutions({ steps: 150 }))
    const [{ train: onTraining, test: onTest, failure, seconds }] = series
    expect(onTest!.error.mean).toBeLessThan(0.6)
    expect(onTraining!.error.mean).toBeLessThan(onTest!.error.mean + 0.02)
    expect(onTest!.loss.mean).toBeLessThan(Math.log(10) - 0.5)
    expect(failure).toBeNull()
    expect(seconds).toBeGreaterThan(0)
  })

  test('noise is drawn anew at each step, the same each time; evaluation does without it', async () => {
    const experiment = trainingExperiment(
      experimentOf({ block: [noisy], blocks: 2, width: 16, trainReplicas: 2, steps: 10 }),
    )
    const losses = async (seed: number) => {
      const seen: number[] = []
      const result = await trainNetworks(backend, { ...experiment, seed }, createControl(), (event) => {
        if (event.type === 'frame') seen.push(event.series[0].loss.mean)
      })
      return [seen.at(-1), result.series[0].test!.loss.mean]
    }
    expect(await losses(1)).toEqual(await losses(1))
    expect(await losses(1)).not.toEqual(await losses(2))
  })

  test('a failure is in the result, with its step; errors are not numbers then', async () => {
    const experiment = trainingExperiment(
      experimentOf({ blocks: 20, width: 32, trainReplicas: 1, batch: 64, steps: 60, learningRate: 0.05 }),
    )
    const [{ failure, test: onTest }] = (await train(experiment)).series
    expect(failure).toMatchObject({ series: 0, quantity: 'parameter' })
    expect(failure!.step).toBeGreaterThan(0)
    expect(onTest!.error.mean).toBeNaN()
  })

  test('the weights are those that were evaluated: the test loss in float64', async () => {
    // What the float64 network takes, too: statistics over all training samples have a test of their own.
    const common = { steps: 20, trainReplicas: 1, batchStatistics: 'evaluated' } as const
    for (const experiment of [
      convolutions(common),
      convolutions({
        ...common,
        network: { stages: [{ blocks: 2, width: 8, stride: 1 }], shortcut: 'A', head: 'relu' },
      }),
      trainingExperiment(experimentOf({ block: [noisy], blocks: 2, width: 16, ...common })),
    ]) {
      const [{ weights, test: onTest }] = (await train(experiment, true)).series
      expect(testLoss(experiment, networkOf(weights!))).toBeCloseTo(onTest!.loss.mean, 3)
    }
  })

  test('too many weights and images are refused in one line', async () => {
    const wide = trainingExperiment(experimentOf({ blocks: 5, width: 1000, trainReplicas: 1 }))
    await expect(train(wide, true)).rejects.toThrow(
      'weights: the trained networks have 5,056,010 parameters, and at most 4,000,000 can be handed over. ' +
        'Lower the depth, the width or the number of curves.',
    )
    const images = trainingExperiment(experimentOf(networkNamed('resnet20-cifar').changes))
    await expect(train(images)).rejects.toThrow(
      'input: Gaussian images have no labels to train on. Choose images that have, such as the data set ' +
        '"digits", or measure these networks only.',
    )
  })

  test('leaves no tensors behind', async () => {
    const before = backend.tf.memory().numTensors
    await train(convolutions({ steps: 3 }), true)
    expect(backend.tf.memory().numTensors).toBe(before)
  })
})

/** Cross-entropy over the test samples, all in one batch. */
function testLoss(
  experiment: Experiment,
  { stem, blocks, head, output }: ReturnType<typeof networkOf>,
): number {
  const { xTest, yTest } = mnist1d()
  const shape = inputShape(experiment)
  const before = stemOf(experiment)!
  const x = array3([1, xTest.length / shape.units, shape.units], Float32Array.from(xTest))
  let h = forwardBlock(float64, before.graph, stem, x, undefined, before.shapes).output
  const plan = planNetwork(seriesGraphs(experiment)[0], experiment)
  plan.forEach(({ graph, shapes }, k) => {
    h = forwardBlock(float64, graph, blocks[k], h, undefined, shapes).output
  })
  const top = outputShape(plan[plan.length - 1])
  const last = headOf(experiment, top)
  if (last) h = forwardBlock(float64, last.graph, head, h, undefined, last.shapes).output
  const samples = yTest.length
  const [grid, units] = [h.shape[1] / samples, h.shape[2]]
  const features = array3([1, samples, units])
  h.values.forEach((value, i) => {
    const sample = Math.floor(i / (grid * units))
    features.values[sample * units + (i % units)] += value / grid
  })
  const logits = float64.add(float64.matMul(features, output.weight), output.bias)
  let loss = 0
  yTest.forEach((label, sample) => {
    const row = logits.values.subarray(sample * 10, sample * 10 + 10)
    loss += Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0)) - row[label]
  })
  return loss / samples
}
