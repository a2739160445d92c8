import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { adoptOldData, dataFolder } from '../../main/files/data-folder'
import { keepGeneration, superfluous } from '../../main/hosts/lab/generations'
import { openWorkspace } from '../../main/hosts/lab/workspace'

let folder: string
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-workspace-'))))
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

const nothing = { document: null, revision: null, undecided: false }
const kept = () => fs.readdirSync(folder).filter((name) => name.includes('.kept-'))
/** What tells a saved text from others. */
const revision = expect.stringMatching(/^[0-9a-f]{16}$/) as string
const file = () => path.join(folder, 'workspace.json')

test('the first start has no workspace', async () => {
  expect(await openWorkspace(folder).load()).toEqual({ ...nothing, problem: null })
})

test('what was saved is loaded, also numbers that are not finite', async () => {
  const document = { experiment: { blocks: 20 }, view: { high: Infinity } }
  await openWorkspace(path.join(folder, 'new')).save(document)
  expect(await openWorkspace(path.join(folder, 'new')).load()).toEqual({
    ...nothing,
    document,
    revision,
    problem: null,
  })
})

test('saves that follow each other at once leave the last one', async () => {
  const workspace = openWorkspace(folder)
  await Promise.all(Array.from({ length: 20 }, (_, n) => workspace.save({ n })))
  expect((await workspace.load()).document).toEqual({ n: 19 })
  const others = fs.readdirSync(folder).filter((name) => !name.includes('.kept-'))
  expect(others.sort()).toEqual(['earlier', 'workspace.json'])
  // Each replaced what it had not read.
  expect(kept()).toHaveLength(19)
})

test.each(['{"experiment": {"blo', '', '[1, 2]', 'null'])(
  'a damaged file (%j) is kept aside, never overwritten',
  async (text) => {
    fs.writeFileSync(file(), text)
    fs.writeFileSync(`${file()}.corrupt-1`, 'an older one')
    const workspace = openWorkspace(folder)
    expect(await workspace.load()).toEqual({
      ...nothing,
      problem:
        'The saved workspace is damaged. The workbench starts afresh; the damaged file is kept as ' +
        `${file()}.corrupt-2.`,
    })
    await workspace.save({ new: true })
    expect(fs.readFileSync(`${file()}.corrupt-1`, 'utf8')).toBe('an older one')
    expect(fs.readFileSync(`${file()}.corrupt-2`, 'utf8')).toBe(text)
    expect(await workspace.load()).toEqual({ ...nothing, document: { new: true }, revision, problem: null })
  },
)

test('a document that is too large is refused, and the saved one stays', async () => {
  const workspace = openWorkspace(folder)
  await workspace.save({ small: true })
  await expect(workspace.save({ text: 'x'.repeat(9 * 2 ** 20) })).rejects.toThrow(
    'The workspace is too large to save (more than 8 MB). Save it as a file and start a smaller one.',
  )
  expect((await workspace.load()).document).toEqual({ small: true })
})

test('a folder that cannot be written: the message names it and says how to mend it', async () => {
  fs.writeFileSync(path.join(folder, 'file'), '')
  const impossible = path.join(folder, 'file', 'below')
  await expect(openWorkspace(impossible).save({})).rejects.toThrow(
    /^The workspace could not be saved to .*workspace\.json \(E.*\)\. Free some space there, or set RESIDUAL_LAB_DATA to another folder\.$/,
  )
})

