import { spawnSync } from 'node:child_process'
import * as path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { prepareSeries } from '../../main/trainer/engine/prepared-series'
import { Training } from '../../main/trainer/engine/training'
import { convolutional } from '../../shared/block/convolutional'
import { presetNamed } from '../../shared/block/presets'
import { gatherBatch } from '../../shared/data/batch'
import { describedData } from '../../shared/data/data-sets'
import { isRegression, outputsOf, valuesOf } from '../../shared/data/description'
import { trainingExperiment, withLabels } from '../../shared/experiment/experiment'
import { batchesPerEpoch } from '../../shared/network/schedule'
import { Random } from '../../shared/numerics/random'
import { STREAM } from '../../shared/numerics/random-streams'
import type { TrainFrame } from '../../shared/protocol/jobs/train'
import type { Experiment } from '../../shared/settings/experiment'
import { defaultExperiment } from '../../shared/settings/table'
import { testBackend } from '../engine/backend'

/** Debian's: python3-torch (.ci/run installs it). */
const PYTHON = '/usr/bin/python3'
const found = spawnSync(PYTHON, ['-c', 'import torch, numpy; print(torch.__version__)'], { encoding: 'utf8' })
const hasTorch = found.status === 0
if (!hasTorch)
  console.warn(
    `Nothing is held against PyTorch: ${PYTHON} has none (Debian and Ubuntu: apt-get install python3-torch).`,
  )

/** Of the losses of 50 steps in float32, in either order of summation. */
const TOLERANCE = 1e-4

let backend: Backend
beforeAll(async () => {
  backend = await testBackend()
})

interface Case {
  dense: boolean
  /** Of a preset; absent: type 2. */
  block?: string
  remedy: string
  skip: Experiment['skip']
  changes: Partial<Experiment>
}

const arrayOf = (shape: number[], values: Float32Array) => ({
  shape,
  data: Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64'),
})

function experimentOf({ dense, block: name = 'relu-linear', remedy, skip, changes }: Case): Experiment {
  const block = presetNamed(name)
  return trainingExperiment(
    withLabels({
      ...defaultExperiment(),
      block: [dense ? block : convolutional(block, 1)],
      blocks: dense ? 6 : 3,
      width: dense ? 32 : 8,
      remedies: [remedy],
      skip,
      trainReplicas: 2,
      batch: dense ? 100 : 32,
      steps: 50,
      // Every step has its frame, and so its loss.
      evaluateEvery: 1,
      ...changes,
    }),
  )
}

/** Each network's parameters by name, as they are now. */
async function parametersOf({ networks: [network] }: Training, replicas: number) {
  const slots = ['velocity', 'mean', 'square']
  const own = network.arrays('').filter(({ name }) => !slots.some((slot) => name.endsWith(`.${slot}`)))
  const all = await Promise.all(own.map(({ values }) => values()))
  return Array.from({ length: replicas }, (_, r) =>
    Object.fromEntries(
      own.map(({ name, shape: [, ...shape] }, i) => {
        const size = shape.reduce((product, length) => product * length, 1)
        return [name, arrayOf([...shape], Float32Array.from(all[i].subarray(r * size, (r + 1) * size)))]
      }),
    ),
  )
}

/** The batches of training, made anew from the samples. */
function batchesOf({ seed, batch, steps, data }: Experiment) {
  const description = describedData({ data })
  const each = batchesPerEpoch(batch, { data })
  return Array.from({ length: steps }, (_, step) => {
    const order = new Random(seed, STREAM.batches, Math.floor(step / each)).permutation(description.training)
    const from = (step % each) * batch
    const { x, y } = gatherBatch(order.subarray(from, from + batch), { data })
    return {
      x: arrayOf([batch, valuesOf(description)], x),
      y: arrayOf([batch, outputsOf(description)], y),
    }
  })
}

/** The engine's losses, and the document that PyTorch does the same from. */
async function trained(one: Case): Promise<{ losses: number[]; document: object }> {
  const experiment = experimentOf(one)
  const training = new Training(backend, experiment, prepareSeries(experiment), () => undefined)
  try {
    const parameters = await parametersOf(training, experiment.replicas)
    const frames: TrainFrame[] = []
    await training.record((frame) => frames.push(frame))
    for (let step = 0; step < experiment.steps; step++)
      frames.push(...[(await training.advance(true)) ?? []].flat())
    const losses = frames.map((frame) => frame.series[0].loss.mean)
    const loss = isRegression(describedData(experiment)) ? 'mse' : 'cross-entropy'
    const settings = { ...experiment, loss, dense: one.dense, remedy: one.remedy, block: null }
    return { losses, document: { settings, parameters, batches: batchesOf(experiment) } }
  } finally {
    training.dispose()
  }
}

