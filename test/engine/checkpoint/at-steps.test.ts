import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Backend } from '../../../main/trainer/backend'
import {
  agreesWithRun,
  keptOrRefused,
  lookAtSteps,
  stepsOf,
  type AtStep,
} from '../../../main/trainer/engine/checkpoint/at-steps'
import type { TrainingState } from '../../../main/trainer/engine/checkpoint/training-state'
import { command, createControl } from '../../../main/trainer/engine/control'
import { prepareSeries } from '../../../main/trainer/engine/prepared-series'
import { shatterOfTrained } from '../../../main/trainer/engine/shatter-trained'
import { takeStatistics } from '../../../main/trainer/engine/training-evaluation'
import { trainNetworks } from '../../../main/trainer/engine/train'
import { nodeFolder } from '../../../main/trainer/node-folder'
import { presetNamed } from '../../../shared/block/presets'
import { trainingExperiment } from '../../../shared/experiment/experiment'
import type { ProgressEvent } from '../../../shared/protocol/protocol'
import type { BlockGraph } from '../../../shared/graph/block-graph'
import { noEvaluations } from '../../../shared/network/results'
import type { TrainedWeights } from '../../../shared/network/trained-weights'
import type { Experiment } from '../../../shared/settings/experiment'
import { defaultExperiment } from '../../../shared/settings/table'
import type { LookedStep } from '../../../shared/shatter/steps'
import { lookedSamples, trainedShatter } from '../../../shared/shatter/trained'
import { testBackend } from '../backend'

let backend: Backend
beforeAll(async () => {
  backend = await testBackend()
})

let folder: string
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-steps-'))))
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

const experimentWith = (changes: Partial<Experiment>): Experiment =>
  trainingExperiment({
    ...defaultExperiment(),
    ...{ blocks: 2, width: 12, trainReplicas: 2, batch: 64, steps: 40, evaluateEvery: 10 },
    remedies: ['none', 'batch-norm'],
    ...changes,
  })

const noisy: BlockGraph = {
  ...presetNamed('practical'),
  name: 'noisy',
  nodes: [
    { id: 'drop', op: 'dropout', inputs: ['input'], rate: 0.3 },
    { id: 'linear', op: 'linear', inputs: ['drop'], units: 1 },
    { id: 'sum', op: 'sum', inputs: ['input', 'linear'] },
  ],
  output: 'sum',
}

/** A run of its own folder that ends after so many updates. */
async function runUntil(name: string, experiment: Experiment, until: number, xla = false) {
  const own = path.join(folder, name)
  fs.mkdirSync(own)
  await trainNetworks(backend, experiment, createControl(), () => {}, {
    ...{ until, xla, place: nodeFolder({ folder: own, resume: false }) },
  })
  return nodeFolder({ folder: own, resume: true, isReadOnly: true })
}

type Place = Awaited<ReturnType<typeof runUntil>>

/** Parameters of every series at chosen steps of a run. */
async function weightsAt(experiment: Experiment, place: Place, wanted: readonly LookedStep[]) {
  const prepared = prepareSeries(experiment)
  const kept = await keptOrRefused(place, experiment, prepared.length)
  const steps = stepsOf(kept, wanted)
  const xla = kept.xla?.used ?? false
  const found: { at: AtStep; weights: TrainedWeights[] }[] = []
  const trained = { backend, experiment, prepared, xla, control: createControl(), emit: () => {} }
  await lookAtSteps(trained, place, steps, async (networks, at) => {
    const weights: TrainedWeights[] = []
    for (const network of networks) {
      // Statistics of batch norm are no parameters: they are there once they are taken.
      await takeStatistics(network)
      weights.push(await network.trained())
    }
    found.push({ at, weights })
  })
  return found
}

const shatterAt = (
  experiment: Experiment,
  place: Place,
  steps: readonly LookedStep[],
  line = { from: 0, to: 1 },
) =>
  shatterOfTrained({
    ...{ backend, experiment, place, steps, line, control: createControl(), emit: () => {} },
    settings: { ...trainedShatter(), points: 16 },
  })