describe('a workspace that this program cannot show whole', () => {
  test.each([
    [
      'a later version',
      { version: 2, experiment: { blocks: 3 } },
      /another version .* wrote it \(its form is 2, not 1\)/,
    ],
    [
      'an unknown setting',
      { version: 1, experiment: { blocks: 3, gauge: 1 } },
      /workspace\.experiment\.gauge/,
    ],
    ['an unknown field', { version: 1, experiment: {}, runs: [] }, /workspace\.runs/],
  ])('%s: kept, said, and not saved over before the user decides', async (_, document, words) => {
    const text = JSON.stringify(document)
    fs.writeFileSync(file(), text)
    const workspace = openWorkspace(folder)
    const loaded = await workspace.load()
    expect(loaded).toEqual({ ...nothing, undecided: true, problem: expect.stringMatching(words) })
    expect(kept()).toHaveLength(1)
    expect(loaded.problem).toContain(path.join(folder, kept()[0]))
    // Every start says the same, and keeps it once.
    expect(await openWorkspace(folder).load()).toEqual(loaded)
    expect(kept()).toHaveLength(1)
    expect(await workspace.save({ version: 1 }, null)).toEqual({ revision: null, kept: null })
    expect(fs.readFileSync(file(), 'utf8')).toBe(text)
    // The user has decided.
    const saved = await workspace.save({ version: 1 })
    expect(saved).toEqual({ revision, kept: path.join(folder, kept()[0]) })
    expect(fs.readFileSync(saved.kept!, 'utf8')).toBe(text)
    expect(await workspace.load()).toMatchObject({
      document: { version: 1 },
      revision: saved.revision,
      undecided: false,
    })
  })
})

describe('two that save the same workspace', () => {
  test('the second is told and nothing is lost, whatever it decides', async () => {
    const [one, two] = [openWorkspace(folder), openWorkspace(folder)]
    const start = await one.save({ n: 1 }, null)
    const base = (await two.load()).revision
    expect(base).toBe(start.revision)
    const changed = await one.save({ n: 2 }, base)
    expect(changed.revision).not.toBeNull()
    expect(await two.save({ n: 3 }, base)).toEqual({ revision: null, kept: null })
    expect((await one.load()).document).toEqual({ n: 2 })
    const decided = await two.save({ n: 3 })
    expect(JSON.parse(fs.readFileSync(decided.kept!, 'utf8'))).toEqual({ n: 2 })
    expect(await one.load()).toMatchObject({ document: { n: 3 }, revision: decided.revision })
    expect(await one.save({ n: 4 }, changed.revision)).toEqual({ revision: null, kept: null })
  })

  test('of many at once on one base, one is saved', async () => {
    const many = Array.from({ length: 20 }, () => openWorkspace(folder))
    const saved = await Promise.all(many.map((workspace, n) => workspace.save({ n }, null)))
    const winners = saved.flatMap(({ revision }, n) => (revision === null ? [] : [{ n, revision }]))
    expect(winners).toHaveLength(1)
    expect(await many[0].load()).toMatchObject({
      document: { n: winners[0].n },
      revision: winners[0].revision,
    })
  })
})

describe('the workspace of another window', () => {
  const second = () => openWorkspace(folder, undefined, 2)

  test('is a file of its own, with generations of its own', async () => {
    await openWorkspace(folder).save({ n: 1 }, null)
    const { revision } = await second().save({ n: 2 }, null)
    await second().save({ n: 3 }, revision)
    expect((await openWorkspace(folder).load()).document).toEqual({ n: 1 })
    expect((await second().load()).document).toEqual({ n: 3 })
    const [earlier, ...more] = fs.readdirSync(path.join(folder, 'earlier'))
    expect([earlier, more]).toEqual([expect.stringMatching(/^workspace-2-\d{4}-/), []])
  })

  test('begins with a copy of the first, and what it held is kept', async () => {
    await openWorkspace(folder).save({ n: 1 }, null)
    await second().save({ n: 2 }, null)
    await second().startWith(1)
    expect((await second().load()).document).toEqual({ n: 1 })
    expect((await openWorkspace(folder).load()).document).toEqual({ n: 1 })
    expect(kept()).toEqual([expect.stringMatching(/^workspace-2\.json\.kept-/)])
    expect(fs.readFileSync(path.join(folder, kept()[0]), 'utf8')).toBe('{"n":2}')
  })

  test('begins anew where the other has saved nothing yet', async () => {
    await second().save({ n: 2 }, null)
    await second().startWith(1)
    expect(await second().load()).toEqual({ ...nothing, problem: null })
    expect(kept()).toHaveLength(1)
  })
})

test('a workspace that is set aside is kept whole, and the next one begins anew', async () => {
  const workspace = openWorkspace(folder)
  expect(await workspace.setAside()).toBeNull()
  await workspace.save({ n: 1 }, null)
  const aside = await workspace.setAside()
  expect(fs.readFileSync(aside!, 'utf8')).toBe('{"n":1}')
  expect(await workspace.load()).toEqual({ ...nothing, problem: null })
})

