import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createLab, type Lab } from '../../main/hosts/lab/lab'
import type { FrontEnd } from '../../main/hosts/lab/front-end'
import { nodeTrainer } from '../../main/hosts/lab/supervisor-node'
import { joined } from './joined'
import { defaultExperiment } from '../../shared/settings/table'

// The laboratory with a real process in the trainer's place (fixture-trainer.cjs), which does what the seed says.

const FINISHES = 31
const WAITS = 32
const DIES = 33

let folder: string
let lab: Lab
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-lab-runs-'))
  const context = { cacheFolder: path.join(folder, 'cache'), env: { PATH: '' }, wheels: {}, official: {} }
  const spawn = nodeTrainer(path.join(__dirname, 'fixture-trainer.cjs'))
  lab = createLab({ host: 'browser', spawn, folder, runtime: { context } })
  void lab.start()
})
afterEach(async () => {
  await lab.close()
  fs.chmodSync(folder, 0o700)
  fs.rmSync(folder, { recursive: true, force: true })
})

function join(frontEnd: FrontEnd = {}) {
  const front = joined(lab, frontEnd)
  const started = () =>
    vi.waitFor(
      () => {
        if (!front.messages.some((m) => m.kind === 'event' && m.event.type === 'started'))
          throw new Error('not started')
      },
      { timeout: 10_000, interval: 10 },
    )
  return { ...front, started }
}

const experiment = (seed: number) => ({ ...defaultExperiment(), seed }) as unknown as Record<string, unknown>
const measure = (seed: number, over = {}) =>
  ({ type: 'signal', experiment: experiment(seed), ...over }) as const
const train = (seed: number, over = {}) => ({ type: 'train', experiment: experiment(seed), ...over }) as const
const folderOf = (id: string) => path.join(folder, 'runs', id)

test('a measurement that is kept becomes a run, of which every front end hears', async () => {
  const [one, other] = [join(), join()]
  const reply = await one.ask(measure(FINISHES, { keep: true, name: 'first' }))
  expect(reply.run).toMatchObject({
    name: 'first',
    kind: 'signal',
    state: 'finished',
    device: 'CPU, fixture',
  })
  const notice = { kind: 'notice', type: 'runs', changed: [reply.run], gone: [] }
  expect(one.messages).toContainEqual(notice)
  expect(other.messages).toContainEqual(notice)
  const { runs } = await other.ask({ type: 'runs.list' })
  expect(runs).toEqual([reply.run])
  const opened = await other.ask({ type: 'runs.open', run: runs[0].id })
  expect(opened).toMatchObject({
    started: { type: 'started' },
    result: { series: [{ q: { mean: [1, 2] } }] },
  })
  expect((await one.ask(measure(FINISHES))).run).toBeUndefined()
})

test('a run that is done again is identical, and one that is not is said where', async () => {
  const { ask } = join()
  const { run } = await ask(measure(FINISHES, { keep: true }))
  expect(await ask({ type: 'runs.verify', run: run!.id })).toMatchObject({ verdict: 'identical' })
  const file = path.join(folderOf(run!.id), 'result.json')
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replaceAll('[1,2]', '[1,3]'))
  expect(await ask({ type: 'runs.verify', run: run!.id })).toMatchObject({
    ...{ verdict: 'different', where: { quantity: 'q', axis: 'block', at: 1, was: 3, is: 2 } },
  })
})