describe('networks of a run at any of its steps', () => {
  test.each<[string, Partial<Experiment>, number]>([
    ['SGD with momentum', { momentum: 0.9 }, 20],
    ['Adam, a warm-up and a cosine', { optimizer: 'adam', schedule: 'cosine', warmup: 5 }, 13],
    ['dropout', { block: [noisy], remedies: ['none'] }, 20],
    ['with patience', { patience: 3 }, 20],
    ['steps that leave their statistics out', { steps: 660, width: 4, evaluateEvery: 200 }, 610],
  ])(
    '%s: step K of a run is, to the last bit, what a run that ended at K keeps',
    async (_, changes, step) => {
      const experiment = experimentWith(changes)
      const whole = await runUntil('whole', experiment, Infinity)
      const ended = await runUntil('ended', experiment, step)
      const [again, ...more] = await weightsAt(experiment, whole, [step])
      const [kept] = await weightsAt(experiment, ended, ['last'])
      expect(more).toEqual([])
      expect([again.at, kept.at]).toEqual([
        { step, isReplayed: true },
        { step, isReplayed: false },
      ])
      expect(again.weights).toEqual(kept.weights)
    },
  )

  test('of one whose steps XLA compiled they are trained again by XLA', async () => {
    const experiment = experimentWith({ remedies: ['batch-norm'], steps: 20 })
    const compiled = await runUntil('compiled', experiment, Infinity, true)
    const plain = await runUntil('plain', experiment, Infinity)
    const agreed = async (place: Place) => (await shatterAt(experiment, place, [10])).series[0].learned
    expect(await agreed(compiled)).toMatchObject({ isReplayed: true, agrees: true })
    expect(await agreed(plain)).toMatchObject({ isReplayed: true, agrees: true })
    const [one, other] = [compiled, plain].map((place) => weightsAt(experiment, place, ['last']))
    // They round otherwise: so it matters which is run again.
    expect((await one)[0].weights).not.toEqual((await other)[0].weights)
  })

  test('all that is measured of them is the same, too, and the checkpoint stays as it is', async () => {
    const experiment = experimentWith({})
    const whole = await runUntil('whole', experiment, Infinity)
    const ended = await runUntil('ended', experiment, 20)
    const file = path.join(folder, 'whole/checkpoint.safetensors')
    const before = fs.readFileSync(file)
    const { numTensors } = backend.tf.memory()
    const { series, finished } = await shatterAt(experiment, whole, ['last', 20, 0])
    expect(backend.tf.memory().numTensors).toBe(numTensors)
    expect(fs.readFileSync(file).equals(before)).toBe(true)
    expect(finished).toBe(true)
    expect(
      series.map(({ step, remedy, learned }) => [step, remedy, learned!.isReplayed, learned!.agrees]),
    ).toEqual([
      [0, 'none', true, true],
      [0, 'batch-norm', true, true],
      [20, 'none', true, true],
      [20, 'batch-norm', true, true],
      [40, 'none', false, null],
      [40, 'batch-norm', false, null],
    ])
    const { series: kept } = await shatterAt(experiment, ended, ['last'])
    const without = (all: typeof series) =>
      all.map(({ learned, ...rest }) => ({ ...rest, ...learned, isReplayed: null, agrees: null }))
    expect(without(series.slice(2, 4))).toEqual(without(kept))
    expect(series[0].correlation).not.toBe(series[4].correlation)
  })

  test('gradients at an evaluation are what the training itself measures there', async () => {
    const experiment = experimentWith({ shattering: 'on' })
    const place = await runUntil('whole', experiment, Infinity)
    const { evaluations } = await keptOrRefused(place, experiment, 2)
    const { series } = await shatterAt(experiment, place, [0, 10])
    for (const [i, { learned, step }] of series.entries()) {
      const own = evaluations[i % 2]
      const at = own.step.indexOf(step!)
      expect(learned!.correlations).toEqual(own.shattering![at]!.correlation)
      expect(learned!.train).toEqual({ loss: own.train.loss[at], error: own.train.error[at] })
      expect(learned!.test).toEqual({ loss: own.test.loss[at], error: own.test.error[at] })
    }
  })

  test('one progress covers all looks and the training between them, and says no evaluation that is none', async () => {
    const experiment = experimentWith({})
    const place = await runUntil('whole', experiment, Infinity)
    const told: ProgressEvent[] = []
    await shatterOfTrained({
      ...{ backend, experiment, place, steps: [0, 30, 'last'], line: { from: 0, to: 1 } },
      ...{ settings: { ...trainedShatter(), points: 16 }, control: createControl() },
      emit: (event) => event.type === 'progress' && told.push(event),
    })
    const looked = lookedSamples(experiment, 16)
    expect(looked).toEqual({ evaluated: 5000, correlated: 640, all: 5656 })
    const total = 2 * (3 * looked.all + 30 * experiment.batch)
    expect(new Set(told.map((one) => `${one.unit} ${one.total}`))).toEqual(new Set([`samples ${total}`]))
    const done = told.map((one) => one.done)
    expect(done).toEqual([...done].sort((a, b) => a - b))
    expect(done.at(-1)).toBe(total)
    expect(told.filter(({ message }) => message.startsWith('evaluating'))).toEqual([])
  })

  test('a stop ends it with what was measured by then', async () => {
    const experiment = experimentWith({})
    const place = await runUntil('whole', experiment, 40)
    const control = createControl()
    const { finished, series } = await shatterOfTrained({
      ...{ backend, experiment, place, steps: [0, 30, 'last'], line: { from: 0, to: 1 }, control },
      settings: { ...trainedShatter(), points: 16 },
      emit: (event) => event.type === 'shattered' && event.series === 1 && command(control, 'stop'),
    })
    expect([finished, series.map(({ step }) => step)]).toEqual([false, [0, 0]])
  })
})

