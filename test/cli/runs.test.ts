import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { main } from '../../main/hosts/cli'
import { openRunLibrary } from '../../main/runs/library'
import { newRun, outcome } from '../runs/runs'

// Each start of the command line listens to its output's errors; one process has one start.
vi.mock('../../bin/lib/streams.mjs', () => ({ endWithOutput() {} }))

let folder: string
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-cli-runs-'))
  vi.stubEnv('RESIDUAL_LAB_DATA', folder)
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  fs.rmSync(folder, { recursive: true, force: true })
})

const runs = (...args: string[]) => command('runs', ...args)

/** One command in this process. */
async function command(...args: string[]) {
  const text = { out: '', err: '' }
  const hear = (name: keyof typeof text) => (chunk: unknown) => {
    text[name] += String(chunk)
    return true
  }
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(hear('out')),
    vi.spyOn(process.stderr, 'write').mockImplementation(hear('err')),
  ]
  const code = await main(args)
  spies.forEach((spy) => spy.mockRestore())
  return { code, ...text, document: () => JSON.parse(text.out) as Record<string, unknown> }
}

const keep = (name: string, created = new Date().toISOString()) =>
  openRunLibrary(folder).keep(newRun({ name, created }), outcome())

test('runs are listed, shown and changed by id, prefix, name and last', async () => {
  expect((await runs('list')).out).toMatch(/^There is no run yet in /)
  const first = await keep('first', '2026-01-01T00:00:00.000Z')
  const second = await keep('second')
  const listed = (await runs('list', '--json')).document()
  expect(listed).toMatchObject({ version: 1, runs: [{ run: second.id, name: 'second' }, { run: first.id }] })
  expect((await runs('show', 'last', '--json')).document()).toMatchObject({ version: 1, run: second.id })
  expect((await runs('show', 'first', '--json')).document()).toMatchObject({
    ...{ version: 1, run: first.id, experiment: { version: 1 }, result: { finished: true } },
    figures: [{ label: 'none: q at block 1', value: 'Infinity' }, { label: 'none: p at block 0' }],
  })
  expect((await runs('rename', first.id.slice(0, -1), 'one')).out).toBe(`${first.id} is called one.\n`)
  expect((await runs('tag', 'one', 'good, deep')).out).toBe(`${first.id} has the tags good, deep.\n`)
  expect((await runs('tag', 'one', 'good', '--delete')).out).toBe(`${first.id} has the tags deep.\n`)
  await runs('note', 'one', 'as expected')
  expect((await runs('pin', 'one', '--json')).document()).toMatchObject({ run: first.id, pinned: true })
  expect((await runs('show', 'one')).out).toContain('as expected')
  const table = (await runs('list')).out.split('\n')
  expect(table[0]).toMatch(/^ +run +name +kind/)
  expect(table[2]).toMatch(/^\* .* one /)
})

test('a run in the trash is out of the list until it is restored', async () => {
  const { id } = await keep('mine')
  expect((await runs('remove', 'mine')).code).toBe(0)
  expect((await runs('list', '--json')).document().runs).toEqual([])
  expect((await runs('list', '--json', '--removed')).document().runs).toMatchObject([{ run: id }])
  await runs('restore', id)
  expect((await runs('list', '--json')).document().runs).toMatchObject([{ run: id, removed: null }])
  await runs('remove', id)
  expect((await runs('empty', '--json')).document()).toEqual({ version: 1, deleted: 1 })
})

test('an unknown run is bad input, in one line that names the nearest', async () => {
  await keep('degradation')
  const { code, err, out } = await runs('show', 'degradatoin')
  expect({ code, err, out }).toEqual({
    ...{ code: 2, out: '' },
    err: 'RUN: there is no run "degradatoin". Did you mean "degradation"?\n',
  })
  await keep('degradation')
  expect((await runs('show', 'degradation')).err).toMatch(
    /^RUN: "degradation" may be any of \S+, \S+. Give the id of one.\n$/,
  )
})

test('a run leaves as one file and comes back under another id', async () => {
  const { id } = await keep('mine')
  const file = path.join(folder, 'mine.zip')
  expect((await runs('export', 'mine', file, '--json')).document()).toEqual({ version: 1, run: id, file })
  const again = await runs('export', 'mine', file)
  expect(again).toMatchObject({
    code: 2,
    err: `${file}: there is a file of this name already. Give another name.\n`,
  })
  const imported = (await runs('import', file, '--json')).document()
  expect(imported).toMatchObject({ version: 1, name: 'mine' })
  expect(imported.run).not.toBe(id)
  fs.writeFileSync(file, 'no archive')
  expect(await runs('import', file)).toMatchObject({ code: 2, out: '' })
})