function torchLosses(documents: object[]): number[][] {
  const { status, stdout, stderr } = spawnSync(PYTHON, [path.join(import.meta.dirname, 'training.py')], {
    input: documents.map((one) => JSON.stringify(one)).join('\n'),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  if (status !== 0) throw new Error(stderr)
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as number[])
}

const OPTIMIZERS: [string, Partial<Experiment>][] = [
  ['SGD', { learningRate: 0.01 }],
  ['AdamW', { optimizer: 'adamw', learningRate: 0.001, weightDecay: 0.1 }],
]
const NETWORKS: [string, Pick<Case, 'remedy' | 'skip'>][] = [
  ['1/√2', { remedy: 'rsqrt2', skip: 'on' }],
  ['1/√2 on the skip', { remedy: 'rsqrt2-skip', skip: 'on' }],
  ['batch norm', { remedy: 'batch-norm', skip: 'on' }],
  ['plain', { remedy: 'none', skip: 'off' }],
]
const asked: [string, Case][] = [true, false].flatMap((dense) =>
  NETWORKS.flatMap(([network, how]) =>
    OPTIMIZERS.map(([optimizer, changes]): [string, Case] => [
      `${dense ? 'dense' : 'convolutional'}, ${network}, ${optimizer}`,
      { dense, ...how, changes },
    ]),
  ),
)
const more: [string, Partial<Experiment>][] = [
  ['SGD with Nesterov, weight decay and clipping', { nesterov: 'on', weightDecay: 0.01, clip: 0.5 }],
  ['SGD without momentum, labels smoothed', { momentum: 0, labelSmoothing: 0.1, learningRate: 0.05 }],
  ['Adam with weight decay', { optimizer: 'adam', learningRate: 0.001, weightDecay: 0.01 }],
  ['RMSProp', { optimizer: 'rmsprop', learningRate: 0.0003, momentum: 0, beta2: 0.99 }],
  ['RMSProp with momentum', { optimizer: 'rmsprop', learningRate: 0.0001, beta2: 0.99, epsilon: 1e-4 }],
  ['step schedule after a warm-up', { schedule: 'step', milestones: [0.4, 0.7], warmup: 10 }],
  ['cosine schedule', { schedule: 'cosine', warmup: 5 }],
  ['one cycle', { schedule: 'one-cycle', learningRate: 0.03 }],
]
/** Of one target, and of ten; all of SGD and AdamW with every network. */
const regression: [string, Case][] = ['friedman', 'teacher-values'].flatMap((data) =>
  NETWORKS.flatMap(([network, how]) =>
    OPTIMIZERS.map(([optimizer, changes]): [string, Case] => [
      `mean squared error, ${data}, ${network}, ${optimizer}`,
      { dense: true, ...how, changes: { ...changes, data, learningRate: changes.learningRate! / 10 } },
    ]),
  ),
)
/** Methods that stand in for normalisation, in a block that has some: PyTorch's side is written from their papers. */
const WITHOUT_NORMS = ['fixup', 'skipinit'].map((remedy): [string, Case] => [
  `${remedy} in full pre-activation blocks`,
  { dense: true, block: 'full-preactivation', remedy, skip: 'on', changes: { learningRate: 0.05 } },
])
const CASES: [string, Case][] = [
  ...WITHOUT_NORMS,
  ...asked,
  ...regression,
  ...more.map(([name, changes]): [string, Case] => [
    name,
    { dense: true, remedy: 'rsqrt2', skip: 'on', changes },
  ]),
]

describe.skipIf(!hasTorch)(
  'the same weights, batches and optimizer give PyTorch’s losses (needs python3-torch)',
  () => {
    let torch: number[][]
    let engine: Awaited<ReturnType<typeof trained>>[]
    beforeAll(async () => {
      engine = []
      for (const [, one] of CASES) engine.push(await trained(one))
      torch = torchLosses(engine.map(({ document }) => document))
    }, 300_000)

    test.each(CASES.map(([name], i) => [name, i] as const))('%s', (_, i) => {
      const theirs = torch[i]
      const { losses } = engine[i]
      expect([losses.length, theirs.length]).toEqual([50, 50])
      // It learned something, so that what is compared is training.
      expect(losses[49]).not.toBeCloseTo(losses[0], 2)
      const apart = losses.map((loss, step) => Math.abs(loss / theirs[step] - 1))
      expect(Math.max(...apart)).toBeLessThan(TOLERANCE)
    })

    test('an untrained network with Fixup says nothing: its loss is ln 10', () => {
      expect(engine[0].losses[0]).toBeCloseTo(Math.log(10), 6)
      expect(torch[0][0]).toBeCloseTo(Math.log(10), 6)
    })
  },
)
