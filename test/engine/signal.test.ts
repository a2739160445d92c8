import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { command, createControl } from '../../main/trainer/engine/control'
import { measureSignal } from '../../main/trainer/engine/signal'
import { defaultExperiment } from '../../shared/settings/table'
import { openingExperiment } from '../../shared/experiment/experiment'
import type { Experiment } from '../../shared/settings/experiment'
import type { BlockGraph } from '../../shared/graph/block-graph'
import type { SignalEvent } from '../../shared/protocol/protocol'
import { testBackend } from './backend'

let backend: Backend
beforeAll(async () => {
  backend = await testBackend()
})

async function measure(changes: Partial<Experiment>, emit: (event: SignalEvent) => void = () => {}) {
  return (await measureSignal(backend, { ...defaultExperiment(), ...changes }, createControl(), emit)).series
}

const meanLog = (values: number[]) => values.reduce((sum, x) => sum + Math.log(x), 0) / values.length

describe('known answers', () => {
  test('type 2, n = 500, L = 10, 60 nets: q_L and p_0 are 1024, with 1/√2 both are 1, within 12 %', async () => {
    const [none, rsqrt2] = await measure({
      width: 500,
      blocks: 10,
      replicas: 60,
      batch: 16,
      remedies: ['none', 'rsqrt2'],
    })
    for (const [series, expected] of [
      [none, 1024],
      [rsqrt2, 1],
    ] as const) {
      expect(Math.abs(series.q.mean[10] / expected - 1)).toBeLessThan(0.12)
      expect(Math.abs(series.p.mean[0] / expected - 1)).toBeLessThan(0.12)
    }
    // Paired: the same weights, so the second curve is the first one divided by 2 per block, to float32 rounding.
    expect((rsqrt2.q.mean[10] * 1024) / none.q.mean[10]).toBeCloseTo(1, 4)
  })

  test('1/√2 on the skip alone: q and p grow by 1/2 + 1 at every block, n = 500, L = 10, within 12 %', async () => {
    const [{ q, p }] = await measure({
      width: 500,
      blocks: 10,
      replicas: 60,
      batch: 16,
      remedies: ['rsqrt2-skip'],
    })
    expect(Math.abs(q.mean[10] / 1.5 ** 10 - 1)).toBeLessThan(0.12)
    expect(Math.abs(p.mean[0] / 1.5 ** 10 - 1)).toBeLessThan(0.12)
  })

  test('type 2 with batch norm: per block q gains 1.00 ± .02 and v gains .682 ± .02', async () => {
    const [{ q, v }] = await measure({ width: 400, blocks: 20, replicas: 20, remedies: ['batch-norm'] })
    expect(Math.abs((q.mean[20] - q.mean[0]) / 20 - 1)).toBeLessThan(0.02)
    expect(Math.abs((v.mean[20] - v.mean[0]) / 20 - 0.682)).toBeLessThan(0.02)
  })

  test('batch-normalised plain net: gradient amplitude times 1.2112 ± .02 per layer (n = B = 256)', async () => {
    const [{ p }] = await measure({
      width: 256,
      batch: 256,
      blocks: 20,
      replicas: 4,
      skip: 'off',
      remedies: ['batch-norm'],
    })
    // The layer at the top sees a Gaussian gradient that no ReLU has masked; count from the one below.
    expect(Math.abs((p.median[1] / p.median[19]) ** (1 / 36) - 1.2112)).toBeLessThan(0.02)
  })

  test('plain He net, n = 100, L = 20: Var ln q = 1.0 ± .25 over 1,000 nets', async () => {
    const [{ q }] = await measure({ width: 100, blocks: 20, replicas: 1000, batch: 1, skip: 'off' })
    // ln q is close to normal: its 5th and 95th percentile lie 2 × 1.645 standard deviations apart.
    const deviation = Math.log(q.high[20] / q.low[20]) / (2 * 1.645)
    expect(Math.abs(deviation ** 2 - 1)).toBeLessThan(0.25)
  })

  test('measured means follow theory for every preset, at the width where they should', async () => {
    const block = [
      'linear-relu',
      'relu-linear',
      'practical',
      'bottleneck',
      'original',
      'relu-before-addition',
    ]
    const series = await measure({
      block: [...block, 'full-preactivation'],
      width: 400,
      blocks: 4,
      replicas: 12,
      batch: 64,
    })
    for (const { q, m, p, theory } of series) {
      expect(Math.abs(q.mean[4] / theory.q![4] - 1)).toBeLessThan(0.05)
      expect(Math.abs(m.mean[4] - theory.m![4]) / Math.sqrt(theory.q![4])).toBeLessThan(0.05)
      // Type 1's backward outlier direction shows at finite width: only a little at four blocks.
      expect(Math.abs(p.mean[0] / theory.p![0] - 1)).toBeLessThan(0.12)
    }
  })

  test('MNIST-1D behind a stem follows its own theory', async () => {
    const [{ q, v, theory }] = await measure({
      input: 'mnist1d',
      stem: 'linear',
      width: 400,
      blocks: 3,
      replicas: 20,
      batch: 64,
    })
    expect(Math.abs(meanLog(q.mean) - meanLog(theory.q!))).toBeLessThan(0.08)
    expect(Math.abs(meanLog(v.mean) - meanLog(theory.v!))).toBeLessThan(0.1)
  })
})

