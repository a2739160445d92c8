import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { keptTraining } from '../../main/trainer/engine/checkpoint/training-checkpoint'
import { createControl } from '../../main/trainer/engine/control'
import { readMemoryOf } from '../../main/trainer/engine/machine-memory'
import { prepareSeries } from '../../main/trainer/engine/prepared-series'
import { trainNetworks, type TrainOptions } from '../../main/trainer/engine/train'
import { WholeSteps, type Steps } from '../../main/trainer/engine/training-steps'
import {
  TOLERANCE,
  choiceOf,
  difference,
  measuredXla,
  worthTrying,
  type Timed,
} from '../../main/trainer/engine/training-xla'
import { NODE_MEMORY } from '../../main/trainer/node-memory'
import { nodeFolder } from '../../main/trainer/node-folder'
import { convolutional } from '../../shared/block/convolutional'
import { presetNamed } from '../../shared/block/presets'
import { trainingExperiment } from '../../shared/experiment/experiment'
import type { BlockGraph } from '../../shared/graph/block-graph'
import { xlaWords } from '../../shared/runs/computed'
import type { Experiment } from '../../shared/settings/experiment'
import { defaultExperiment } from '../../shared/settings/table'
import { nativeBackend } from '../compile/support'

readMemoryOf(NODE_MEMORY)
// On a CPU XLA takes seconds for each graph, and many of them on a busy one.
vi.setConfig({ testTimeout: 240_000 })

let backend: Backend
beforeAll(async () => {
  backend = await nativeBackend()
})

let folder: string
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-xla-'))))
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

const experimentWith = (changes: Partial<Experiment>): Experiment =>
  trainingExperiment({
    ...defaultExperiment(),
    ...{ blocks: 2, width: 16, trainReplicas: 2, batch: 32, steps: 8, evaluateEvery: 4, learningRate: 0.01 },
    ...changes,
  })

const train = (changes: Partial<Experiment>, options: TrainOptions, on = backend) =>
  trainNetworks(on, experimentWith(changes), createControl(), () => {}, options)

const noisy: BlockGraph = {
  ...presetNamed('relu-linear'),
  name: 'noisy',
  nodes: [
    { id: 'drop', op: 'dropout', inputs: ['input'], rate: 0.3 },
    { id: 'linear', op: 'linear', inputs: ['drop'], units: 1 },
    { id: 'sum', op: 'sum', inputs: ['input', 'linear'] },
  ],
  output: 'sum',
}

describe('steps that XLA compiles learn what TensorFlow’s own do', () => {
  test.each<[string, Partial<Experiment>]>([
    ['SGD with momentum, several series', { momentum: 0.9, remedies: ['none', 'layer-norm'] }],
    ['Adam, batch norm', { optimizer: 'adam', learningRate: 0.001, remedies: ['batch-norm'] }],
    ['AdamW, clipped', { optimizer: 'adamw', learningRate: 0.001, clip: 0.5, remedies: ['rsqrt2'] }],
    ['dropout', { block: [noisy], remedies: ['rsqrt2'] }],
    [
      'convolutions with batch norm',
      {
        ...{ data: 'digits', input: 'images', stem: 'linear', remedies: ['none'] },
        ...{ block: [convolutional(presetNamed('full-preactivation'), 2)], blocks: 1, width: 4 },
        ...{ trainReplicas: 1, batch: 16, steps: 4, evaluateEvery: 2 },
      },
    ],
  ])('%s', async (_, changes) => {
    const [plain, compiled] = [await train(changes, {}), await train(changes, { xla: true })]
    expect(plain.xla).toBeUndefined()
    expect(compiled.xla).toEqual({ used: true, times: null, why: null })
    for (const [i, { evaluations }] of plain.series.entries()) {
      const other = compiled.series[i].evaluations
      expect(other.step).toEqual(evaluations.step)
      for (const set of ['train', 'test'] as const)
        evaluations[set].loss.forEach((losses, at) =>
          losses.forEach((loss, r) => expect(Math.abs(other[set].loss[at][r] / loss - 1)).toBeLessThan(1e-4)),
        )
    }
  })
})

const timed = (each: number, first: number, ...statistics: number[]): Timed => ({
  ...{ each, first },
  statistics: [Float32Array.from(statistics.length ? statistics : STATISTICS)],
})
// One network of one block: loss, accuracy, q, v and m of h_0 and h_1, gradients, their norm, the update's.
const STATISTICS = [2, 0.5, 1, 0.5, 1e-3, 4, 2, -1e-3, 3, 1, 7, 0.01]
const SIZE = { replicas: 1, blocks: 1 }
const LONG = { steps: 10_000, graphs: 2 }

