import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createLab, type Lab } from '../../main/hosts/lab/lab'
import { nodeTrainer } from '../../main/hosts/lab/supervisor-node'
import type { QueueEntry, QueueState } from '../../shared/queue/entry'
import { defaultExperiment } from '../../shared/settings/table'
import { joined } from './joined'

// The queue of a laboratory with a real process in the trainer's place (fixture-trainer.cjs), which does what the
// seed says.

const FINISHES = 31
const WAITS = 32
const DIES = 33

let folder: string
const labs: Lab[] = []
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-queue-'))
})
afterEach(async () => {
  await Promise.all(labs.splice(0).map((lab) => lab.close()))
  fs.chmodSync(folder, 0o700)
  fs.rmSync(folder, { recursive: true, force: true })
})

function openLab() {
  const context = { cacheFolder: path.join(folder, 'cache'), env: { PATH: '' }, wheels: {}, official: {} }
  const spawn = nodeTrainer(path.join(__dirname, 'fixture-trainer.cjs'))
  const lab = createLab({ host: 'browser', spawn, folder, runtime: { context } })
  labs.push(lab)
  void lab.start()
  return lab
}

const soon = { timeout: 15_000, interval: 20 }
const experiment = (seed: number) => ({ ...defaultExperiment(), seed }) as unknown as Record<string, unknown>
const train = (seed: number) => ({ type: 'train', experiment: experiment(seed) }) as const
const file = () => path.join(folder, 'queue.json')

function open(lab = openLab()) {
  const front = joined(lab)
  const { ask } = front
  const add = (seed: number, over: { name?: string; priority?: 'high' | 'low' } = {}) =>
    ask<'queue.add'>({ type: 'queue.add', work: { kind: 'job', request: train(seed) }, ...over })
  const entries = async () => (await ask({ type: 'queue.list' })).entries
  const states = async () => Object.fromEntries((await entries()).map(({ name, state }) => [name, state]))
  const until = (name: string, state: QueueState) =>
    vi.waitFor(async () => expect(await states()).toMatchObject({ [name]: state }), soon)
  const runs = async () => (await ask({ type: 'runs.list' })).runs
  return { ...front, lab, add, entries, states, until, runs }
}

const checkpointOf = (run: string) =>
  fs.readFileSync(path.join(folder, 'runs', run, 'checkpoint.safetensors'), 'utf8')

