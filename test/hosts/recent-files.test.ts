import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openRecentFiles } from '../../main/hosts/lab/recent-files'
import { idOf } from '../../main/hosts/lab/opened-file'

let folder: string
let changes: (string | null)[]
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-recent-'))
  changes = []
})
afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true })
})

const open = () => openRecentFiles(path.join(folder, 'data'), undefined, (added) => changes.push(added))
const listFile = () => path.join(folder, 'data', 'recent.json')
/** A file that the user has chosen. */
function make(name: string): string {
  const file = path.join(folder, name)
  fs.writeFileSync(file, `{"name":"${name}"}`)
  return file
}

test('the newest comes first, each once, and not more than ten', async () => {
  const recent = open()
  const files = Array.from({ length: 12 }, (_, i) => make(`${i}.json`))
  for (const file of files) await recent.remember(recent.name(file), 'experiment')
  await recent.remember(recent.name(files[5]), 'block')
  // Another program, or the next start, finds the same.
  const found = await open().list()
  expect(found.map(({ name }) => name)).toEqual([5, 11, 10, 9, 8, 7, 6, 4, 3, 2].map((i) => `${i}.json`))
  expect(found[0]).toEqual({
    ...{ id: idOf(files[5]), name: '5.json', folder, kind: 'block', isMissing: false },
    used: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T/),
  })
  expect(changes).toEqual([...files, files[5]])
  expect(fs.statSync(listFile()).mode & 0o077).toBe(0)
})

test('what has gone is shown as missing, said when it is opened, and taken off the list when asked for', async () => {
  const recent = open()
  const file = make('gone.json')
  const id = recent.name(file)
  await recent.remember(id, 'experiment')
  expect(await recent.open(id)).toEqual({ id, path: file, text: '{"name":"gone.json"}' })
  fs.rmSync(file)
  expect(await recent.list()).toMatchObject([{ id, isMissing: true }])
  await expect(recent.open(id)).rejects.toThrow(`${file}: it is not there any more. Look for it elsewhere`)
  await recent.remove(id)
  expect(await recent.list()).toEqual([])
  await recent.remember(recent.name(make('a.json')), 'block')
  await recent.clear()
  expect(await recent.list()).toEqual([])
  expect(changes.slice(-2)).toEqual([path.join(folder, 'a.json'), null])
})

test('a pipe in the place of a file is missing, and is never waited for', async () => {
  const recent = open()
  const file = make('pipe.json')
  const id = recent.name(file)
  await recent.remember(id, 'experiment')
  fs.rmSync(file)
  execFileSync('mkfifo', [file])
  expect(await recent.list()).toMatchObject([{ isMissing: true }])
  await expect(recent.open(id)).rejects.toThrow('it is not there any more')
})

test('a file in the user’s home is shown as people write it', async () => {
  const recent = open()
  const file = path.join(os.homedir(), 'experiments', 'mine.json')
  await recent.remember(recent.name(file), 'experiment')
  const at = path.join(os.homedir() + '-of-another', 'mine.json')
  await recent.remember(recent.name(at), 'experiment')
  expect((await recent.list()).map((one) => one.folder)).toEqual([path.dirname(at), '~/experiments'])
})

test('only what the user has chosen has a name', async () => {
  const recent = open()
  const file = make('secret.json')
  for (const id of [idOf(file), file, '../secret.json', '']) {
    expect(recent.find(id)).toBeNull()
    await expect(recent.open(id)).rejects.toThrow('file: this one is not in the list any more')
    expect(() => recent.remember(id, 'block')).toThrow('file: this one is not in the list any more')
  }
})

test.each([
  '',
  '{"version":1,"files":[{"path":"/a',
  '{"version":2,"files":[]}',
  '{"version":1,"files":{"path":"/etc/passwd"}}',
  'null',
  `{"version":1,"files":[{"path":"relative","kind":"block","used":""},{"path":"/a","kind":"key","used":""},null,1]}`,
])('a damaged list (%j) is an empty one, and the next file begins it anew', async (text) => {
  fs.mkdirSync(path.dirname(listFile()))
  fs.writeFileSync(listFile(), text)
  const recent = open()
  expect(await recent.list()).toEqual([])
  await recent.remember(recent.name(make('a.json')), 'experiment')
  expect(await recent.list()).toHaveLength(1)
})

test('two programs that remember at once lose nothing', async () => {
  const [one, two] = [open(), open()]
  const [a, b] = [make('a.json'), make('b.json')]
  await Promise.all([one.remember(one.name(a), 'experiment'), two.remember(two.name(b), 'experiment')])
  expect((await one.list()).map(({ name }) => name).sort()).toEqual(['a.json', 'b.json'])
})