describe('the choice', () => {
  test('is the faster one, where compiling pays back in the steps that follow', () => {
    expect(choiceOf(timed(6, 100), timed(4, 9004), LONG, SIZE)).toEqual({
      ...{ used: true, times: { compiled: 4, plain: 6 }, why: null },
    })
    // 2 graphs of 9 s, less 2 of 0.094 s, are made up for by 2 ms a step from step 8,906 on.
    const few = (steps: number) => choiceOf(timed(6, 100), timed(4, 9004), { ...LONG, steps }, SIZE)
    expect(few(8907).used).toBe(true)
    expect(few(8906)).toEqual({
      ...{ used: false, times: { compiled: 4, plain: 6 } },
      why: 'compiling takes 18 s, which 8,906 steps do not make up for',
    })
    expect(choiceOf(timed(6, 100), timed(6, 10), LONG, SIZE).why).toBe('it is no faster')
  })

  test('is never what computes something else', () => {
    const other = [...STATISTICS]
    other[2] = 1.01
    const choice = choiceOf(timed(6, 100), timed(1, 10, ...other), LONG, SIZE)
    expect(choice.used).toBe(false)
    expect(xlaWords(choice)).toBe(
      'XLA, TensorFlow’s compiler, was tried and left out: 1.00 ms a step, 6.00 ms without it (medians, measured ' +
        'before the first step); a statistic of its step differs by 0.0099 of its size, and 0.0001 is allowed.',
    )
  })

  test('holds a mean against the root of the mean square, a variance against the mean square', () => {
    const differs = (at: number, by: number) =>
      difference(
        [Float32Array.from(STATISTICS)],
        [Float32Array.from(STATISTICS.map((value, i) => (i === at ? value + by : value)))],
        SIZE,
      )
    expect(differs(0, 0)).toBe(0)
    expect(differs(0, 0.5)).toBeCloseTo(0.5 / 2.5, 6)
    // Accuracy goes by whole samples.
    expect(differs(1, 0.25)).toBe(0)
    expect(differs(3, -0.25)).toBeCloseTo(0.25, 6)
    expect(differs(7, 0.5)).toBeCloseTo(0.25, 6)
    expect(differs(11, 0.01)).toBeCloseTo(0.5, 6)
    expect(differs(8, NaN)).toBe(Infinity)
    expect(differs(8, Infinity)).toBe(Infinity)
  })

  test('takes numbers that are not finite in both for equal', () => {
    const broken = [Float32Array.from([NaN, 0, Infinity, -Infinity, 0, NaN, 0, 0, 1, 1, 1, 1])]
    expect(difference(broken, [Float32Array.from(broken[0])], SIZE)).toBe(0)
  })
})

describe('a trial', () => {
  /** Steps that take these milliseconds by their clock and give these statistics. */
  const trialOf = (changes: Partial<Parameters<typeof measuredXla>[0]> = {}) => {
    const said: string[] = []
    const made: string[] = []
    const disposed: string[] = []
    const make = (runner: string) => {
      made.push(runner)
      return { dispose: () => disposed.push(runner) } as unknown as Steps
    }
    const trial = {
      ...{ ...LONG, blocks: 1, size: SIZE, make, say: (what: string) => void said.push(what) },
      look: () => Promise.resolve([Float32Array.from(STATISTICS)]),
      ...changes,
    }
    return { trial, said, made, disposed }
  }

  test('is not made where little follows', async () => {
    const { trial, made, said, disposed } = trialOf({ steps: 0 })
    expect(await measuredXla(trial)).toBeNull()
    expect([made, disposed, said]).toEqual([['kernels'], ['kernels'], []])
  })

  test('is worth a fifth of the steps to come, and nothing below a minute of them', () => {
    expect(worthTrying({ blocks: 3 })).toBe(60_000)
    expect(worthTrying({ blocks: 100 })).toBe(500_000)
  })

  test('tells what it does, and leaves nothing behind, also where XLA fails', async () => {
    let runs = 0
    const look = () => {
      if (++runs > 7) return Promise.reject(new Error('No such op\nand more'))
      return Promise.resolve([Float32Array.from(STATISTICS)])
    }
    const { trial, made, said, disposed } = trialOf({ look })
    const choice = await measuredXla(trial, 0)
    expect(choice).toEqual({ used: false, times: null, why: 'it does not compile these steps (No such op)' })
    expect(xlaWords(choice!)).toBe(
      'XLA, TensorFlow’s compiler, was tried and left out: it does not compile these steps (No such op).',
    )
    expect([made, disposed]).toEqual([
      ['kernels', 'xla'],
      ['kernels', 'xla'],
    ])
    expect(said).toEqual(['trying steps compiled by XLA'])
  })

  test('of real steps agrees to far less than is allowed, and changes no network', async () => {
    const experiment = experimentWith({ remedies: ['rsqrt2', 'batch-norm'], steps: 100 })
    let largest = 0
    const between: NonNullable<TrainOptions['between']> = async (networks, step) => {
      if (step !== 1) return
      const series = networks.map(({ parameters }) => parameters)
      const before = await Promise.all(networks.map((network) => network.trained()))
      const x = Float32Array.from({ length: experiment.batch * 40 }, (_, i) => Math.sin(i))
      const y = Float32Array.from({ length: experiment.batch * 10 }, (_, i) => Number(i % 10 === 3))
      const seen: Float32Array[][] = []
      const choice = await measuredXla(
        {
          ...{ ...LONG, blocks: 2, size: experiment, say: () => {} },
          make: (runner) => new WholeSteps(series, runner),
          async look(steps) {
            seen.push(await steps.run('look', x, y, step))
            return seen.at(-1)!
          },
        },
        0,
      )
      expect(choice!.times).not.toBeNull()
      expect(seen).toHaveLength(14)
      largest = difference(seen[1], seen[13], experiment)
      expect(await Promise.all(networks.map((network) => network.trained()))).toEqual(before)
    }
    await trainNetworks(backend, experiment, createControl(), () => {}, { between, until: 2 })
    // Not the same operations, nor the same bits.
    expect(largest).toBeGreaterThan(0)
    expect(largest).toBeLessThan(TOLERANCE / 10)
  })
})

