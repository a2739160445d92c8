import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  openCheckpoint,
  trainingKey,
  writeCheckpoint,
} from '../../../main/trainer/engine/checkpoint/checkpoint'
import { CheckpointKeeper } from '../../../main/trainer/engine/checkpoint/keeper'
import { openSafetensors, writeSafetensors } from '../../../main/trainer/engine/checkpoint/safetensors'
import type { CheckpointEvent } from '../../../shared/protocol/events'
import { defaultExperiment } from '../../../shared/settings/table'

let folder: string
let file: string
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-checkpoint-'))
  file = path.join(folder, 'checkpoint.safetensors')
})
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

const experiment = defaultExperiment()
const arrays = [{ name: 'w', shape: [2], values: () => Float32Array.of(1, 2) }]

describe('a checkpoint', () => {
  test('holds the state, with numbers that are not finite, and the arrays', () => {
    const state = { step: 7, loss: [1, NaN, Infinity, -Infinity], nested: [{ x: NaN }], none: null }
    writeCheckpoint(file, experiment, state, arrays)
    const opened = openCheckpoint(file, { ...experiment, paths: { page: 'lengths' } as never })
    expect(opened.state).toEqual(state)
    expect(opened.arrays.values('w')).toEqual(Float32Array.of(1, 2))
    opened.arrays.close()
  })

  test('of a version that lacked a setting is this training’s where that stands at its default', () => {
    const entries = JSON.parse(trainingKey(experiment)) as [string, unknown][]
    const older = new Map([
      ['format', 'residual-lab training'],
      ['version', '1'],
      ['experiment', JSON.stringify(entries.filter(([key]) => key !== 'augmentNoise'))],
      ['state', '{}'],
    ])
    writeSafetensors(file, older, arrays)
    openCheckpoint(file, experiment).arrays.close()
    expect(() => openCheckpoint(file, { ...experiment, augmentNoise: 0.5 })).toThrow(
      'its experiment is another',
    )
    writeSafetensors(file, older.set('experiment', JSON.stringify([...entries, ['later', 1]])), arrays)
    expect(() => openCheckpoint(file, experiment)).toThrow('its experiment is another')
  })

  test('of another training, a later version, another program, or damaged: one line', () => {
    const refused = (change = experiment) => {
      try {
        openCheckpoint(file, change).arrays.close()
        return 'taken'
      } catch (error) {
        return (error as Error).message
      }
    }
    const line = (why: string) =>
      `checkpoint: training cannot go on from it: ${why}. Train anew: the run still has its experiment.`
    expect(refused()).toBe(line('there is none'))
    writeCheckpoint(file, experiment, {}, arrays)
    expect(refused()).toBe('taken')
    expect(refused({ ...experiment, seed: 99 })).toBe(line('its experiment is another'))
    const network = { stages: [{ blocks: 2, width: 8 }] } as never
    expect(refused({ ...experiment, network })).toBe(line('its experiment is another'))
    fs.truncateSync(file, fs.statSync(file).size - 1)
    expect(refused()).toBe(line('it is cut'))
    writeSafetensors(file, new Map([['format', 'pt']]), arrays)
    expect(refused()).toBe(line('it is no training of this program'))
    const later = new Map([
      ['format', 'residual-lab training'],
      ['version', '2'],
    ])
    writeSafetensors(file, later, arrays)
    expect(refused()).toBe(line('another version wrote it'))
    const own = { ...experiment, remedies: ['skipinit', 'none'] }
    writeCheckpoint(file, own, {}, arrays)
    expect(refused(own)).toBe('taken')
    const written = openSafetensors(file)
    written.close()
    const metadata = new Map(written.metadata)
    writeSafetensors(file, new Map([...metadata, ['remedies', '{}']]), arrays)
    expect(refused(own)).toBe(line('what SkipInit does has changed since it was written'))
    metadata.delete('remedies')
    writeSafetensors(file, metadata, arrays)
    expect(refused(own)).toBe(line('what SkipInit does has changed since it was written'))
  })
})

describe('when it is written', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
  afterEach(() => void vi.useRealTimers())

  function keeper(write: () => void) {
    const events: CheckpointEvent[] = []
    return {
      events,
      keeper: new CheckpointKeeper(
        async () => write(),
        (event) => events.push(event),
      ),
    }
  }
  const state = () => null
  const steps = (events: CheckpointEvent[]) => events.map(({ step }) => step)

  test('after thirty seconds, and at once when asked, not before', async () => {
    const { events, keeper: it } = keeper(() => {})
    await it.look(1, state)
    vi.advanceTimersByTime(29_999)
    await it.look(2, state)
    expect(events).toEqual([])
    vi.advanceTimersByTime(1)
    await it.look(3, state)
    await it.look(4, state)
    await it.now(4, state)
    expect(events).toEqual([3, 4].map((step) => ({ type: 'checkpoint', step, problem: null })))
  })

  test('writing that takes long is done less often', async () => {
    const { events, keeper: it } = keeper(() => vi.advanceTimersByTime(6000))
    vi.advanceTimersByTime(20_000)
    await it.now(1, state)
    vi.advanceTimersByTime(59_000)
    await it.look(2, state)
    vi.advanceTimersByTime(1000)
    await it.look(3, state)
    expect(steps(events)).toEqual([1, 3])
  })

  test('what cannot be written is said, and tried again', async () => {
    let code: string | null = 'ENOSPC'
    const { events, keeper: it } = keeper(() => {
      if (code) throw Object.assign(new Error('ENOSPC: no space'), { code })
    })
    await it.now(5, state)
    code = null
    await it.now(5, state)
    expect(events).toEqual([
      {
        type: 'checkpoint',
        step: 5,
        problem:
          'The checkpoint could not be written: the disk is full. Training goes on; the last one is kept.',
      },
      { type: 'checkpoint', step: 5, problem: null },
    ])
  })
})
