import * as path from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { nodeTrainer } from '../../main/hosts/lab/supervisor-node'
import type { TrainerNotice } from '../../main/hosts/lab/supervisor'
import { createTrainers, type JobTaker, type Trainers } from '../../main/hosts/lab/trainers'
import { DEFAULT_HOST_SETTINGS } from '../../shared/protocol/host-settings'
import type { Response } from '../../shared/protocol/protocol'

const FIXTURE = path.join(__dirname, 'fixture-trainer.cjs')
const SEPARATE = { ...DEFAULT_HOST_SETTINGS, separateTraining: true }
const POLL = { timeout: 15_000, interval: 20 }

let trainers: Trainers
let notices: TrainerNotice[]
let trainingNotices: TrainerNotice[]

function begin(settings = SEPARATE, idleMs?: number) {
  notices = []
  trainingNotices = []
  trainers = createTrainers({
    spawn: nodeTrainer(FIXTURE),
    settings,
    idleMs,
    onNotice: (notice) => notices.push(notice),
    onTrainingNotice: (notice) => trainingNotices.push(notice),
  })
  trainers.start(null)
}

afterEach(() => {
  trainers.close()
  vi.unstubAllEnvs()
})

interface Told {
  kind: Response['kind']
  event?: { pid: number }
  value?: { pid: number; finished: boolean; isBackground: boolean; settings: { device: string } }
  error?: { message: string }
}

/** Asks as one owner, and waits for what it is told. */
function asker(taker: JobTaker = trainers) {
  const owner = {}
  const told: (Told & { id: string })[] = []
  const ask = (id: string, body: object) =>
    taker.request(owner, { kind: 'request', id, body } as never, (response) => told.push(response as never))
  return {
    owner,
    ask: (id: string, type: string, what: string) => ask(id, { type, experiment: { do: what } }),
    stop: (id: string, job: string) => ask(id, { type: 'control', job, action: 'stop' }),
    until: (kind: Response['kind'], id: string) =>
      vi.waitFor(() => {
        const found = told.find((one) => one.kind === kind && one.id === id)
        if (!found) throw new Error(`no ${kind} for ${id} in ${JSON.stringify(told)}`)
        return found
      }, POLL),
  }
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('one trainer does all where nothing else is asked for', async () => {
  begin(DEFAULT_HOST_SETTINGS)
  const person = asker()
  person.ask('training', 'train', 'wait')
  person.ask('measurement', 'signal', 'answer')
  const training = await person.until('event', 'training')
  const measurement = await person.until('reply', 'measurement')
  expect(measurement.value!.pid).toBe(training.event!.pid)
  expect(measurement.value!.isBackground).toBe(false)
  expect(trainers.competesWithQueue('signal')).toBe(true)
  expect(trainingNotices).toEqual([])
})

test('a training in a process of its own is stopped there, and measuring goes on meanwhile', async () => {
  begin()
  const person = asker()
  person.ask('training', 'train', 'wait')
  const training = await person.until('event', 'training')
  person.ask('measurement', 'signal', 'wait')
  const measurement = await person.until('event', 'measurement')
  expect(measurement.event!.pid).not.toBe(training.event!.pid)
  person.stop('stop training', 'training')
  expect((await person.until('reply', 'training')).value).toMatchObject({ pid: training.event!.pid })
  person.stop('stop measurement', 'measurement')
  expect((await person.until('reply', 'measurement')).value).toMatchObject({ pid: measurement.event!.pid })
  person.ask('depth', 'depth', 'answer')
  expect((await person.until('reply', 'depth')).value).toMatchObject({
    pid: training.event!.pid,
    isBackground: true,
  })
  expect(notices.map(({ state }) => state)).toEqual(['starting', 'ready'])
})

test('a stop that comes while the process of trainings starts ends the training before it begins', async () => {
  begin()
  const person = asker()
  person.ask('training', 'train', 'wait')
  person.stop('stop', 'training')
  expect((await person.until('reply', 'training')).value).toMatchObject({ finished: false })
})

test('the queue measures where trainings run, and gives way to trainings only', async () => {
  begin()
  const [queue, person] = [asker(trainers.background), asker()]
  queue.ask('point', 'signal', 'answer')
  person.ask('measurement', 'signal', 'answer')
  const point = await queue.until('reply', 'point')
  const measurement = await person.until('reply', 'measurement')
  expect(point.value!.pid).not.toBe(measurement.value!.pid)
  expect(trainers.competesWithQueue('signal')).toBe(false)
  expect(trainers.competesWithQueue('train')).toBe(true)
})

test('the process of trainings ends when it is idle, and comes back when it is needed', async () => {
  begin(SEPARATE, 100)
  const person = asker()
  person.ask('first', 'train', 'answer')
  const { pid } = (await person.until('reply', 'first')).value!
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), POLL)
  person.ask('second', 'train', 'answer')
  expect((await person.until('reply', 'second')).value!.pid).not.toBe(pid)
})

