import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createPageFiles, type PageFiles } from '../../main/hosts/electron/page-files'
import { hostFolder } from '../../main/trainer/page/folder'
import type { AskHost } from '../../main/trainer/page/asking'
import type { Ask } from '../../main/trainer/page/wire'

// What the page that computes reaches of this machine, by the same calls as in it, without the ports between.

let data: string
let files: PageFiles
let run: string
beforeEach(() => {
  data = fs.mkdtempSync(path.join(os.tmpdir(), 'page-files-'))
  run = path.join(data, 'run')
  fs.mkdirSync(run)
  fs.writeFileSync(path.join(data, 'secret'), 'of somebody else')
  files = createPageFiles(() => 1, data)
})
afterEach(() => {
  files.close()
  fs.rmSync(data, { recursive: true, force: true })
})

const ask = (async (name: string, given: unknown) => {
  const answer = await files.answer({ id: 1, ask: name, given } as Ask)
  if ('error' in answer) throw Object.assign(new Error(answer.error.message), answer.error)
  return answer.reply
}) as AskHost

async function* parts(...all: (string | Error)[]) {
  for (const one of all) {
    if (one instanceof Error) throw one
    yield new TextEncoder().encode(one)
  }
}

test('files of a run that runs are written whole or not at all, and read', async () => {
  files.admit('a', { folder: run, resume: true })
  const folder = hostFolder(ask, { folder: run, resume: true })
  expect(await folder.open('cells.json')).toBeNull()
  await folder.write('cells.json', parts('one, ', 'two'))
  const file = (await folder.open('cells.json'))!
  const bytes = new Uint8Array(file.size - 5)
  file.read(5, bytes)
  expect(new TextDecoder().decode(bytes)).toBe('two')
  await expect(folder.write('cells.json', parts('half', new Error('stopped')))).rejects.toThrow('stopped')
  expect(fs.readdirSync(run)).toEqual(['cells.json'])
  expect(fs.readFileSync(path.join(run, 'cells.json'), 'utf8')).toBe('one, two')
  const inner = await folder.within('cell', true)
  await inner.write('checkpoint', parts('deep'))
  expect(fs.readFileSync(path.join(run, 'cell', 'checkpoint'), 'utf8')).toBe('deep')
  await folder.remove('cell')
  expect(fs.readdirSync(run)).toEqual(['cells.json'])
})

test('an error of the system arrives with its code', async () => {
  const gone = path.join(data, 'gone')
  files.admit('a', { folder: gone, resume: false })
  const folder = hostFolder(ask, { folder: gone, resume: false })
  await expect(folder.write('file', parts('x'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('nothing else is reached: no other folder, path or ended run; one that is looked at is not written', async () => {
  const named = 'This file is in no folder of a run that runs.'
  const all = (folder: string, name: string) => ask('open', { folder, name })
  await expect(all(run, 'file')).rejects.toThrow(named)
  files.admit('a', { folder: run, resume: false })
  expect(await all(run, 'file')).toBeNull()
  const outside = [
    [data, 'secret'],
    [run, '../secret'],
    [run, '..'],
    [`${run}/..`, 'secret'],
    [`${run}/../`, 'secret'],
    [`${run}-other`, 'file'],
    ['/etc', 'passwd'],
  ]
  for (const [folder, name] of outside) await expect(all(folder, name), folder + name).rejects.toThrow(named)
  await expect(ask('toString' as never, null as never)).rejects.toThrow('something that there is not')
  files.ended('a')
  await expect(all(run, 'file')).rejects.toThrow(named)
  files.admit('b', { folder: run, resume: false, isReadOnly: true })
  expect(await all(run, 'file')).toBeNull()
  await expect(ask('begin', { folder: run, name: 'file' })).rejects.toThrow('looked at, and not written')
})