describe('points of sweeps', () => {
  const sweep = (index: number, key = '0123456789abcdef') => ({
    ...{ id: 'sweep-0123456789ab', name: 'gains', index, points: 32, key, settings: { gain: index } },
  })

  test('sixteen shards come together, each point once', async () => {
    const files = path.join(folder, 'files')
    for (let shard = 0; shard < 16; shard++) {
      const own = path.join(folder, `shard-${shard}`)
      vi.stubEnv('RESIDUAL_LAB_DATA', own)
      const library = openRunLibrary(own)
      for (const index of [shard, shard + 16]) await library.keep(newRun({ sweep: sweep(index) }), outcome())
      // Neither what was cut short nor what is in the trash leaves the machine.
      await library.keep(newRun({ sweep: sweep(shard) }), outcome({ state: 'stopped' }))
      const { id } = await library.keep(newRun({ sweep: sweep(shard) }), outcome())
      await library.remove([id])
      expect((await runs('export', 'gains', files, '--json')).document()).toEqual({
        ...{ version: 1, run: 'sweep-0123456789ab', folder: files, points: 2, written: 2 },
      })
    }
    vi.stubEnv('RESIDUAL_LAB_DATA', path.join(folder, 'merged'))
    const merged = (await runs('import', files, '--json')).document()
    expect(merged).toMatchObject({ present: [], problems: [] })
    expect(merged.runs).toHaveLength(32)
    const listed = (await runs('list', '--json')).document().runs as { sweep: unknown }[]
    const indices = listed.map((run) => (run.sweep as { index: number }).index)
    expect(indices.sort((a, b) => a - b)).toEqual(Array.from({ length: 32 }, (_, i) => i))
    expect((await runs('import', files)).out).toBe('0 runs are in the library now; 32 were there already.\n')
    expect((await runs('list', '--json')).document().runs).toHaveLength(32)
  })

  test('of another result is another run', async () => {
    const there = openRunLibrary(path.join(folder, 'there'))
    vi.stubEnv('RESIDUAL_LAB_DATA', path.join(folder, 'there'))
    await there.keep(newRun({ sweep: sweep(0) }), outcome())
    const files = path.join(folder, 'files')
    await runs('export', 'sweep-0123456789ab', files)
    vi.stubEnv('RESIDUAL_LAB_DATA', path.join(folder, 'here'))
    await openRunLibrary(path.join(folder, 'here')).keep(
      newRun({ sweep: sweep(0, 'f'.repeat(16)) }),
      outcome(),
    )
    expect((await runs('import', files)).out).toMatch(/^[\w-]+ is in the library\.\n$/)
    expect((await runs('import', files)).out).toMatch(/^[\w-]+ is in the library already\.\n$/)
  })

  test('a damaged file leaves the others, and a folder without any is bad input', async () => {
    const own = openRunLibrary(folder)
    for (const index of [0, 1, 2]) await own.keep(newRun({ sweep: sweep(index) }), outcome())
    const files = path.join(folder, 'files')
    await runs('export', 'gains', files)
    fs.writeFileSync(path.join(files, 'sweep-0123456789ab-0002.zip'), 'cut')
    vi.stubEnv('RESIDUAL_LAB_DATA', path.join(folder, 'other'))
    const { code, out, err } = await runs('import', files)
    expect({ code, out }).toEqual({ code: 2, out: '2 runs are in the library now; 0 were there already.\n' })
    expect(err).toMatch(
      /sweep-0123456789ab-0002\.zip: it cannot be read as a \.zip file .*\n1 of 3 files could not be taken\.\n$/,
    )
    const empty = path.join(folder, 'empty')
    fs.mkdirSync(empty)
    expect(await runs('import', empty)).toMatchObject({
      ...{ code: 2, out: '' },
      err: `${empty}: this folder holds no .zip file. Give one that runs were exported to.\n`,
    })
  })

  test('stay whatever the size of the library', async () => {
    const small = openRunLibrary(folder, undefined, { megabytes: () => 0 })
    const { id } = await small.keep(newRun({ sweep: sweep(0) }), outcome())
    const other = await small.keep(newRun({}), outcome())
    await small.keep(newRun({}), outcome())
    const ids = small.list().runs.map((run) => run.id)
    expect(ids).toContain(id)
    expect(ids).not.toContain(other.id)
  })

  test('a run that says nonsense of its sweep is no run', async () => {
    const library = openRunLibrary(folder)
    const { id } = await library.keep(newRun({ sweep: sweep(0) }), outcome())
    const file = path.join(folder, 'runs', id, 'run.json')
    const text = fs.readFileSync(file, 'utf8')
    for (const [was, is] of [
      ['"index":0', '"index":32'],
      ['sweep-0123456789ab', '../../etc/passwd'],
      ['"gain":0', '"gain":"0"'],
      ['"gain":0', '"pain":0'],
    ]) {
      expect(text).toContain(was)
      fs.writeFileSync(file, text.replaceAll(was, is))
      expect(openRunLibrary(folder).list()).toMatchObject({
        runs: [],
        problems: [expect.stringMatching(/sweep/)],
      })
    }
  })
})