test('one that trains is not idle, however long', async () => {
  begin(SEPARATE, 20)
  const person = asker()
  person.ask('long', 'train', 'wait')
  const { pid } = (await person.until('event', 'long')).event!
  for (const i of [1, 2, 3]) {
    person.ask(`short ${i}`, 'train', 'answer')
    expect((await person.until('reply', `short ${i}`)).value!.pid).toBe(pid)
  }
  person.stop('stop', 'long')
  expect((await person.until('reply', 'long')).value!.pid).toBe(pid)
})

test('its death interrupts the training alone, and is told apart', async () => {
  begin()
  const person = asker()
  person.ask('measurement', 'signal', 'wait')
  await person.until('event', 'measurement')
  person.ask('training', 'train', 'wait')
  process.kill((await person.until('event', 'training')).event!.pid, 'SIGKILL')
  expect((await person.until('error', 'training')).error!.message).toContain('signal SIGKILL')
  person.stop('stop', 'measurement')
  await person.until('reply', 'measurement')
  expect(notices.map(({ state }) => state)).toEqual(['starting', 'ready'])
  await vi.waitFor(() => expect(trainingNotices.map(({ state }) => state)).toContain('restarting'), POLL)
})

test('a GPU that the trainer dies of is tried by the process of trainings no more', async () => {
  vi.stubEnv('FIXTURE_DIES', 'of a GPU')
  const library = {
    path: '/lib',
    bindingPath: '/b',
    version: '2',
    source: 'wheel',
    device: 'gpu',
    note: null,
  } as const
  begin()
  trainers.start(library)
  const person = asker()
  person.ask('measurement', 'signal', 'answer')
  const { device } = (await person.until('reply', 'measurement')).value!.settings
  person.ask('training', 'train', 'answer')
  expect((await person.until('reply', 'training')).value!.settings).toMatchObject({ device })
  expect(device).toBe('cpu')
  expect(trainingNotices.map(({ state }) => state)).toEqual(['starting', 'ready'])
})

test('who leaves stops what it asked for in either process', async () => {
  begin(SEPARATE, 50)
  const person = asker()
  person.ask('training', 'train', 'wait')
  const { pid } = (await person.until('event', 'training')).event!
  trainers.disconnect(person.owner)
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), POLL)
})

test('settings count from the next job on, and trainings that run stay where they are', async () => {
  begin(DEFAULT_HOST_SETTINGS)
  const person = asker()
  person.ask('before', 'train', 'wait')
  const before = (await person.until('event', 'before')).event!.pid
  expect(trainers.configure(SEPARATE)).toBeNull()
  person.ask('after', 'train', 'answer')
  expect((await person.until('reply', 'after')).value!.pid).not.toBe(before)
  person.stop('stop', 'before')
  expect((await person.until('reply', 'before')).value!.pid).toBe(before)
  expect(trainers.configure({ ...SEPARATE, threads: 1 })).toBe('now')
})
