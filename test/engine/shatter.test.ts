import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { command, createControl } from '../../main/trainer/engine/control'
import { measureShatter } from '../../main/trainer/engine/shatter'
import { PRESET_NAMES } from '../../shared/block/presets'
import { defaultExperiment } from '../../shared/settings/table'
import type { Experiment } from '../../shared/settings/experiment'
import { differenceCheck, lineInFloat64 } from '../../shared/shatter/float64-line'
import type { ShatterEvent } from '../../shared/protocol/protocol'
import { defaultShatter, type ShatterSettings } from '../../shared/settings/shatter'
import { shatterExperiment } from '../../shared/shatter/shatter'
import { shatterNetworks } from '../../shared/shatter/networks'
import { testBackend } from './backend'

let backend: Backend
beforeAll(async () => {
  backend = await testBackend()
})

const experimentOf = (changes: Partial<Experiment>): Experiment =>
  shatterExperiment({ ...defaultExperiment(), width: 200, ...changes })

function measure(
  changes: Partial<Experiment>,
  settings: Partial<ShatterSettings> = {},
  emit: (event: ShatterEvent) => void = () => {},
  control = createControl(),
) {
  return measureShatter(backend, experimentOf(changes), { ...defaultShatter(), ...settings }, control, emit)
}

const close = (curve: number[], expected: number[], tolerance: number) =>
  [1, 4, 16].forEach((lag, i) => expect(Math.abs(curve[lag] - expected[i])).toBeLessThan(tolerance))

describe('known answers: width 200, 256 points on [-2, 2], 20 networks', () => {
  test('centred plain networks: autocorrelation at lags 1, 4, 16', async () => {
    const [one] = (await measure({ skip: 'off', blocks: 1 }, { center: 'on' })).series
    close(one.acf.mean, [0.988, 0.953, 0.812], 0.002)
    const { series, references } = await measure({ skip: 'off', blocks: 10 }, { center: 'on' })
    // 20 networks scatter: their mean at lag 16 has a standard error of about .02.
    close(series[0].acf.mean, [0.753, 0.331, 0.009], 0.06)
    expect(series[0].acf.mean).toHaveLength(129)
    expect(series[0].acf.mean[0]).toBe(1)
    close(references.brown.mean, [0.974, 0.898, 0.633], 0.03)
  })

  test('without centring nothing shatters: bias-free ReLU networks are two straight lines', async () => {
    const [{ acf, curve }] = (await measure({ skip: 'off', blocks: 10 })).series
    close(acf.mean, [0.988, 0.953, 0.812], 0.002)
    for (const from of [0, 128]) {
      const half = curve.slope.slice(from, from + 128)
      for (const slope of half) expect(slope / half[0]).toBeCloseTo(1, 4)
    }
  })

  test('gradient correlation: near its limits where width and batch are large against the depth', async () => {
    const wide = { width: 400, batch: 256, blocks: 5 }
    const within = (value: number | null, expected: number, share: number) =>
      expect(Math.abs(value! / expected - 1)).toBeLessThan(share)
    within((await measure({ ...wide, skip: 'off' })).series[0].correlation, 0.10456, 0.1)
    within((await measure(wide)).series[0].correlation, 0.30947, 0.05)
    within((await measure({ ...wide, skip: 'off' }, { center: 'on' })).series[0].correlation, 2 ** -5, 0.1)
    const [normalised] = (await measure({ ...wide, skip: 'off', remedies: ['batch-norm'] })).series
    within(normalised.correlation, 2 ** -5, 0.1)
    expect(normalised.theory).toBe(2 ** -5)
  })
})

test.each(['on', 'off'] as const)(
  'gradient correlation follows theory for every preset, centring %s',
  async (center) => {
    const sizes = { width: 400, batch: 256, blocks: 3, replicas: 8 }
    const { series } = await measure(
      { ...sizes, block: [...PRESET_NAMES], remedies: ['none', 'layer-norm'] },
      { center, points: 64 },
    )
    const known = series.filter(({ theory }) => theory !== null)
    expect(known.length).toBe(14)
    for (const { correlation, theory } of known)
      expect(Math.abs(correlation! / theory! - 1)).toBeLessThan(0.06)
  },
)

