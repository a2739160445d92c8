import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { createControl } from '../../main/trainer/engine/control'
import { measureLesion } from '../../main/trainer/engine/lesion'
import { replicasOverTraining } from '../../main/trainer/engine/memory'
import { prepareSeries } from '../../main/trainer/engine/prepared-series'
import { trainNetworks } from '../../main/trainer/engine/train'
import { mnist1d } from '../../shared/data/mnist1d'
import { forwardBlock, statisticsOf, type BatchStatistics } from '../../shared/block/interpreter'
import { convolutional } from '../../shared/block/convolutional'
import { centred, presetNamed } from '../../shared/block/presets'
import { trainingExperiment } from '../../shared/experiment/experiment'
import { parseLesions } from '../../shared/lesion/lesion'
import { headOf, outputShape, stemOf } from '../../shared/network/plan'
import { networkOf, type TrainedWeights } from '../../shared/network/trained-weights'
import { array3, float64, type Array3 } from '../../shared/numerics/float64'
import { positions } from '../../shared/numerics/shape'
import type { Experiment } from '../../shared/settings/experiment'
import { defaultExperiment } from '../../shared/settings/table'
import { testBackend } from './backend'

// Batch norm in evaluation, against the whole training set in float64.

let backend: Backend
beforeAll(async () => {
  backend = await testBackend()
})

const experimentWith = (changes: Partial<Experiment>): Experiment =>
  trainingExperiment({
    ...defaultExperiment(),
    blocks: 3,
    width: 16,
    trainReplicas: 1,
    batch: 64,
    steps: 30,
    remedies: ['batch-norm'],
    ...changes,
  })

const train = async (experiment: Experiment) =>
  (await trainNetworks(backend, experiment, createControl(), () => {}, { weights: true })).series[0]

type Layers = {
  stem: BatchStatistics<Array3>
  blocks: BatchStatistics<Array3>[]
  head: BatchStatistics<Array3>
}

/**
 * The trained network in float64 on any samples: its logits' loss and error, and the statistics of every norm.
 * @param given statistics to use; null: those of the samples
 */
function oracle(
  experiment: Experiment,
  weights: TrainedWeights,
  x: Float64Array,
  y: Uint8Array,
  given: Layers | null,
) {
  const [{ plan }] = prepareSeries(experiment)
  const { stem, blocks, head, output } = networkOf(weights)
  const stemLayer = stemOf(experiment)!
  const top = outputShape(plan[plan.length - 1])
  const headLayer = headOf(experiment, top)
  const pass = (
    layer: typeof stemLayer,
    own: typeof stem,
    h: Array3,
    statistics?: BatchStatistics<Array3>,
  ) => {
    const trace = forwardBlock(float64, layer.graph, own, h, statistics, layer.shapes)
    return { output: trace.output, taken: statisticsOf(layer.graph, trace) }
  }
  const units = stemLayer.place.input.units
  const first = pass(stemLayer, stem, array3([1, x.length / units, units], x), given?.stem)
  const taken: BatchStatistics<Array3>[] = []
  let h = first.output
  plan.forEach((layer, k) => {
    const next = pass(layer, blocks[k], h, given?.blocks[k])
    taken.push(next.taken)
    h = next.output
  })
  const last = headLayer && pass(headLayer, head, h, given?.head)
  if (last) h = last.output
  const [grid, width] = [positions(top), h.shape[2]]
  const features = array3([1, y.length, width])
  for (let i = 0; i < h.values.length; i++) {
    const sample = Math.floor(i / (grid * width))
    features.values[sample * width + (i % width)] += h.values[i] / grid
  }
  const logits = float64.add(float64.matMul(features, output.weight), output.bias).values
  let [loss, wrong] = [0, 0]
  y.forEach((label, sample) => {
    const row = logits.subarray(10 * sample, 10 * sample + 10)
    const most = Math.max(...row)
    loss += Math.log(row.reduce((sum, logit) => sum + Math.exp(logit - most), 0)) + most - row[label]
    if (row.indexOf(most) !== label) wrong++
  })
  const statistics: Layers = { stem: first.taken, blocks: taken, head: last?.taken ?? new Map() }
  return { loss: loss / y.length, error: wrong / y.length, statistics }
}