describe('what is not finite is shown', () => {
  test('type 2 overflows float32: q at block 128, with the operation and the value before', async () => {
    const events: SignalEvent[] = []
    const [{ q }] = await measure({ blocks: 140, width: 64, replicas: 2, batch: 16 }, (event) =>
      events.push(event),
    )
    const first = q.mean.findIndex((x) => !Number.isFinite(x))
    expect(Math.abs(first - 128)).toBeLessThan(8)
    // Float32 ends at 3.4e38; the mean square overflows no earlier than it must.
    expect(q.mean[first - 1]).toBeGreaterThan(3.4e38 / 3)
    const found = events.find((event) => event.type === 'non-finite' && event.quantity !== 'gradient')
    expect(found).toMatchObject({
      series: 0,
      block: first,
      quantity: 'mean square',
      operation: 'mean square of h',
    })
    expect((found as { before: number }).before).toBe(q.mean[first - 1])
  })

  test('activations overflow at twice the depth; below them no gradient is defined', async () => {
    const events: SignalEvent[] = []
    const [{ q, m, p }] = await measure({ blocks: 270, width: 200, replicas: 1, batch: 16 }, (event) =>
      events.push(event),
    )
    const first = m.mean.findIndex((x) => !Number.isFinite(x))
    expect(Math.abs(first - 256)).toBeLessThan(16)
    expect(q.mean.findIndex((x) => !Number.isFinite(x))).toBeLessThan(first)
    expect(p.mean.every(Number.isNaN)).toBe(true)
    const found = events.filter((event) => event.type === 'non-finite')
    expect(found[1]).toMatchObject({
      quantity: 'gradient',
      block: 270,
      operation: 'activations that are not finite',
    })
  })

  test('the operation that overflows is named', async () => {
    const events: SignalEvent[] = []
    const scaled: BlockGraph = {
      name: 'huge',
      title: 'huge',
      description: '',
      nodes: [
        { id: 'a', op: 'scale', inputs: ['input'], factor: 1e30, text: '1e30' },
        { id: 'b', op: 'scale', inputs: ['a'], factor: 1e30, text: '1e30' },
        { id: 's', op: 'sum', inputs: ['input', 'b'] },
      ],
      output: 's',
    }
    await measure({ blocks: 1, width: 8, replicas: 1, batch: 4, block: [scaled] }, (event) =>
      events.push(event),
    )
    expect(events.find((event) => event.type === 'non-finite')).toMatchObject({
      block: 1,
      quantity: 'activation',
      operation: 'scale by 1e30 2',
      before: expect.closeTo(1, 0),
    })
  })
})

