import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openRunLibrary } from '../../main/runs/library'
import { decodeMessage, encodeMessage } from '../../shared/protocol/transport'
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

test('an index that is missing, damaged or out of step is made anew from the folders', async () => {
  const library = openRunLibrary(folder)
  const { id } = await library.keep(newRun({ name: 'one' }), outcome())
  await library.close()
  const index = path.join(folder, 'runs/index.json')
  const text = fs.readFileSync(index, 'utf8')
  for (const damaged of [
    null,
    '',
    text.slice(0, 300),
    text.replace('"one"', '"two"'),
    text.replace('"relu-linear"', '"relu_linear"'),
    '{"version":1}',
    'null',
  ]) {
    if (damaged === null) fs.rmSync(index)
    else fs.writeFileSync(index, damaged)
    expect(openRunLibrary(folder).list()).toMatchObject({
      runs: [{ id, name: 'one' }],
      problems: [],
      newer: null,
    })
  }
  // A folder that came and one that went while nobody looked.
  fs.writeFileSync(index, text)
  fs.renameSync(path.join(folder, 'runs', id), path.join(folder, 'aside'))
  const opened = openRunLibrary(folder)
  expect(opened.list().runs).toEqual([])
  fs.renameSync(path.join(folder, 'aside'), path.join(folder, 'runs', id))
  expect(opened.list().runs).toMatchObject([{ id }])
})

test('a run that the index tells of is the one that its folder holds, figures and pictures included', async () => {
  const library = openRunLibrary(folder)
  const entry = await library.keep(newRun({ name: 'Größe ½' }), outcome())
  const other = await library.keep(newRun({ name: 'second' }), outcome({ result: null }))
  expect(entry.figures.map(({ value }) => value)).toContain(Infinity)
  const file = path.join(folder, 'runs', entry.id, 'run.json')
  const wholeSecond = () => fs.utimesSync(file, 1e9, 1e9)
  wholeSecond()
  library.list()
  await library.close()
  // Its own file cannot be read any more, and has the stamp that it had.
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('{', '!'))
  wholeSecond()
  const { runs, problems } = openRunLibrary(folder).list()
  expect(problems).toEqual([])
  const [first, second] = runs.sort((a, b) => (a.name < b.name ? -1 : 1))
  expect(first).toEqual(entry)
  expect({ ...first }).toEqual(entry)
  expect(structuredClone(first)).toEqual(entry)
  expect(decodeMessage(encodeMessage(first))).toEqual(entry)
  expect(second).toEqual(other)
})

test.each<[string, (text: string) => string | null]>([
  ['is damaged', (text) => text.replace('"figures"', '"figurez"')],
  ['is cut', (text) => text.slice(0, -50)],
  ['is gone', () => null],
])(
  'figures come from the run’s own file where the index %s after its beginning was read',
  async (_, damage) => {
    const library = openRunLibrary(folder)
    const entry = await library.keep(newRun({ name: 'one' }), outcome())
    await library.close()
    const index = path.join(folder, 'runs/index.json')
    const { runs } = openRunLibrary(folder).list()
    const text = fs.readFileSync(index, 'utf8')
    const damaged = damage(text)
    expect(damaged).not.toBe(text)
    if (damaged === null) fs.rmSync(index)
    else fs.writeFileSync(index, damaged)
    expect(runs).toEqual([entry])
  },
)

test('an index is written anew with runs of which nobody has looked at the figures', async () => {
  const library = openRunLibrary(folder)
  const entry = await library.keep(newRun({ name: 'one' }), outcome())
  await library.close()
  const second = openRunLibrary(folder)
  const other = await second.keep(newRun({ name: 'two' }), outcome())
  await second.close()
  const { runs } = openRunLibrary(folder).list()
  expect(runs.find(({ id }) => id === entry.id)).toEqual(entry)
  expect(runs.find(({ id }) => id === other.id)).toEqual(other)
})

test('an index of a newer version is left as it is, and runs are kept beside it', async () => {
  const index = path.join(folder, 'runs/index.json')
  fs.mkdirSync(path.dirname(index))
  const text = '{"version":7,"runs":{"anything":1}}'
  fs.writeFileSync(index, text)
  const library = openRunLibrary(folder)
  const { id } = await library.keep(newRun(), outcome())
  await library.close()
  expect(fs.readFileSync(index, 'utf8')).toBe(text)
  const { runs, newer } = openRunLibrary(folder).list()
  expect(runs).toMatchObject([{ id }])
  expect(newer).toMatch(
    /^A newer version of Residual Lab wrote the index of \S+ \(its form is 7\)\. It is left as it is/,
  )
})