describe('the queue', () => {
  test('is worked off in its order, and every front end hears of it', async () => {
    const { lab, ask, add, until, runs, messages } = open()
    const other = joined(lab)
    await ask({ type: 'queue.pause', entry: null })
    const [a, b] = [await add(FINISHES, { name: 'a' }), await add(FINISHES, { name: 'b' })]
    await add(FINISHES, { name: 'c', priority: 'high' })
    const { entries } = await ask({ type: 'queue.move', entry: b.id, to: 'up' })
    expect(entries.map(({ name, state }) => [name, state])).toEqual([
      ['c', 'waiting'],
      ['b', 'waiting'],
      ['a', 'waiting'],
    ])
    expect(await runs()).toEqual([])
    await ask({ type: 'queue.resume', entry: null })
    await until('a', 'done')
    const done = (await ask({ type: 'queue.list' })).entries
    expect(done.map(({ name }) => name)).toEqual(['a', 'b', 'c'])
    const kept = await runs()
    expect(kept.map(({ state }) => state)).toEqual(['finished', 'finished', 'finished'])
    expect(done.map((entry) => entry.runs)).toEqual(kept.map(({ id }) => [id]))
    expect(a).toMatchObject({ command: 'train', priority: 'normal', state: 'waiting' })
    for (const front of [messages, other.messages])
      expect(front).toContainEqual(expect.objectContaining({ kind: 'notice', type: 'queue' }))
  })

  test('gives way to a job of a view, and goes on from the checkpoint afterwards', async () => {
    const { ask, add, until, runs } = open()
    await add(WAITS, { name: 'long' })
    await until('long', 'running')
    await vi.waitFor(async () => expect(checkpointOf((await runs())[0].id)).toBe('once'), soon)
    const [{ id }] = await runs()
    const reply = await ask({ type: 'signal', experiment: experiment(FINISHES) })
    expect(reply.finished).toBe(true)
    await until('long', 'running')
    await vi.waitFor(() => expect(checkpointOf(id)).toBe('again'), soon)
    expect(await runs()).toMatchObject([{ id, state: 'running' }])
  })

  test('an entry that is paused keeps what it has learned; one of a higher priority comes first', async () => {
    const { ask, add, until, states, runs, entries } = open()
    const { id } = await add(WAITS, { name: 'long' })
    await until('long', 'running')
    await vi.waitFor(async () => expect(checkpointOf((await runs())[0].id)).toBe('once'), soon)
    await ask({ type: 'queue.pause', entry: id })
    await vi.waitFor(
      async () => expect(await runs()).toMatchObject([{ state: 'stopped', canResume: true }]),
      soon,
    )
    expect(await states()).toEqual({ long: 'paused' })
    await ask({ type: 'queue.resume', entry: id })
    await until('long', 'running')
    await add(FINISHES, { name: 'soon', priority: 'high' })
    await until('soon', 'done')
    await until('long', 'running')
    const long = (await entries()).find(({ name }) => name === 'long') as QueueEntry
    expect(long.runs).toHaveLength(1)
    // Off the queue its training is stopped, and stays in the library.
    await ask({ type: 'queue.remove', entries: [id] })
    await vi.waitFor(async () => {
      const trained = (await runs()).find((run) => run.id === long.runs[0])
      expect(trained).toMatchObject({ canResume: true })
    }, soon)
    expect(await states()).toEqual({ soon: 'done' })
    await ask({ type: 'queue.restore', entries: [id] })
    await until('long', 'running')
  })

  test('an entry that ends the trainer thrice has failed, and the others are done', async () => {
    const { add, until, entries, runs } = open()
    await add(DIES, { name: 'deadly' })
    await add(FINISHES, { name: 'harmless' })
    await until('harmless', 'done')
    const deadly = (await entries()).find(({ name }) => name === 'deadly')
    expect(deadly).toMatchObject({ state: 'failed', reason: expect.stringContaining('SIGKILL') as string })
    // One run, gone on with each time.
    expect((await runs()).filter(({ id }) => deadly!.runs.includes(id))).toHaveLength(1)
    expect(await runs()).toHaveLength(2)
  })

  test('is there after the host has ended, and goes on', async () => {
    const first = open()
    await first.add(WAITS, { name: 'long' })
    await first.add(FINISHES, { name: 'short' })
    await first.until('long', 'running')
    await vi.waitFor(async () => expect(checkpointOf((await first.runs())[0].id)).toBe('once'), soon)
    const [{ id }] = await first.runs()
    await labs.pop()!.close()
    const second = open()
    await second.until('long', 'running')
    await vi.waitFor(() => expect(checkpointOf(id)).toBe('again'), soon)
    expect(await second.states()).toEqual({ long: 'running', short: 'waiting' })
    expect(await second.runs()).toMatchObject([{ id, state: 'running' }])
  })

  test('of two hosts one works it off, and the other takes over', async () => {
    const [first, second] = [open(), open()]
    await first.add(WAITS, { name: 'long' })
    await second.until('long', 'running')
    await second.add(FINISHES, { name: 'short', priority: 'low' })
    await vi.waitFor(
      async () => expect(await first.states()).toEqual({ long: 'running', short: 'waiting' }),
      soon,
    )
    expect(await second.runs()).toHaveLength(1)
    const [{ id }] = await second.runs()
    await vi.waitFor(() => expect(checkpointOf(id)).toBe('once'), soon)
    await labs.shift()!.close()
    await vi.waitFor(() => expect(checkpointOf(id)).toBe('again'), soon)
    await second.until('long', 'running')
    expect(await second.runs()).toHaveLength(1)
  })

  test('tells the pages of another host how far it is', async () => {
    const [first, second] = [open(), open()]
    const experimentOf = { ...experiment(WAITS), sweep: { command: 'signal', swept: { blocks: '1,2,3' } } }
    const work = { kind: 'sweep', experiment: experimentOf, name: null } as const
    const { id } = await first.ask({ type: 'queue.add', work })
    const heard = expect.objectContaining({
      type: 'queue-progress',
      progress: expect.objectContaining({ entry: id }) as unknown,
    }) as unknown
    await vi.waitFor(() => {
      expect(first.messages).toContainEqual(heard)
      expect(second.messages).toContainEqual(heard)
    }, soon)
  })

  test('that cannot be written says so, and nothing is lost', async () => {
    fs.mkdirSync(file())
    const { ask, add } = open()
    expect((await ask({ type: 'queue.list' })).problem).toMatch(/cannot be followed .*left as it is/)
    await expect(add(FINISHES)).rejects.toThrow(/^failed: The queue could not be changed in .*queue\.json/)
    expect(fs.statSync(file()).isDirectory()).toBe(true)
  })

  test('refuses what cannot be run, and what is no entry', async () => {
    const { ask } = open()
    const bad = { kind: 'job', request: { type: 'train', experiment: { blocks: -1 } } } as const
    await expect(ask({ type: 'queue.add', work: bad })).rejects.toThrow(/^input: experiment\.blocks/)
    const unknown = { kind: 'job', request: { type: 'fly' } } as const
    await expect(ask({ type: 'queue.add', work: unknown })).rejects.toThrow(/^input: request\.type/)
    await expect(ask({ type: 'queue.pause', entry: 'job-9' })).rejects.toThrow(/^input: .*no entry "job-9"/)
    expect(fs.existsSync(file())).toBe(false)
  })
})