test('all numbers of a run as a table, and for TensorBoard', async () => {
  const { id } = await keep('mine')
  const out = (name: string) => path.join(folder, name)
  const { code, err } = await runs('metrics', 'mine', '--format', 'csv', '--out', out('a.csv'))
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(fs.readFileSync(out('a.csv'), 'utf8').split('\r\n')[2]).toBe(
    `${id},1,Type 2,relu-linear,none,on,20,q,,0,,,,,median,,20,1`,
  )
  const written = await runs('metrics', 'mine', '--format', 'tensorboard', '--out', out('events'), '--json')
  expect(written.document()).toMatchObject({
    version: 1,
    run: id,
    format: 'tensorboard',
    path: out('events'),
  })
  expect((written.document().metrics as unknown[])[0]).toEqual({
    ...{ metric: 'q', unit: '1', meaning: 'Mean square of h_k, forward.' },
  })
  expect(await runs('metrics', 'mine', '--format', 'parket', '--out', out('b'))).toMatchObject({
    ...{ code: 2, err: '--format: there is no format "parket". Did you mean "parquet"?\n' },
  })
  expect(await runs('metrics', 'mine', '--format', 'csv', '--out', out('a.csv'))).toMatchObject({
    ...{
      code: 2,
      err: `--out: ${out('a.csv')} is there already. Give another path, or --force to replace it.\n`,
    },
  })
})

test('methods and references of runs', async () => {
  const { id } = await keep('mine')
  const of = (...args: string[]) => command('report', '--runs', ...args)
  expect((await of('mine', '--methods')).out).toMatch(/^We looked at residual networks of 20 blocks/)
  expect((await of('mine', '--bibtex')).out).toMatch(/^@misc\{residuallab-1\.2\.3,\n/)
  expect((await of(`mine,${id}`, '--methods', '--json')).document()).toMatchObject({
    version: 1,
    methods: [{ run: id }],
  })
  expect(await of('mien', '--methods')).toMatchObject({
    ...{ code: 2, err: 'RUN: there is no run "mien". Did you mean "mine"?\n' },
  })
})

test('a report of runs with words of a file, whole or not at all', async () => {
  const { id } = await keep('mine')
  const [out, words] = [path.join(folder, 'report.html'), path.join(folder, 'words.md')]
  fs.writeFileSync(words, '# Why\n\n<b>Because</b>.')
  const of = (...args: string[]) => command('report', '--runs', 'mine', ...args)
  expect((await of('--out', out, '--prose', words, '--json')).document()).toEqual({
    ...{ version: 1, runs: [id], format: 'html', path: out },
  })
  expect(fs.readFileSync(out, 'utf8')).toContain('<h2>Why</h2>\n<p>&lt;b&gt;Because&lt;/b&gt;.</p>')
  expect(await of('--out', out)).toMatchObject({
    ...{ code: 2, err: `--out: ${out} is there already. Give another path, or --force to replace it.\n` },
  })
  expect((await of('--out', out, '--force')).code).toBe(0)
  const [one, other] = ['one.pdf', 'other.pdf'].map((name) => path.join(folder, name))
  for (const pdf of [one, other]) expect((await of('--out', pdf, '--prose', words)).code).toBe(0)
  const bytes = fs.readFileSync(one)
  expect([bytes.subarray(0, 5).toString(), bytes.length > 10_000]).toEqual(['%PDF-', true])
  expect(fs.readFileSync(other).equals(bytes)).toBe(true)
  expect(await of('--out', path.join(folder, 'x'), '--prose', `${words}x`)).toMatchObject({
    ...{ code: 2, err: `--prose: there is no file ${words}x. Give another path.\n` },
  })
  expect(await of()).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^--out: it is missing\./) as string,
  })
  expect(fs.readdirSync(folder).sort()).toEqual(['one.pdf', 'other.pdf', 'report.html', 'runs', 'words.md'])
})
