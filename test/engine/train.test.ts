import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { command, createControl } from '../../main/trainer/engine/control'
import { prepareSeries } from '../../main/trainer/engine/prepared-series'
import { TrainableSeries } from '../../main/trainer/engine/trainable-series'
import { Batches } from '../../main/trainer/engine/training-batches'
import type { Mode } from '../../main/trainer/engine/training-step'
import { WholeSteps } from '../../main/trainer/engine/training-steps'
import { trainNetworks } from '../../main/trainer/engine/train'
import { crossEntropy, meanSquaredError } from '../../main/trainer/engine/loss'
import { defaultExperiment } from '../../shared/settings/table'
import { trainingExperiment } from '../../shared/experiment/experiment'
import type { Experiment } from '../../shared/settings/experiment'
import type { TrainEvent, TrainFrame } from '../../shared/protocol/protocol'
import { summarisePoint } from '../../shared/numerics/statistics'
import { testBackend } from './backend'

let backend: Backend
beforeAll(async () => {
  backend = await testBackend()
})

const experimentWith = (changes: Partial<Experiment>) =>
  trainingExperiment({
    ...defaultExperiment(),
    blocks: 3,
    width: 32,
    trainReplicas: 2,
    batch: 64,
    ...changes,
  })

async function train(changes: Partial<Experiment>) {
  const events: TrainEvent[] = []
  const result = await trainNetworks(backend, experimentWith(changes), createControl(), (event) =>
    events.push(event),
  )
  const frames = events.filter((event): event is TrainFrame => event.type === 'frame')
  return { result, events, frames }
}

test('cross-entropy and its gradient are TensorFlow.js’s own', () => {
  const { tf } = backend
  tf.tidy(() => {
    const logits = tf.randomNormal([1, 6, 10], 0, 3, 'float32', 1)
    const y = tf
      .oneHot(tf.tensor1d([3, 1, 4, 1, 5, 9], 'int32'), 10)
      .cast('float32')
      .reshape([1, 6, 10])
    const loss = (x: typeof logits) =>
      tf.losses.softmaxCrossEntropy(y.reshape([6, 10]), x.reshape([6, 10])).asScalar()
    const own = crossEntropy(tf, logits, y)
    expect(own.loss.dataSync()[0]).toBeCloseTo(loss(logits).dataSync()[0], 5)
    const expected = tf
      .grad(loss as never)(logits)
      .dataSync()
    own.gradient.dataSync().forEach((g, i) => expect(g).toBeCloseTo(expected[i], 6))
  })
})

test('the mean squared error and its gradient are TensorFlow.js’s own', () => {
  const { tf } = backend
  tf.tidy(() => {
    const outputs = tf.randomNormal([1, 6, 3], 0, 2, 'float32', 1)
    const y = tf.randomNormal([1, 6, 3], 0, 1, 'float32', 2)
    const loss = (x: typeof outputs) => tf.losses.meanSquaredError(y, x).asScalar()
    const own = meanSquaredError(tf, outputs, y)
    const expected = loss(outputs).dataSync()[0]
    expect(own.loss.dataSync()[0]).toBeCloseTo(expected, 5)
    expect(own.accuracy.dataSync()[0]).toBeCloseTo(1 - expected, 5)
    const gradient = tf
      .grad(loss as never)(outputs)
      .dataSync()
    own.gradient.dataSync().forEach((g, i) => expect(g).toBeCloseTo(gradient[i], 6))
  })
})