test.each<[string, (file: string) => void, RegExp]>([
  ['is cut', (file) => fs.truncateSync(file, 40), /is no run that can be read \(.*line 1/],
  ['has no run.json', (file) => fs.rmSync(file), /it has no run\.json/],
  [
    'is of a newer version',
    (file) => fs.writeFileSync(file, '{"version":2}'),
    /a newer version of Residual Lab wrote/,
  ],
  ['is a folder', (file) => (fs.rmSync(file), fs.mkdirSync(file)), /it is a folder/],
  [
    'has the name of another',
    (file) => fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(/"id":"[^"]+"/, '"id":"oak-99"')),
    /it is of another run, oak-99/,
  ],
])('a run that %s is a problem among good ones, and left as it is', async (_what, damage, words) => {
  const library = openRunLibrary(folder)
  const { id: good } = await library.keep(newRun(), outcome())
  const { id: bad } = await library.keep(newRun(), outcome())
  const place = path.join(folder, 'runs', bad)
  damage(path.join(place, 'run.json'))
  const there = fs.readdirSync(place)
  for (const one of [library, openRunLibrary(folder)]) {
    const { runs, problems } = one.list()
    expect(runs).toMatchObject([{ id: good }])
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(words)
    expect(problems[0]).toMatch(/It is left as it is\.$/)
  }
  await expect(library.change(bad, { note: 'x' })).rejects.toThrow(/there is no run/)
  await library.keep(newRun(), outcome())
  expect(fs.readdirSync(place)).toEqual(there)
})

test('a damaged result is said when it is opened, and the run stays in the list', async () => {
  const library = openRunLibrary(folder)
  const { id } = await library.keep(newRun(), outcome())
  fs.truncateSync(path.join(folder, 'runs', id, 'result.json'), 20)
  expect(() => library.open(id)).toThrow(/result\.json cannot be read \(.*The run is left as it is\.$/)
  expect(library.list().runs).toHaveLength(1)
})

test('the oldest measurements go first where they take too much; trainings and what is pinned stay', async () => {
  let megabytes = 1000
  const library = openRunLibrary(folder, undefined, { megabytes: () => megabytes })
  const at = (day: number) => ({ name: `day ${day}`, created: `2026-01-0${day}T00:00:00.000Z` })
  const pinned = await library.keep(newRun(at(1)), outcome())
  await library.change(pinned.id, { pinned: true })
  await library.keep(newRun(at(2)), outcome())
  await library.keep(newRun({ ...at(3), kind: 'train' }), outcome())
  await library.keep(newRun(at(4)), outcome())
  megabytes = (2.5 * pinned.bytes) / 1e6
  await library.keep(newRun(at(5)), outcome())
  const names = () =>
    openRunLibrary(folder)
      .list()
      .runs.map(({ name }) => name)
  expect(names()).toEqual(['day 5', 'day 4', 'day 3', 'day 1'])
  megabytes = 0
  await library.keep(newRun(at(6)), outcome())
  expect(names()).toEqual(['day 6', 'day 3', 'day 1'])
})

test('what has been in the trash for thirty days is deleted when the library is next used', async () => {
  const library = openRunLibrary(folder)
  const old = await library.keep(newRun({ name: 'old' }), outcome())
  const young = await library.keep(newRun({ name: 'young' }), outcome())
  await library.remove([old.id, young.id])
  const file = path.join(folder, 'runs', old.id, 'run.json')
  const day = new Date(Date.now() - 31 * 86_400_000).toISOString()
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(/"removed":"[^"]+"/, `"removed":"${day}"`))
  const later = openRunLibrary(folder)
  expect(later.list().runs).toHaveLength(2)
  await later.keep(newRun({ name: 'new' }), outcome())
  expect(
    later
      .list()
      .runs.map(({ name }) => name)
      .sort(),
  ).toEqual(['new', 'young'])
})

test('many hosts that keep runs at once keep all of them, each under an id of its own', async () => {
  const hosts = Array.from({ length: 4 }, () => openRunLibrary(folder))
  const begun = hosts.flatMap((host) => [
    host.begin(newRun({ kind: 'train' })),
    host.begin(newRun({ kind: 'train' })),
  ])
  const kept = await Promise.all(hosts.map((host) => host.keep(newRun(), outcome())))
  const ids = [...begun, ...kept].map(({ id }) => id)
  expect(new Set(ids).size).toBe(12)
  for (const host of hosts)
    expect(
      host
        .list()
        .runs.map(({ id }) => id)
        .sort(),
    ).toEqual(ids.sort())
})
