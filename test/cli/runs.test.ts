import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { main } from '../../main/hosts/cli'
import { openRunLibrary } from '../../main/runs/library'
import { newRun, outcome } from '../runs/runs'

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

/** One command in this process. */
async function runs(...args: string[]) {
  const text = { out: '', err: '' }
  const hear = (name: keyof typeof text) => (chunk: unknown) => {
    text[name] += String(chunk)
    return true
  }
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(hear('out')),
    vi.spyOn(process.stderr, 'write').mockImplementation(hear('err')),
  ]
  const code = await main(['runs', ...args])
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