describe('dy/dx is the derivative, statistics held constant', () => {
  const cases = [
    { block: ['relu-linear'], skip: 'off' as const, remedies: ['none', 'batch-norm', 'layer-norm'] },
    { block: ['relu-linear', 'practical', 'original', 'full-preactivation', 'bn-after-addition'] },
    { block: ['linear-relu'], remedies: ['batch-norm', 'layer-norm', 'rsqrt2'] },
  ].flatMap((changes) => (['on', 'off'] as const).map((center) => ({ changes, center })))

  test.each(cases)('$changes, centring $center', async ({ changes, center }) => {
    const small = { ...changes, width: 24, blocks: 6, replicas: 2, batch: 16 }
    const settings = { ...defaultShatter(), points: 128, center }
    const { series } = await measure(small, settings)
    shatterNetworks(experimentOf(small), settings).forEach(({ graph }, i) => {
      const line = lineInFloat64(graph, experimentOf(small), settings)
      const { y, slope, numeric } = line
      const size = (values: ArrayLike<number>) => Math.max(...Array.from(values, Math.abs))
      const compared = [...numeric.keys()].filter((at) => !Number.isNaN(numeric[at]))
      expect(compared.length).toBeGreaterThan(120)
      // The second part is the rounding of y over the step: plain networks with layer norm have slopes far below it.
      const tolerance = 1e-6 * size(slope) + 1e-8 * size(y)
      for (const at of compared) expect(Math.abs(numeric[at] - slope[at])).toBeLessThan(tolerance)
      const { largest, excluded, points } = differenceCheck(line)
      expect(largest).toBeLessThan(tolerance / size(slope))
      expect([excluded, points]).toEqual([128 - compared.length, 128])
      // The trainer's float32 agrees with float64, but for points where rounding turns a ReLU.
      const { curve } = series[i]
      curve.y.forEach((value, at) => expect(Math.abs(value - y[at])).toBeLessThan(1e-3 * size(y)))
      const off = curve.slope.filter(
        (value, at) => Math.abs(value - slope[at]) > 1e-3 * size(slope) + 3e-5 * size(y),
      )
      expect(off.length).toBeLessThanOrEqual(2)
    })
  })
})

test('references: the paper’s four networks come first, each with its own depth and skip, and none twice', async () => {
  const small = { width: 16, blocks: 3, replicas: 2, batch: 8, remedies: ['none', 'rsqrt2'] }
  const { series } = await measure(small, { points: 16, references: 'on', center: 'on' })
  const names = series.map(({ reference, remedy, blocks, skip }) => [reference ?? remedy, blocks, skip])
  expect(names).toEqual([
    ['shallow plain', 1, 'off'],
    ['deep plain', 3, 'off'],
    ['residual, batch norm', 3, 'on'],
    ['none', 3, 'on'],
    ['rsqrt2', 3, 'on'],
  ])
  // Measured beside others, a reference is the network that is measured alone.
  const [alone] = (
    await measure({ ...small, remedies: ['none'], blocks: 1, skip: 'off' }, { points: 16, center: 'on' })
  ).series
  expect(series[0].acf).toEqual(alone.acf)
  expect(series[0].correlation).toBe(alone.correlation)
})

test('beta scales what a branch behind batch normalisation adds: with 0 the network is linear', async () => {
  const small = { width: 16, blocks: 3, replicas: 1, batch: 8, remedies: ['none', 'batch-norm'] }
  const [plain, zero] = (await measure(small, { points: 16, beta: 0 })).series
  expect(zero.curve.slope.every((slope) => Math.abs(slope / zero.curve.slope[0] - 1) < 1e-5)).toBe(true)
  expect(plain.curve).toEqual((await measure(small, { points: 16 })).series[0].curve)
  const { graph } = shatterNetworks(experimentOf(small), { ...defaultShatter(), beta: 0.5 })[1]
  expect(graph.nodes.find(({ op }) => op === 'scale')).toMatchObject({ factor: 0.5 })
})

test('no answer, and why: SkipInit’s derivative does not vary, float32 overflows, one sample has no pair', async () => {
  const [skipinit] = (await measure({ remedies: ['skipinit'], blocks: 4, replicas: 2 })).series
  expect(skipinit.acf.mean.every(Number.isNaN)).toBe(true)
  expect(skipinit.correlation).toBeCloseTo(1, 5)
  const [deep] = (await measure({ blocks: 400, width: 16, replicas: 1, batch: 4 }, { points: 16 })).series
  expect(deep.acf.mean.every(Number.isNaN)).toBe(true)
  expect(deep.correlation).toBeNaN()
  expect(
    (await measure({ blocks: 2, width: 16, replicas: 1, batch: 1 }, { points: 16 })).series[0].correlation,
  ).toBeNull()
})

describe('progress and control', () => {
  test('progress counts blocks to the end; results come series by series', async () => {
    const events: ShatterEvent[] = []
    const small = { width: 16, blocks: 5, replicas: 2, batch: 8, remedies: ['none', 'rsqrt2'] }
    const { finished } = await measure(small, { points: 16 }, (event) => events.push(event))
    expect(finished).toBe(true)
    expect(events[0]).toMatchObject({
      type: 'shatter-started',
      series: [{ remedy: 'none' }, { remedy: 'rsqrt2' }],
    })
    expect(events.filter((event) => event.type === 'shattered').map(({ series }) => series)).toEqual([0, 1])
    const progress = events.filter((event) => event.type === 'progress')
    expect(progress.at(-1)).toMatchObject({ done: 40, total: 40 })
  })

  test('a stopped run ends with the series it has, and leaves no tensors, finished or not', async () => {
    const { tf } = backend
    const small = { width: 16, blocks: 5, replicas: 2, batch: 8, remedies: ['none', 'batch-norm'] }
    await measure(small, { points: 16 })
    const before = tf.memory().numTensors
    await measure(small, { points: 16 })
    expect(tf.memory().numTensors).toBe(before)
    const control = createControl()
    const { finished, series } = await measure(
      small,
      { points: 16 },
      (event) => event.type === 'shattered' && command(control, 'stop'),
      control,
    )
    expect([finished, series.length]).toEqual([false, 1])
    expect(tf.memory().numTensors).toBe(before)
  })
})