describe('a sweep in the queue', () => {
  const sweep = (seed: number) =>
    ({
      kind: 'sweep',
      experiment: { ...experiment(seed), sweep: { command: 'signal', swept: { blocks: '1,2,3' } } },
      name: null,
    }) as const

  test('keeps each point once, however often it is asked for', async () => {
    const { ask, runs } = open()
    const done = async () => {
      const entry = await ask({ type: 'queue.add', work: sweep(FINISHES) })
      await vi.waitFor(async () => {
        const found = (await ask({ type: 'queue.list' })).entries.find(({ id }) => id === entry.id)
        expect(found?.state).toBe('done')
      }, soon)
      return entry
    }
    const first = await done()
    expect(first.command).toBe('sweep signal')
    expect((await runs()).map(({ sweep: of }) => [of?.id, of?.index])).toEqual(
      [2, 1, 0].map((index) => [first.sweep, index]),
    )
    await done()
    expect(await runs()).toHaveLength(3)
  })

  test('that is stopped between points leaves no run of half a point', async () => {
    const { ask, runs, entries } = open()
    const { id } = await ask({ type: 'queue.add', work: sweep(WAITS) })
    await vi.waitFor(async () => expect((await ask({ type: 'queue.list' })).progress?.entry).toBe(id), soon)
    await ask({ type: 'queue.pause', entry: id })
    await vi.waitFor(async () => expect((await ask({ type: 'queue.list' })).progress).toBeNull(), soon)
    expect((await entries())[0].state).toBe('paused')
    expect(await runs()).toEqual([])
  })
})

describe('the queue’s file', () => {
  test('that is damaged is kept aside', async () => {
    fs.writeFileSync(file(), '{"version": 1, "entries": [')
    const { ask, add, until } = open()
    expect((await ask({ type: 'queue.list' })).problem).toMatch(/queue\.json is damaged .*kept aside/)
    await add(FINISHES, { name: 'a' })
    await until('a', 'done')
    expect((await ask({ type: 'queue.list' })).problem).toBeNull()
    expect(fs.readFileSync(`${file()}.damaged-1`, 'utf8')).toBe('{"version": 1, "entries": [')
  })

  test('of a newer version is left as it is', async () => {
    const text = JSON.stringify({ version: 2, jobs: [] })
    fs.writeFileSync(file(), text)
    const { ask, add } = open()
    expect((await ask({ type: 'queue.list' })).problem).toMatch(/newer version .*left as it is/)
    await expect(add(FINISHES)).rejects.toThrow(/could not be changed .*newer version/)
    expect(fs.readFileSync(file(), 'utf8')).toBe(text)
  })
})