describe('generations', () => {
  const earlier = () => fs.readdirSync(path.join(folder, 'earlier')).sort()
  const MINUTE = 60_000
  const noon = Date.UTC(2026, 10, 28, 12)

  test('what was there before is kept, not more often than every ten minutes', async () => {
    for (const minute of [0, 1, 9, 10, 15, 25]) {
      fs.writeFileSync(file(), `{"minute": ${minute}}`)
      await keepGeneration(folder, file(), noon + minute * MINUTE)
      // A workspace is replaced as a whole, never written into.
      fs.rmSync(file())
    }
    expect(earlier()).toEqual(
      ['00', '10', '25'].map((minute) => `workspace-2026-11-28T12-${minute}-00-000Z.json`),
    )
    const last = fs.readFileSync(path.join(folder, 'earlier', earlier()[2]), 'utf8')
    expect(last).toBe('{"minute": 25}')
  })

  test('the last five stay, and one of each day', () => {
    const name = (day: number, hour: number) =>
      `workspace-2026-10-${String(day).padStart(2, '0')}T${String(hour).padStart(2, '0')}-00-00-000Z.json`
    const names = [1, 2, 3].flatMap((day) => [8, 9, 10, 11].map((hour) => name(day, hour)))
    const gone = new Set(superfluous(names))
    expect(names.filter((one) => !gone.has(one))).toEqual([name(1, 11), name(2, 11), ...names.slice(-4)])
    const days = Array.from({ length: 31 }, (_, i) => name(i + 1, 8))
    expect(superfluous(days)).toEqual([name(1, 8)])
  })

  test('a folder that cannot be made keeps no save from the disk', async () => {
    fs.writeFileSync(path.join(folder, 'earlier'), 'in the way')
    const workspace = openWorkspace(folder)
    await workspace.save({ n: 1 })
    await workspace.save({ n: 2 })
    expect((await workspace.load()).document).toEqual({ n: 2 })
  })
})

test('what killed writers left is cleared when it is old, and nothing else', () => {
  const old = new Date(Date.now() - 2 * 3_600_000)
  for (const name of ['workspace.json.123456', 'workspace.json.corrupt-1', 'notes.txt.12']) {
    fs.writeFileSync(path.join(folder, name), '')
    fs.utimesSync(path.join(folder, name), old, old)
  }
  fs.writeFileSync(path.join(folder, 'workspace.json.99'), '')
  openWorkspace(folder)
  expect(fs.readdirSync(folder).sort()).toEqual([
    'notes.txt.12',
    'workspace.json.99',
    'workspace.json.corrupt-1',
  ])
})

test('what Electron’s window kept in a folder of its own is taken over once, and replaces nothing', async () => {
  const [old, shared] = [path.join(folder, 'old'), path.join(folder, 'shared')]
  fs.mkdirSync(path.join(old, 'blocks'), { recursive: true })
  fs.writeFileSync(path.join(old, 'workspace.json'), '{"n":1}')
  adoptOldData(old, shared)
  expect(fs.readdirSync(shared).sort()).toEqual(['blocks', 'workspace.json'])
  fs.writeFileSync(path.join(old, 'workspace.json'), '{"n":2}')
  adoptOldData(old, shared)
  expect((await openWorkspace(shared).load()).document).toEqual({ n: 1 })
  expect(fs.readdirSync(old)).toEqual(['workspace.json'])
})

test('each platform has its place, and RESIDUAL_LAB_DATA wins', () => {
  expect(dataFolder({ XDG_DATA_HOME: '/x' }, 'linux')).toBe('/x/residual-lab')
  expect(dataFolder({}, 'linux')).toBe(path.join(os.homedir(), '.local/share/residual-lab'))
  expect(dataFolder({}, 'darwin')).toBe(path.join(os.homedir(), 'Library/Application Support/residual-lab'))
  expect(dataFolder({ RESIDUAL_LAB_DATA: '/y', XDG_DATA_HOME: '/x' }, 'linux')).toBe('/y')
})