describe('training', () => {
  test('learns: the loss falls and the accuracy rises for every remedy that keeps the signal in bounds', async () => {
    const { result, frames } = await train({
      steps: 400,
      remedies: ['rsqrt2', 'batch-norm', 'skipinit'],
      learningRate: 0.02,
    })
    expect(result).toMatchObject({ finished: true, steps: 400 })
    const [first, last] = [frames[0], frames.at(-1)!]
    expect([first.step, last.step]).toEqual([0, 400])
    last.series.forEach((series, i) => {
      expect(series.loss.mean).toBeLessThan(first.series[i].loss.mean)
      expect(series.accuracy.mean).toBeGreaterThan(0.35)
    })
  })

  test('the first frame is the initialisation: SkipInit’s stream is its stem’s, and its p is 1', async () => {
    const { frames } = await train({ steps: 2, remedies: ['skipinit', 'none'] })
    const [{ q, p }, plain] = frames[0].series
    expect(q.mean[3]).toBe(q.mean[0])
    expect(p.mean[0]).toBe(1)
    expect(plain.q.mean[3]).toBeGreaterThan(q.mean[3] * 3)
    // The stems coincide: comparisons are paired.
    expect(plain.q.mean[0]).toBe(q.mean[0])
  })

  test('Fixup’s classifier starts at 0: the untrained loss is ln 10, and p begins with the first update', async () => {
    const { result, frames } = await train({ steps: 2, remedies: ['fixup', 'skipinit'], evaluateEvery: 1 })
    const [{ evaluations }, other] = result.series
    for (const part of ['train', 'test'] as const) {
      for (const loss of evaluations[part].loss[0]) expect(loss).toBeCloseTo(Math.log(10), 6)
      expect(other.evaluations[part].loss[0][0]).not.toBeCloseTo(Math.log(10), 2)
    }
    expect(frames[0].series[0].p.mean.every(Number.isNaN)).toBe(true)
    expect(frames[0].series[0].weightGradientNorm2.mean).toEqual([0, 0, 0])
    // What reaches the top reaches the bottom: every branch is 0 still.
    expect(frames[1].series[0].p.mean).toEqual([1, 1, 1, 1].map((one) => expect.closeTo(one, 2)))
  })

  test.each([
    ['1/√2', { remedies: ['rsqrt2'] }],
    ['batch normalisation', { remedies: ['batch-norm'] }],
    ['layer normalisation', { remedies: ['layer-norm'] }],
    ['Nesterov, clipped', { nesterov: 'on', clip: 0.5, weightDecay: 0.01 }],
    [
      'AdamW, clipped, on a schedule',
      { optimizer: 'adamw', clip: 0.5, weightDecay: 0.1, schedule: 'one-cycle' },
    ],
    ['Adam', { optimizer: 'adam', labelSmoothing: 0.1 }],
    ['RMSProp', { optimizer: 'rmsprop', learningRate: 0.001 }],
  ] as [string, Partial<Experiment>][])(
    'same seed, same training, however often it is looked at: %s',
    async (_, changes) => {
      /** @param wait after each event, so that the next step is a frame's */
      const last = async (wait: number) => {
        const frames: TrainFrame[] = []
        await trainNetworks(
          backend,
          experimentWith({ steps: 20, evaluateEvery: 10, ...changes }),
          createControl(),
          (event) => {
            const until = performance.now() + wait
            while (performance.now() < until);
            if (event.type === 'frame') frames.push(event)
          },
        )
        return { count: frames.length, frame: frames.at(-1)! }
      }
      const [often, seldom] = [await last(70), await last(0)]
      expect(often.count).toBeGreaterThan(seldom.count)
      expect(often.frame).toEqual(seldom.frame)
    },
  )

  test.each(['rsqrt2', 'batch-norm', 'layer-norm'])(
    'a step is the same with its statistics and without: %s',
    async (remedy) => {
      const experiment = experimentWith({ remedies: [remedy] })
      const [prepared] = prepareSeries(experiment)
      const batches = new Batches(experiment)
      const after = async (mode: (step: number) => Mode) => {
        const series = new TrainableSeries(backend, prepared, experiment)
        const steps = new WholeSteps([series.parameters])
        const { x, y } = batches.at(0)
        await steps.record('probed step', x, y)
        await steps.record('step', x, y)
        for (let step = 0; step < 12; step++) {
          const own = batches.at(step)
          await steps.run(mode(step), own.x, own.y, step)
        }
        const arrays = await Promise.all(series.arrays('').map((array) => array.values()))
        const values = arrays.map((array) => [...array])
        steps.dispose()
        series.dispose()
        return values
      }
      const plain = await after(() => 'step')
      expect(await after(() => 'probed step')).toEqual(plain)
      expect(await after((step) => (step % 3 ? 'step' : 'probed step'))).toEqual(plain)
    },
  )

  test('a diverging network is reported once, with what broke and when', async () => {
    const { events, result } = await train({ steps: 60, blocks: 20, learningRate: 0.05 })
    const found = events.filter((event) => event.type === 'non-finite')
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({ series: 0, quantity: 'parameter' })
    expect((found[0] as { before: number }).before).toBeGreaterThan(1)
    expect(result.finished).toBe(true)
  })

  test('stops between two steps and says how far it came', async () => {
    const control = createControl()
    const result = await trainNetworks(backend, experimentWith({ steps: 1000 }), control, (event) => {
      if (event.type === 'frame') command(control, 'stop')
    })
    expect(result).toMatchObject({ finished: false, steps: 1 })
  })

  test('is evaluated before the first step, every so many, and after the last; each has its frame', async () => {
    const { result, events } = await train({
      steps: 25,
      evaluateEvery: 10,
      remedies: ['rsqrt2', 'batch-norm'],
    })
    const evaluated = events.filter((event) => event.type === 'evaluated')
    expect(evaluated.map(({ step }) => step)).toEqual([0, 10, 20, 25])
    expect(result.frames.map(({ step }) => step)).toEqual([0, 10, 20, 25])
    result.series.forEach(({ evaluations, test: final, parameters, skip }, i) => {
      expect(evaluations.step).toEqual([0, 10, 20, 25])
      expect(evaluations.test.loss).toEqual(evaluated.map(({ series }) => series[i].test.loss))
      expect(evaluations.train.error.every((errors) => errors.length === 2)).toBe(true)
      expect(final!.loss).toEqual(summarisePoint(evaluations.test.loss[3]))
      expect(evaluations.train.loss[3][0]).toBeLessThan(evaluations.train.loss[0][0])
      expect(skip).toBe('on')
      expect(parameters).toBeGreaterThan(3 * 32 * 32)
    })
  })

  test('a stopped training is evaluated where it stood', async () => {
    const control = createControl()
    const result = await trainNetworks(backend, experimentWith({ steps: 1000 }), control, (event) => {
      if (event.type === 'frame' && event.step > 5) command(control, 'stop')
    })
    const [{ evaluations, test: final }] = result.series
    expect(result.finished).toBe(false)
    expect(evaluations.step.at(-1)).toBe(result.steps)
    expect(result.frames.at(-1)!.step).toBe(result.steps)
    expect(final!.error.mean).toBeGreaterThan(0)
    // One that is to end there is this one, to the last number, and was not stopped.
    const again = await trainNetworks(backend, experimentWith({ steps: 1000 }), createControl(), () => {}, {
      until: result.steps,
    })
    expect(again).toMatchObject({ finished: true, steps: result.steps })
    expect(again.series[0].evaluations).toEqual(evaluations)
  })

  test('a step that nothing changes has an update of no size; the ratio is the rate’s share at first', async () => {
    const ratio = async (learningRate: number) =>
      (await train({ steps: 1, learningRate })).frames[0].series[0].updateRatio.mean
    expect(await ratio(0)).toEqual([0, 0, 0])
    const [one, two] = [await ratio(0.01), await ratio(0.02)]
    two.forEach((value, k) => expect(value).toBeCloseTo(2 * one[k], 6))
    expect(Math.min(...one)).toBeGreaterThan(1e-5)
  })

  test('no tensor is left behind, during 1,000 steps or after', async () => {
    const before = backend.tf.memory().numTensors
    const counts = new Set<number>()
    const experiment = experimentWith({
      steps: 1000,
      blocks: 1,
      width: 8,
      replicas: 1,
      batch: 8,
      remedies: ['batch-norm'],
    })
    await trainNetworks(backend, experiment, createControl(), (event) => {
      if (event.type === 'frame' && event.step > 1 && event.step < 1000)
        counts.add(backend.tf.memory().numTensors)
    })
    expect(counts.size).toBe(1)
    expect(backend.tf.memory().numTensors).toBe(before)
  })
})