test('a training is a running run from its start, and a stopped one that can be gone on with', async () => {
  const { ask, connection, answerTo, started } = join()
  connection.receive({ kind: 'request', id: 'training', body: train(WAITS, { keep: true }) })
  await started()
  const [{ id, state }] = (await ask({ type: 'runs.list' })).runs
  expect(state).toBe('running')
  await expect(ask({ type: 'runs.remove', runs: [id] })).rejects.toThrow(/^input: .*is still running/)
  await ask({ type: 'control', job: 'training', action: 'stop' })
  expect(await answerTo('training')).toMatchObject({
    run: { id, state: 'stopped', canResume: true, seconds: 1 },
  })
  connection.receive({ kind: 'request', id: 'again', body: train(FINISHES, { resume: id }) })
  await ask({ type: 'control', job: 'again', action: 'stop' })
  // Its own experiment counts, not that of the request.
  expect(await answerTo('again')).toMatchObject({ run: { id, state: 'stopped', seed: WAITS, seconds: 2 } })
  expect(fs.readFileSync(path.join(folderOf(id), 'checkpoint.safetensors'), 'utf8')).toBe('again')
})

test('a training that is gone on with and never starts is there still', async () => {
  const { ask, connection, started } = join()
  const trained = await ask(train(DIES, { keep: true })).catch(() => null)
  expect(trained).toBeNull()
  const [{ id }] = (await ask({ type: 'runs.list' })).runs
  // What is written there now has a seed that the fixture never starts.
  const file = path.join(folderOf(id), 'experiment.json')
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('"seed": 33', '"seed": 1'))
  connection.receive({ kind: 'request', id: 'again', body: train(1, { resume: id }) })
  await vi.waitFor(async () =>
    expect((await ask({ type: 'runs.list' })).runs).toMatchObject([{ state: 'running' }]),
  )
  await ask({ type: 'control', job: 'again', action: 'stop' })
  await started()
  await vi.waitFor(async () =>
    expect((await ask({ type: 'runs.list' })).runs).toMatchObject([
      { id, state: 'interrupted', canResume: true },
    ]),
  )
})

test('the trained networks of a run are looked at where they lie, by its id alone', async () => {
  const { ask, started } = join()
  const { run } = await ask(train(FINISHES, { keep: true }))
  await started()
  const lesion = {
    type: 'lesion',
    experiment: experiment(FINISHES),
    lesion: { delete: [1] },
    training: true,
  } as const
  // The fixture writes what it was told of the place.
  expect(await ask({ ...lesion, trained: run!.id })).toMatchObject({ finished: true })
  expect(fs.readFileSync(path.join(folderOf(run!.id), 'checkpoint.safetensors'), 'utf8')).toBe('again')
  await expect(ask({ ...lesion, trained: 'none' })).rejects.toThrow(/^input: .*there is no run "none"/)
  const { run: measured } = await ask(measure(FINISHES, { keep: true }))
  await expect(ask({ ...lesion, trained: measured!.id })).rejects.toThrow(/^input: .*has no trained networks/)
})

test('a lesion of one’s own is a run for each side, which says what was done and how it is done again', async () => {
  const { ask } = join()
  const own = { type: 'lesion', lesion: { delete: [1, 3] }, training: false, keep: true } as const
  const sides = await Promise.all(
    (['on', 'off'] as const).map((skip) => ask({ ...own, experiment: { ...experiment(FINISHES), skip } })),
  )
  const ids = sides.map(({ run }) => run!.id)
  expect(new Set(ids).size).toBe(2)
  const { runs } = await ask({ type: 'runs.list' })
  for (const [i, skip] of ['on', 'off'].entries()) {
    const entry = runs.find(({ id }) => id === ids[i])!
    expect(entry).toMatchObject({ kind: 'lesion', state: 'finished', settings: { skip } })
    expect(entry.command).toMatch(/^npx residual-lab lesion .* --delete 1,3$/)
    expect(entry.command!.includes('--skip off')).toBe(skip === 'off')
  }
  const stored = fs.readFileSync(path.join(folderOf(ids[0]), 'run.json'), 'utf8')
  expect(JSON.parse(stored).request).toMatchObject({ lesion: { delete: [1, 3] }, training: false })
})

