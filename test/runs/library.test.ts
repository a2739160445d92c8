import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openRunLibrary } from '../../main/runs/library'
import type { RunEntry } from '../../shared/runs/run'
import { defaultExperiment } from '../../shared/settings/table'
import { newRun, outcome, RESULT } from './runs'

let folder: string
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-runs-'))))
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

test('a run that is kept is a folder that a person can read, and opens as it was', async () => {
  const library = openRunLibrary(folder)
  const entry = await library.keep(newRun({ name: 'First' }), outcome())
  expect(fs.readdirSync(path.join(folder, 'runs', entry.id)).sort()).toEqual([
    'curves.csv',
    'environment.json',
    'experiment.json',
    'result.json',
    'run.json',
  ])
  expect(entry).toMatchObject({ name: 'First', kind: 'signal', state: 'finished', device: 'CPU, fixture' })
  expect(entry.bytes).toBeGreaterThan(0)
  const opened = openRunLibrary(folder).open(entry.id)
  expect(opened).toMatchObject({ entry, started: { type: 'started' }, result: RESULT })
  expect(opened.experiment).toEqual(defaultExperiment())
})

test('two hosts on one library do not lose each other’s writes', async () => {
  const [one, other] = [openRunLibrary(folder), openRunLibrary(folder)]
  const kept = await Promise.all(
    [one, other, one, other].map((library, i) => library.keep(newRun({ name: `run ${i}` }), outcome())),
  )
  expect(new Set(kept.map(({ id }) => id)).size).toBe(4)
  const [{ id }] = kept
  await Promise.all([one.change(id, { note: 'seen' }), other.change(id, { tags: ['good'] })])
  for (const library of [one, other]) {
    expect(library.list().runs).toHaveLength(4)
    expect(library.list().runs.find((run) => run.id === id)).toMatchObject({ note: 'seen', tags: ['good'] })
  }
})

test('a training is there from its start, and is interrupted when its process has gone', async () => {
  const library = openRunLibrary(folder)
  const { id, folder: place } = library.begin(newRun({ kind: 'train' }))
  expect(library.list().runs[0]).toMatchObject({ id, state: 'running', canResume: false })
  fs.writeFileSync(path.join(place, 'checkpoint.safetensors'), 'x')
  const file = path.join(place, 'run.json')
  const text = fs.readFileSync(file, 'utf8')
  fs.writeFileSync(file, text.replace(/"pid":\d+/, '"pid":999999999'))
  expect(library.list().runs[0]).toMatchObject({ id, state: 'interrupted', canResume: true })
  const resumed = await library.resume(id)
  expect(resumed.folder).toBe(place)
  expect(library.list().runs[0]).toMatchObject({ id, state: 'running' })
  await library.end(id, outcome())
  expect(library.list().runs[0]).toMatchObject({ id, state: 'finished', canResume: false })
})

test('what is removed can be had again until the trash is emptied', async () => {
  const changes: [RunEntry[], string[]][] = []
  const library = openRunLibrary(folder, undefined, { onChange: (...change) => changes.push(change) })
  const { id } = await library.keep(newRun(), outcome())
  await library.remove([id])
  expect(library.list().runs[0].removed).not.toBeNull()
  await library.restore([id])
  expect(library.list().runs[0].removed).toBeNull()
  await library.remove([id])
  expect(await library.empty()).toEqual({ deleted: 1 })
  expect(library.list().runs).toEqual([])
  expect(changes.at(-1)).toEqual([[], [id]])
})
