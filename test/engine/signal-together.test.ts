import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { createControl } from '../../main/trainer/engine/control'
import { signalGroups } from '../../main/trainer/engine/memory'
import { prepareSeries } from '../../main/trainer/engine/prepared-series'
import { measureSignal } from '../../main/trainer/engine/signal'
import { noTheories } from '../../main/trainer/engine/theories'
import { networkNamed } from '../../shared/experiment/preset-networks'
import type { SignalEvent } from '../../shared/protocol/protocol'
import type { Experiment } from '../../shared/settings/experiment'
import { defaultExperiment } from '../../shared/settings/table'
import { testBackend } from './backend'

let backend: Backend
beforeAll(async () => {
  backend = await testBackend()
})

const small = { blocks: 4, width: 24, replicas: 3, batch: 16 }
const experimentOf = (changes: Partial<Experiment>): Experiment => ({
  ...defaultExperiment(),
  ...small,
  ...changes,
})

/** Of each series all that was told of it, in order, and what came out. */
async function measured(changes: Partial<Experiment>) {
  const events: SignalEvent[] = []
  const emit = (event: SignalEvent) => void events.push(event)
  const { series } = await measureSignal(
    backend,
    experimentOf(changes),
    createControl(),
    emit,
    undefined,
    noTheories,
  )
  return series.map((one, i) => ({
    result: { ...one, seconds: 0 },
    told: events.flatMap((event) =>
      'series' in event && event.series === i ? [{ ...event, series: 0 }] : [],
    ),
  }))
}

const groupsOf = (changes: Partial<Experiment>) => {
  const experiment = experimentOf(changes)
  return signalGroups(
    prepareSeries(experiment).map(({ plan }) => plan),
    experiment,
  )
}

describe('Series that are measured together', () => {
  test.each([
    ['of one block', { remedies: ['none', 'rsqrt2', 'rsqrt-depth', 'skipinit'] }],
    ['of several blocks', { block: ['relu-linear', 'practical', 'original', 'full-preactivation'] }],
    ['that overflow, each where it does', { blocks: 140, remedies: ['none', 'rsqrt2'] }],
    ['one network each, in blocks of one kind', { replicas: 1, remedies: ['none', 'batch-norm'] }],
    [
      'in stages, some of whose blocks stand there once',
      { ...networkNamed('resnet20-cifar').changes, remedies: ['none', 'rsqrt2'], batch: 3, replicas: 2 },
    ],
  ] as [string, Partial<Experiment>][])('come out as each alone, to the last bit: %s', async (_, changes) => {
    const together = await measured(changes)
    const { block, remedies } = experimentOf(changes)
    const alone = block.flatMap((one) => remedies.map((remedy) => ({ block: [one], remedies: [remedy] })))
    expect(alone.length).toBeGreaterThan(1)
    expect(groupsOf(changes)).toEqual([alone.map((_, i) => i)])
    for (const [i, one] of alone.entries())
      expect(await measured({ ...changes, ...one })).toEqual([together[i]])
  })

  test('come out again as the first time, whatever was measured between', async () => {
    const changes = { blocks: 3, width: 28, remedies: ['none', 'layer-norm'] }
    const before = await measured(changes)
    await measured({ ...changes, seed: 2 })
    for (let width = 29; width < 60; width++) await measured({ ...changes, width, replicas: 1, batch: 2 })
    expect(await measured(changes)).toEqual(before)
  })

  test('go side by side: none is told at a depth before all are at the one before', async () => {
    const depths: number[] = []
    const emit = (event: SignalEvent) => {
      if (event.type === 'forward') depths.push(event.block)
      if (event.type === 'backward') depths.push(2 * small.blocks - event.block + 1)
    }
    const experiment = experimentOf({ remedies: ['none', 'rsqrt2', 'skipinit'] })
    const { series } = await measureSignal(backend, experiment, createControl(), emit)
    expect(depths).toEqual([...depths].sort((a, b) => a - b))
    expect(depths).toHaveLength(3 * 2 * (small.blocks + 1))
    // They share the time that they took.
    expect(new Set(series.map(({ seconds }) => seconds)).size).toBe(1)
  })

  test('what stays compiled is bounded', async ({ skip }) => {
    const { binding } = backend
    if (!binding) return skip('the plain backend compiles nothing')
    for (let width = 8; width < 70; width++) await measured({ blocks: 2, width, replicas: 1, batch: 2 })
    expect(binding.getNumOfSavedModels()).toBeLessThan(120)
  })
})

describe('Which series are measured together', () => {
  test('those that fit, in the order of their first', () => {
    const size = { blocks: 20, width: 100, batch: 128 }
    const remedies = ['none', 'rsqrt2', 'rsqrt-depth', 'skipinit']
    expect(groupsOf({ ...size, replicas: 10, remedies })).toEqual([[0, 1, 2, 3]])
    const groups = groupsOf({ ...size, replicas: 60, remedies })
    expect(groups.length).toBeGreaterThan(1)
    expect(groups.flat()).toEqual([0, 1, 2, 3])
    expect(groupsOf({ ...size, replicas: 10_000, remedies })).toEqual([[0], [1], [2], [3]])
  })

  test('those whose blocks change at the same depths', () => {
    const { plan } = prepareSeries(experimentOf({}))[0]
    const [start, ...rest] = plan
    const staged = [{ ...start }, ...rest]
    expect(signalGroups([plan, staged, plan], experimentOf({}))).toEqual([[0, 2], [1]])
  })
})
