import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Backend } from '../../../main/trainer/backend'
import { command, createControl } from '../../../main/trainer/engine/control'
import { trainNetworks } from '../../../main/trainer/engine/train'
import { nodeFolder } from '../../../main/trainer/node-folder'
import { trainingExperiment } from '../../../shared/experiment/experiment'
import type { BlockGraph } from '../../../shared/graph/block-graph'
import { presetNamed } from '../../../shared/block/presets'
import type { TrainEvent } from '../../../shared/protocol/protocol'
import type { TrainResult } from '../../../shared/protocol/jobs/train'
import type { Experiment } from '../../../shared/settings/experiment'
import { defaultExperiment } from '../../../shared/settings/table'
import { testBackend } from '../backend'

let backend: Backend
beforeAll(async () => {
  backend = await testBackend()
})

let folder: string
const file = () => path.join(folder, 'checkpoint.safetensors')
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-resume-'))))
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

/** A branch that is dropped at random, value by value and as a whole. */
const noisy: BlockGraph = {
  ...presetNamed('practical'),
  name: 'noisy',
  nodes: [
    { id: 'drop', op: 'dropout', inputs: ['input'], rate: 0.3 },
    { id: 'linear', op: 'linear', inputs: ['drop'], units: 1 },
    { id: 'depth', op: 'stochastic-depth', inputs: ['linear'], survival: 0.5 },
    { id: 'sum', op: 'sum', inputs: ['input', 'depth'] },
  ],
  output: 'sum',
}

const experimentWith = (changes: Partial<Experiment>): Experiment =>
  trainingExperiment({
    ...defaultExperiment(),
    blocks: 3,
    width: 16,
    trainReplicas: 2,
    batch: 64,
    steps: 150,
    evaluateEvery: 30,
    remedies: ['batch-norm', 'rsqrt2'],
    ...changes,
  })

/** @param stopAt the frame after which it is stopped */
async function train(experiment: Experiment, resume: boolean, stopAt = Infinity) {
  const control = createControl()
  const events: TrainEvent[] = []
  const result = await trainNetworks(
    backend,
    experiment,
    control,
    (event) => {
      events.push(event)
      if (event.type === 'frame' && event.step >= stopAt) command(control, 'stop')
    },
    { weights: true, place: nodeFolder({ folder, resume }) },
  )
  return { result, events }
}

/** All that does not depend on the clock. */
const numbersOf = ({ series, ...rest }: TrainResult) => ({
  ...rest,
  series: series.map(({ seconds: _, ...one }) => one),
})

describe('a training that was stopped goes on bit for bit', () => {
  test.each<[string, Partial<Experiment>]>([
    ['SGD with momentum', {}],
    ['SGD without momentum', { momentum: 0 }],
    ['AdamW on a schedule, clipped', { optimizer: 'adamw', weightDecay: 0.1, schedule: 'cosine', clip: 1 }],
    ['RMSProp', { optimizer: 'rmsprop', learningRate: 0.001, warmup: 50 }],
    ['Adam', { optimizer: 'adam', learningRate: 0.002 }],
    ['dropout and stochastic depth', { block: [noisy], remedies: ['none'] }],
    ['through several epochs', { batch: 1500 }],
    ['samples augmented', { augmentShift: 4, augmentNoise: 0.3, remedies: ['rsqrt2'] }],
    ['networks that are lost', { remedies: ['none', 'batch-norm'], blocks: 20, learningRate: 0.3 }],
  ])('%s', async (_, changes) => {
    const experiment = experimentWith(changes)
    const { result: whole } = await train(experiment, false)
    for (const [i, stopAt] of [35, 90].entries()) {
      const { finished, steps } = (await train(experiment, i > 0, stopAt)).result
      expect(finished).toBe(false)
      expect(steps).toBeLessThan(150)
    }
    const { result, events } = await train(experiment, true)
    expect(numbersOf(result)).toEqual(numbersOf(whole))
    // Whoever watches only now sees all of it.
    const evaluated = events.filter((event) => event.type === 'evaluated').map(({ step }) => step)
    expect(evaluated).toEqual([0, 30, 60, 90, 120, 150])
  })

  test('also where steps have left their statistics out', async () => {
    const experiment = experimentWith({ blocks: 1, width: 8, steps: 640, evaluateEvery: 160 })
    const { result: whole } = await train(experiment, false)
    await train(experiment, false, 200)
    expect(numbersOf((await train(experiment, true)).result)).toEqual(numbersOf(whole))
  })

  test('one that was finished is finished', async () => {
    const experiment = experimentWith({})
    const { result: whole } = await train(experiment, false)
    expect(numbersOf((await train(experiment, true)).result)).toEqual(numbersOf(whole))
  })

  test('one that was interrupted before its first checkpoint begins anew', async () => {
    const experiment = experimentWith({ steps: 20 })
    const { result } = await train(experiment, true)
    expect(result).toMatchObject({ finished: true, steps: 20 })
  })
})