/** The largest difference, as a share of the largest number. */
function difference(found: Array3, expected: Array3): number {
  const size = Math.max(...expected.values.map(Math.abs))
  return Math.max(...expected.values.map((value, i) => Math.abs(value - found.values[i]))) / size
}

const grid: Partial<Experiment> = {
  input: 'sequence',
  block: [convolutional(presetNamed('full-preactivation'), 1)],
  remedies: ['none'],
  width: 8,
  blocks: 2,
  steps: 10,
}

describe('batch norm over the training set', () => {
  test.each<[string, Partial<Experiment>]>([
    ['one norm a block', {}],
    ['two, one behind the other', { block: ['full-preactivation'], remedies: ['none'] }],
    ['centring', { block: [centred(presetNamed('practical'))], remedies: ['none'] }],
    ['on a grid', grid],
  ])(
    'mean and variance are the population’s, layer by layer, and the figures are of them: %s',
    async (_, changes) => {
      const experiment = experimentWith(changes)
      const { weights, train: onTrain, test: onTest } = await train(experiment)
      const { x, y, xTest, yTest } = mnist1d()
      const population = oracle(experiment, weights!, x, y, null)
      const found = networkOf(weights!).statistics.blocks
      let norms = 0
      population.statistics.blocks.forEach((own, k) => {
        for (const [node, list] of own) {
          list.forEach((expected, i) => {
            norms++
            expect(difference(found[k]!.get(node)![i], expected)).toBeLessThan(1e-5)
          })
        }
      })
      expect(norms).toBeGreaterThan(2)
      expect(onTrain!.loss.mean).toBeCloseTo(population.loss, 4)
      expect(onTrain!.error.mean).toBeCloseTo(population.error, 3)
      const tested = oracle(experiment, weights!, xTest, yTest, population.statistics)
      expect(onTest!.loss.mean).toBeCloseTo(tested.loss, 4)
      expect(onTest!.error.mean).toBeCloseTo(tested.error, 3)
      // Those of the test samples would be another network.
      const own = oracle(experiment, weights!, xTest, yTest, null)
      expect(Math.abs(own.loss / tested.loss - 1)).toBeGreaterThan(1e-4)
    },
  )

  test('where statistics of the evaluated samples are chosen, the figures are of these', async () => {
    const experiment = experimentWith({ batchStatistics: 'evaluated' })
    const { weights, test: onTest } = await train(experiment)
    const { xTest, yTest } = mnist1d()
    expect(networkOf(weights!).statistics.blocks.every((one) => one === undefined)).toBe(true)
    expect(onTest!.loss.mean).toBeCloseTo(oracle(experiment, weights!, xTest, yTest, null).loss, 4)
  })

  test('replicas that go in turn are those that go together', async () => {
    // So wide a grid that each of them fills the memory that is for activations.
    const experiment = experimentWith({ ...grid, steps: 1, width: 48, blocks: 1 })
    expect(replicasOverTraining(prepareSeries(experiment)[0].plan, { ...experiment, replicas: 3 })).toBe(1)
    const evaluations = async (trainReplicas: number) => {
      const own = trainingExperiment({ ...experiment, trainReplicas })
      return (await trainNetworks(backend, own, createControl(), () => {})).series[0].evaluations
    }
    const [alone, together] = [await evaluations(1), await evaluations(3)]
    alone.train.loss.forEach(([loss], i) => expect(together.train.loss[i][0]).toBeCloseTo(loss, 4))
    alone.test.loss.forEach(([loss], i) => expect(together.test.loss[i][0]).toBeCloseTo(loss, 4))
  })

  test('lesions are of networks with these statistics: the intact one has the figures of training', async () => {
    const experiment = experimentWith({})
    const { test: onTest } = await train(experiment)
    const set = parseLesions({ delete: [2] }, 3, 1)
    const { series } = await measureLesion(backend, experiment, set, 'intact', createControl(), () => {})
    expect(series[0].intact!.loss.mean).toBeCloseTo(onTest!.loss.mean, 5)
  })

  test('no tensor is left behind', async () => {
    const before = backend.tf.memory().numTensors
    await train(experimentWith({ steps: 3, trainReplicas: 2 }))
    expect(backend.tf.memory().numTensors).toBe(before)
  })
})