test('what cannot be gone on with is bad input', async () => {
  const { ask } = join()
  const { run } = await ask(train(FINISHES, { keep: true }))
  await expect(ask(train(FINISHES, { resume: run!.id }))).rejects.toThrow(
    /^input: .*has nothing to go on from/,
  )
  await expect(ask(train(FINISHES, { resume: 'none' }))).rejects.toThrow(/^input: .*there is no run "none"/)
})

test('a training whose process is killed is interrupted, and can be gone on with', async () => {
  const { ask } = join()
  await expect(ask(train(DIES, { keep: true }))).rejects.toThrow(/^interrupted/)
  expect((await ask({ type: 'runs.list' })).runs).toMatchObject([
    { state: 'interrupted', canResume: true, steps: { done: 7 } },
  ])
})

test('a training whose window is closed is stopped, and kept with what it has learned', async () => {
  const { connection, started } = join()
  connection.receive({ kind: 'request', id: 'training', body: train(WAITS, { keep: true }) })
  await started()
  connection.close()
  const { ask } = join()
  await vi.waitFor(
    async () =>
      expect((await ask({ type: 'runs.list' })).runs).toMatchObject([{ state: 'stopped', canResume: true }]),
    { timeout: 10_000, interval: 50 },
  )
})

test('a training that is refused leaves no run behind', async () => {
  const { ask, connection } = join()
  // The fixture never starts it.
  connection.receive({ kind: 'request', id: 'waiting', body: train(1, { keep: true }) })
  await vi.waitFor(async () => expect((await ask({ type: 'runs.list' })).runs).toHaveLength(1))
  await ask({ type: 'control', job: 'waiting', action: 'stop' })
  await vi.waitFor(async () => expect((await ask({ type: 'runs.list' })).runs).toEqual([]))
  expect(fs.readdirSync(path.join(folder, 'runs')).filter((name) => name !== 'index.json')).toEqual([])
})

test('a result that cannot be kept is shown all the same, with why', async () => {
  const { ask } = join()
  fs.writeFileSync(path.join(folder, 'runs'), 'no folder')
  for (const body of [measure(FINISHES, { keep: true }), train(FINISHES, { keep: true })]) {
    const reply = await ask(body)
    expect(reply).toMatchObject({ finished: true, run: null })
    expect(reply.runProblem).toMatch(/^The library of runs \S+ could not be .*\.$/)
  }
})

test('what a page has put together is kept as a run', async () => {
  const { ask } = join()
  const result = { finished: true, series: [] }
  const body = {
    kind: 'order',
    experiment: experiment(1),
    started: null,
    result,
    seconds: 3,
    name: 'order',
  } as const
  const entry = await ask({ type: 'runs.keep', ...body })
  expect(entry).toMatchObject({ name: 'order', kind: 'order', seconds: 3, device: 'float64' })
  await expect(ask({ type: 'runs.keep', ...body, name: ' ' })).rejects.toThrow(
    /^input: .*this is no name for a run/,
  )
})

test('a page exports and imports without naming paths', async () => {
  const { ask } = join()
  const { run } = await ask(measure(FINISHES, { keep: true }))
  const exported = (await ask({ type: 'runs.export', run: run!.id })) as { name: string; content: string }
  expect(exported.name).toBe(`${run!.id}.zip`)
  const handed = async (content: string) => {
    const { file } = await ask({ type: 'data.upload', file: null, name: 'given.zip', content })
    return { file, run: null, series: null }
  }
  const given = await handed(exported.content)
  expect(await ask({ type: 'import.look', ...given })).toEqual({ isRun: true })
  expect(await ask({ type: 'import.take', ...given })).toMatchObject({ title: run!.title })
  await expect(ask({ type: 'import.take', ...given, file: 'another' })).rejects.toThrow(
    /^input: file: this one was not chosen/,
  )
  await expect(ask({ type: 'import.take', ...(await handed('UEtubw==')) })).rejects.toThrow(
    /^input: given\.zip: it cannot be read/,
  )
})