describe('a training', () => {
  /** TensorFlow with no XLA: whatever is to be compiled is refused at load. */
  const withoutXla = (): Backend => ({
    ...backend,
    loadGraph(binding, model) {
      if (Buffer.from(model).includes('_XlaMustCompile')) throw new Error('XLA is not linked')
      return backend.loadGraph!(binding, model)
    },
  })

  test('goes on with TensorFlow’s own graph where XLA does not compile its steps, and says so', async () => {
    const [refused, plain] = [await train({}, { xla: true }, withoutXla()), await train({}, {})]
    expect(refused.xla).toEqual({
      ...{ used: false, times: null },
      why:
        'it does not compile these steps (TensorFlow refused the graph of step "step", "probed step", "look": ' +
        'XLA is not linked)',
    })
    const losses = (result: typeof plain) => result.series.map(({ evaluations }) => evaluations.train.loss)
    expect(losses(refused)).toEqual(losses(plain))
  })

  const place = (resume: boolean) => nodeFolder({ folder, resume })
  const kept = (changes: Partial<Experiment>) => {
    const experiment = experimentWith(changes)
    return keptTraining(place(true), experiment, prepareSeries(experiment).length)
  }
  const lossesOf = (result: Awaited<ReturnType<typeof train>>) =>
    result.series.map(({ evaluations }) => [evaluations.train.loss, evaluations.test.loss])

  test.each([true, false])('that goes on computes as it began: compiled by XLA %s', async (xla) => {
    const changes = { remedies: ['batch-norm'], steps: 12 }
    const whole = await train(changes, { xla })
    const begun = await train(changes, { xla, until: 5, place: place(false) })
    expect(begun.steps).toBe(5)
    expect((await kept(changes))!.xla).toEqual(xla ? { used: true, times: null, why: null } : null)
    // Whatever would be chosen now.
    const ended = await train(changes, { xla: xla ? false : 'measured', place: place(true) })
    expect(ended.xla).toEqual(whole.xla)
    expect(ended.steps).toBe(12)
    const last = (result: typeof ended) => lossesOf(result).map((sets) => sets.map((losses) => losses.at(-1)))
    expect(last(ended)).toEqual(last(whole))
  })

  test('is never tried on a CPU, nor where nothing of it is kept', async () => {
    expect(backend.triesXla).toBeUndefined()
    const onGpu = { ...backend, triesXla: true }
    expect((await train({ steps: 2 }, {}, onGpu)).xla).toBeUndefined()
    // There it is measured; these few steps are not worth it.
    expect((await train({ steps: 2 }, { place: place(false) }, onGpu)).xla).toBeUndefined()
  })

  test('in segments leaves XLA out', async () => {
    const way = { segment: 2, bytes: 0, instead: null }
    expect((await train({ blocks: 4, steps: 2 }, { xla: true, way })).xla).toBeUndefined()
  })
})