describe('a run', () => {
  test('same seed, same numbers; another seed, others', async () => {
    const small = { blocks: 3, width: 20, replicas: 3, batch: 8 }
    const [first] = await measure(small)
    expect((await measure(small))[0]).toEqual({ ...first, seconds: expect.any(Number) })
    expect((await measure({ ...small, seed: 2 }))[0].q.mean).not.toEqual(first.q.mean)
    // More replicas leave the first ones as they are: with one replica the mean is the first network.
    expect((await measure({ ...small, replicas: 1 }))[0].q.mean[0]).not.toBe(first.q.mean[0])
  })

  test('SkipInit starts as the identity: h and gradient go through unchanged', async () => {
    const [{ q, p }] = await measure({ blocks: 5, width: 30, replicas: 2, batch: 8, remedies: ['skipinit'] })
    expect(new Set(q.mean).size).toBe(1)
    expect(p.mean.every((x) => x === 1)).toBe(true)
  })

  test('events tell everything the result holds, block by block', async () => {
    const events: SignalEvent[] = []
    const series = await measure(
      { blocks: 6, width: 20, replicas: 4, batch: 8, remedies: ['none', 'batch-norm'] },
      (e) => events.push(e),
    )
    for (const event of events) {
      if (event.type === 'forward') expect(event.point.q.mean).toBe(series[event.series].q.mean[event.block])
      if (event.type === 'backward') expect(event.point.p.high).toBe(series[event.series].p.high[event.block])
    }
    expect(events.filter((event) => event.type === 'forward')).toHaveLength(14)
    expect(events.filter((event) => event.type === 'backward')).toHaveLength(14)
    expect(events.at(-1)).toMatchObject({ type: 'backward', block: 0 })
  })

  test('histogram, zeros and correlation between samples are those of the block', async () => {
    const points = new Map<number, Extract<SignalEvent, { type: 'forward' }>['point']>()
    await measure(
      { blocks: 30, width: 200, replicas: 2, batch: 32 },
      (e) => e.type === 'forward' && points.set(e.block, e.point),
    )
    expect(points.get(0)!.histogram.reduce((a, b) => a + b)).toBe(200 * 32)
    expect(points.get(0)!.zeros).toBeNull()
    expect(Math.abs(points.get(0)!.correlation!)).toBeLessThan(0.02)
    expect(Math.abs(points.get(1)!.zeros! - 0.5)).toBeLessThan(0.02)
    // Samples become alike: c' = (c + κ1(c))/2 from 0 gives 0.159, and above 0.9 after thirty blocks.
    expect(Math.abs(points.get(1)!.correlation! - 0.159)).toBeLessThan(0.03)
    expect(points.get(30)!.correlation!).toBeGreaterThan(0.8)
  })

  test('stops within one block and keeps what it has', async () => {
    const control = createControl()
    const experiment = { ...openingExperiment(), width: 20, replicas: 2 }
    let after = 0
    const result = await measureSignal(backend, experiment, control, (event) => {
      if (event.type !== 'forward') return
      if (event.block === 5) command(control, 'stop')
      if (event.block > 5) after++
    })
    expect(result.finished).toBe(false)
    expect(after).toBe(0)
    expect(Number.isFinite(result.series[0].q.mean[5])).toBe(true)
    expect(result.series[0].q.mean[6]).toBeNaN()
  })

  test('leaves no tensors behind, finished or stopped', async () => {
    const before = backend.tf.memory().numTensors
    await measure({
      blocks: 4,
      width: 20,
      replicas: 2,
      batch: 8,
      remedies: ['none', 'layer-norm'],
      init: 'pytorch',
    })
    const control = createControl()
    await measureSignal(
      backend,
      defaultExperiment(),
      control,
      (e) => e.type === 'backward' && command(control, 'stop'),
    )
    expect(backend.tf.memory().numTensors).toBe(before)
  })

  test('networks that do not fit are refused with the memory they need and what is there', async () => {
    const huge = { width: 16_384, blocks: 1000, replicas: 1000, batch: 65_536 }
    await expect(measure(huge)).rejects.toThrow(
      /^size: these networks need about [\d.,]+ GiB of memory and [\d.]+ GiB is free\. Lower the depth, the width, the batch or the replicas\.$/,
    )
  })

  test('a batch of one has no batch variance and no correlation', async () => {
    let correlation: number | null = 0
    const [{ v }] = await measure({ blocks: 2, width: 20, replicas: 2, batch: 1 }, (e) => {
      if (e.type === 'forward') correlation = e.point.correlation
    })
    expect(v.mean).toEqual([0, 0, 0])
    expect(correlation).toBeNull()
  })

  test('1,000 blocks of width 100 with 10 replicas fit, with progress, rate and time left', async () => {
    const progress: Extract<SignalEvent, { type: 'progress' }>[] = []
    const [{ q, p }] = await measure({ blocks: 1000, replicas: 10, remedies: ['rsqrt-depth'] }, (event) => {
      if (event.type === 'progress') progress.push(event)
    })
    expect(Math.abs(Math.log(q.mean[1000]) - 1)).toBeLessThan(0.3)
    expect(Math.abs(Math.log(p.mean[0]) - 1)).toBeLessThan(0.3)
    expect(progress.length).toBeGreaterThan(5)
    expect(progress.at(-1)).toMatchObject({ done: 2000, total: 2000, unit: 'blocks', secondsLeft: 0 })
    progress.slice(1).forEach(({ done }, i) => expect(done).toBeGreaterThan(progress[i].done))
    // All h_k of one series are 0.5 GiB; the rest is weights, one block's working set and TensorFlow itself.
    expect(process.memoryUsage().rss).toBeLessThan(4 * 2 ** 30)
  })
})