describe('steps that a run cannot give', () => {
  const kept = (changes: Partial<TrainingState>): TrainingState => ({
    ...{ step: 40, seconds: 3, frames: { frames: [], seen: 0, lastIsBetween: false } },
    ...{ failures: { found: [null], lastLoss: [NaN] }, evaluations: [noEvaluations()], series: [] },
    ...{ xla: null, ...changes },
  })

  test('beyond its last', () => {
    expect(() => stepsOf(kept({}), [0, 41])).toThrow(
      '--steps: the run’s networks have made 40 updates, and step 41 is beyond them. Give steps from 0 to 40, or last.',
    )
    expect(stepsOf(kept({}), ['last', 40, 0])).toEqual([
      { step: 0, isReplayed: true },
      { step: 40, isReplayed: false },
    ])
  })

  test('of networks from elsewhere only the last is known, and its number where the file said it', () => {
    const elsewhere = (step: number) => kept({ step, seconds: 0 })
    expect(stepsOf(elsewhere(0), ['last'])).toEqual([{ step: null, isReplayed: false }])
    expect(stepsOf(elsewhere(40), ['last', 40])).toEqual([{ step: 40, isReplayed: false }])
    for (const [state, step] of [
      [elsewhere(40), 0],
      [elsewhere(0), 0],
    ] as const)
      expect(() => stepsOf(state, [step])).toThrow(
        '--steps: these networks were trained elsewhere, and how is not known: they cannot be trained again up to ' +
          'step 0. Give last, or name a run that the lab has trained.',
      )
  })

  test('a loss that is another than the run’s is told from one that it has not', () => {
    const evaluations = [
      {
        ...noEvaluations(),
        step: [0, 10],
        train: {
          loss: [
            [2, 3],
            [1, NaN],
          ],
          error: [],
        },
      },
    ]
    const state = kept({ evaluations })
    const agrees = (step: number | null, loss: number[]) => agreesWithRun(state, 0, step, loss)
    expect([agrees(10, [1, NaN]), agrees(10, [1, 2]), agrees(5, [1, 2]), agrees(null, [1])]).toEqual([
      ...[true, false, null, null],
    ])
  })
})