describe('a training whose process is killed twice goes on bit for bit', () => {
  // Beside node_modules, where the bundle finds TensorFlow.js.
  const cache = path.join(import.meta.dirname, '../../../.cache')
  let bundle: string
  beforeAll(async () => {
    fs.mkdirSync(cache, { recursive: true })
    bundle = fs.mkdtempSync(path.join(cache, 'killed-'))
    await build({
      configFile: false,
      logLevel: 'error',
      build: {
        ssr: path.join(import.meta.dirname, 'killed.ts'),
        outDir: bundle,
        target: 'node20',
        rollupOptions: {
          external: [/^@tensorflow\//],
          output: { format: 'es', entryFileNames: 'killed.mjs' },
        },
      },
      ssr: { noExternal: true, external: ['@tensorflow/tfjs', '@tensorflow/tfjs-node-gpu'] },
    })
  })
  afterAll(() => fs.rmSync(bundle, { recursive: true, force: true }))

  test.each<[string, Partial<Experiment>]>([
    ['SGD, batch norm', { remedies: ['batch-norm'] }],
    ['AdamW, noise', { block: [noisy], remedies: ['none'], optimizer: 'adamw', learningRate: 0.002 }],
  ])('%s', async (_, changes) => {
    const experiment = experimentWith(changes)
    const { result: whole } = await train(experiment, false)
    fs.rmSync(file())
    for (const step of [30, 80]) {
      const args = [path.join(bundle, 'killed.mjs'), folder, String(step), JSON.stringify(experiment)]
      const { signal, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
      expect(signal, stderr).toBe('SIGKILL')
    }
    expect(numbersOf((await train(experiment, true)).result)).toEqual(numbersOf(whole))
  })
})

describe('a checkpoint', () => {
  test('of another training, or with numbers that do not fit, is refused in one line', async () => {
    await train(experimentWith({}), false, 40)
    await expect(train(experimentWith({ seed: 5 }), true)).rejects.toThrow(
      'checkpoint: training cannot go on from it: its experiment is another. Train anew',
    )
    const text = fs.readFileSync(file(), 'latin1')
    fs.writeFileSync(file(), text.replace('\\"step\\":', '\\"stop\\":'), 'latin1')
    await expect(train(experimentWith({}), true)).rejects.toThrow('its state is none of a training')
    fs.writeFileSync(file(), text.replace('series.1.stem.', 'series.1.stum.'), 'latin1')
    await expect(train(experimentWith({}), true)).rejects.toThrow(
      /"series\.1\.stem\.[^"]*" has another shape/,
    )
  })

  test('that cannot be written is told, the last stays, and training goes on to the same end', async () => {
    const experiment = experimentWith({})
    const { result: whole } = await train(experiment, false)
    const before = fs.readFileSync(file())
    // No place for the file that is to take its place: a folder is in the way of every name.
    fs.rmSync(folder, { recursive: true })
    fs.writeFileSync(folder, before)
    const { result, events } = await train(experiment, false)
    const told = events.filter((event) => event.type === 'checkpoint')
    expect(told).toHaveLength(1)
    expect(told[0].problem).toMatch(/^The checkpoint could not be written: .* Training goes on; the last/)
    expect(numbersOf(result)).toEqual(numbersOf(whole))
    expect(fs.readFileSync(folder)).toEqual(before)
  })
})
