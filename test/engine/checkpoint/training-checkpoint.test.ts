import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeCheckpoint } from '../../../main/trainer/engine/checkpoint/checkpoint'
import { openSafetensors } from '../../../main/trainer/engine/checkpoint/safetensors'
import { keepTraining, resumeTraining } from '../../../main/trainer/engine/checkpoint/training-checkpoint'
import type { TrainingState } from '../../../main/trainer/engine/checkpoint/training-state'
import type { TrainableSeries } from '../../../main/trainer/engine/trainable-series'
import { nodeFolder } from '../../../main/trainer/node-folder'
import type { CheckpointEvent } from '../../../shared/protocol/events'
import type { Place } from '../../../shared/protocol/protocol'
import { defaultExperiment } from '../../../shared/settings/table'

let folder: string
const file = () => path.join(folder, 'checkpoint.safetensors')
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-training-checkpoint-'))))
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

const experiment = defaultExperiment()

/** A series of one number, as far as checkpoints know it. */
class OneNumber implements Pick<TrainableSeries, 'arrays' | 'restore'> {
  constructor(public value: number) {}

  arrays(prefix: string) {
    return [{ name: `${prefix}w`, shape: [1], values: () => Promise.resolve(Float32Array.of(this.value)) }]
  }

  restore(_state: unknown, arrays: { values(name: string): Float32Array }, prefix: string) {
    this.value = arrays.values(`${prefix}w`)[0]
  }
}
const networksOf = (...values: number[]) => values.map((value) => new OneNumber(value))
const asNetworks = (all: OneNumber[]) => all as unknown as TrainableSeries[]

const none = { loss: [], error: [] }
const state = (step: number): TrainingState => ({
  step,
  seconds: 3,
  frames: { frames: [], seen: 0, lastIsBetween: false },
  failures: { found: [null, null], lastLoss: [1, 2] },
  evaluations: [0, 1].map(() => ({ step: [], learningRate: [], train: none, test: none })),
  xla: null,
  series: [0, 1].map(() => ({ milliseconds: 1, lost: null })),
})

async function write(...values: number[]) {
  const events: CheckpointEvent[] = []
  const place = nodeFolder({ folder, resume: false })
  const networks = asNetworks(networksOf(...values))
  await keepTraining(place, experiment, networks, (event) => events.push(event))!.now(5, () => state(5))
  expect(events).toEqual([{ type: 'checkpoint', step: 5, problem: null }])
}

test('each series comes back with its own numbers, and the state with them', async () => {
  await write(1.5, -2)
  const networks = networksOf(0, 0)
  expect(
    await resumeTraining(nodeFolder({ folder, resume: true }), experiment, asNetworks(networks)),
  ).toEqual(state(5))
  expect(networks.map(({ value }) => value)).toEqual([1.5, -2])
  const opened = openSafetensors(file())
  // Other programs read the file, too.
  expect([...opened.shapes.keys()]).toEqual(['series.1.w', 'series.2.w'])
  opened.close()
})

test('a training that is not to go on, or has no checkpoint yet, begins anew', async () => {
  const networks = networksOf(0, 0)
  const resumed = (place: Place | null) =>
    resumeTraining(place && nodeFolder(place), experiment, asNetworks(networks))
  expect(await resumed({ folder, resume: true })).toBeNull()
  await write(1.5, -2)
  expect(await resumed(null)).toBeNull()
  expect(await resumed({ folder, resume: false })).toBeNull()
  expect(networks.map(({ value }) => value)).toEqual([0, 0])
})

test('what a killed write has left is removed, and nothing else', async () => {
  await write(1, 2)
  fs.writeFileSync(`${file()}.1234567`, 'half')
  fs.writeFileSync(path.join(folder, 'notes.txt'), 'mine')
  await resumeTraining(nodeFolder({ folder, resume: true }), experiment, asNetworks(networksOf(0, 0)))
  expect(fs.readdirSync(folder).sort()).toEqual(['checkpoint.safetensors', 'notes.txt'])
})

test.skipIf(process.platform !== 'linux')(
  'no handle stays open, whether a checkpoint is taken or not',
  async () => {
    await write(1, 2)
    // The listing itself takes one, each time.
    const handles = () => fs.readdirSync('/proc/self/fd').length
    const before = handles()
    for (const values of [[0, 0], [0]]) {
      try {
        await resumeTraining(
          nodeFolder({ folder, resume: true }),
          experiment,
          asNetworks(networksOf(...values)),
        )
      } catch {
        // Another number of curves.
      }
    }
    expect(handles()).toBe(before)
  },
)

test('a checkpoint of another number of curves, or without an array, is refused in one line', async () => {
  await write(1, 2)
  const refused = async (...values: number[]) => {
    try {
      await resumeTraining(
        nodeFolder({ folder, resume: true }),
        experiment,
        asNetworks(networksOf(...values)),
      )
      return 'taken'
    } catch (error) {
      return (error as Error).message
    }
  }
  const line = (why: string) =>
    `checkpoint: training cannot go on from it: ${why}. Train anew: the run still has its experiment.`
  expect(await refused(0)).toBe(line('it has another number of curves'))
  const only = { name: 'series.1.w', shape: [1], values: () => Float32Array.of(1) }
  writeCheckpoint(file(), experiment, state(5), [only])
  expect(await refused(0, 0)).toBe(line('it has no array "series.2.w"'))
})

test('none is written without a place, nor where the networks are only looked at', () => {
  const keeper = (place: Place | null) =>
    keepTraining(place && nodeFolder(place), experiment, asNetworks(networksOf(1, 2)), () => {})
  expect(keeper(null)).toBeNull()
  expect(keeper({ folder, resume: true, isReadOnly: true })).toBeNull()
  expect(keeper({ folder, resume: true })).not.toBeNull()
})
