import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLab } from '../../main/hosts/lab/lab'
import { openBlockLibrary, type BlockLibrary } from '../../main/hosts/lab/block-library'
import { nodeTrainer } from '../../main/hosts/lab/supervisor-node'
import { presetNamed } from '../../shared/block/presets'
import type { Message } from '../../shared/protocol/protocol'

let folder: string
let library: BlockLibrary
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-library-'))
  library = openBlockLibrary(folder)
})
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

const mine = (name: string) => ({ ...presetNamed('practical'), name })
const names = () => library.list().blocks.map(({ block }) => block.name)
const files = () => fs.readdirSync(path.join(folder, 'blocks')).sort()

describe('the library of blocks', () => {
  test('is empty before anything is saved, and makes no folder', () => {
    expect(library.list()).toEqual({ blocks: [], problems: [] })
    expect(fs.existsSync(path.join(folder, 'blocks'))).toBe(false)
  })

  test('gives back what was saved, the newest first', async () => {
    const layout = { sum: [1.5, -2] as [number, number] }
    await library.save({ ...mine('a'), layout }, null)
    await new Promise((resolve) => setTimeout(resolve, 5))
    await library.save(mine('b'), null)
    expect(names()).toEqual(['b', 'a'])
    expect(openBlockLibrary(folder).list().blocks[1].block).toEqual({ ...mine('a'), layout })
    expect(files()).toEqual(['a.json', 'b.json'])
  })

  test('of many saves at once none is lost, in one process or several on one folder', async () => {
    const second = openBlockLibrary(folder)
    const saved = await Promise.all(
      Array.from({ length: 40 }, (_, i) => (i % 2 ? library : second).save(mine('a'), null)),
    )
    expect(new Set(saved.map(({ id }) => id)).size).toBe(40)
    expect(files()).toHaveLength(40)
    expect(new Set(names())).toEqual(new Set(saved.map(({ block }) => block.name)))
  })

  test('a file that came up beside the library is not replaced', async () => {
    await library.save(mine('a'), null)
    fs.rmSync(path.join(folder, 'blocks', 'a.json'))
    fs.mkdirSync(path.join(folder, 'blocks', 'a.json'))
    const saved = await library.save(mine('a'), null)
    expect(saved.id).not.toBe('a')
  })

  test('a name that is taken gets a number, unless the block takes the other’s place', async () => {
    const first = await library.save(mine('a'), null)
    expect((await library.save(mine('a'), null)).block.name).toBe('a-2')
    const second = await library.save({ ...mine('a'), title: 'Better' }, first.id)
    expect(second.id).toBe(first.id)
    expect(names().sort()).toEqual(['a', 'a-2'])
    expect(library.list().blocks.find(({ id }) => id === first.id)!.block.title).toBe('Better')
  })

  test('names of any writing become file names of every system', async () => {
    const odd = ['../../etc/passwd', 'блок', 'CON', 'a/b\\c:d', 'x'.repeat(100), '   -  ', 'A', 'a']
    for (const name of odd) await library.save(mine(name), null)
    expect(names().sort()).toEqual([...odd].sort())
    expect(files()).toHaveLength(odd.length)
    for (const file of files()) expect(file).toMatch(/^[a-z0-9][a-z0-9-]{0,79}\.json$/)
    expect(fs.readdirSync(folder)).toEqual(['blocks'])
  })

  test('renames and removes', async () => {
    const { id } = await library.save(mine('a'), null)
    await library.save(mine('b'), null)
    expect((await library.rename(id, ' c ')).block.name).toBe('c')
    await expect(library.rename(id, 'b')).rejects.toThrow('library: there is another block "b".')
    await expect(library.rename(id, '')).rejects.toThrow('a name of 1 to 100 characters is missing')
    await library.remove(id)
    expect(names()).toEqual(['b'])
    await expect(library.remove(id)).rejects.toThrow('there is no saved block "a"')
  })

  test('no id leads out of its folder', async () => {
    const outside = path.join(folder, 'workspace.json')
    fs.writeFileSync(outside, '{}')
    await library.save(mine('a'), null)
    for (const id of ['../workspace', '..', '', '/etc/passwd', 'a.json', 'A', 'a\0']) {
      await expect(library.remove(id)).rejects.toThrow('there is no saved block')
      await expect(library.rename(id, 'x')).rejects.toThrow('there is no saved block')
      await expect(library.save(mine('x'), id)).rejects.toThrow('there is no saved block')
    }
    expect(fs.readFileSync(outside, 'utf8')).toBe('{}')
    expect(names()).toEqual(['a'])
  })

  test('what is no block is refused, and nothing written', async () => {
    for (const value of [null, 3, {}, { ...mine('a'), nodes: [] }, { ...mine('a'), output: 'none' }])
      await expect(library.save(value, null)).rejects.toThrow(/^block/)
    expect(fs.existsSync(path.join(folder, 'blocks'))).toBe(false)
  })

  test('damaged files are named and left as they are', async () => {
    await library.save(mine('a'), null)
    const blocks = path.join(folder, 'blocks')
    const damaged: Record<string, string> = {
      'cut.json': '{"version":1,"block":{"na',
      'future.json': JSON.stringify({ version: 2, block: mine('f') }),
      'noise.json': 'x'.repeat(2 ** 20 + 1),
      'poison.json': '{"version":1,"__proto__":{"polluted":1},"block":{"__proto__":{"polluted":1}}}',
    }
    for (const [name, text] of Object.entries(damaged)) fs.writeFileSync(path.join(blocks, name), text)
    fs.writeFileSync(path.join(blocks, 'notes.txt'), 'mine')
    fs.mkdirSync(path.join(blocks, 'folder.json'))
    const { blocks: found, problems } = library.list()
    expect(found.map(({ block }) => block.name)).toEqual(['a'])
    expect(problems).toHaveLength(5)
    for (const problem of problems)
      expect(problem).toMatch(/is no saved block \(.*\)\. It is left as it is\.$/)
    expect({}).not.toHaveProperty('polluted')
    await library.save(mine('cut'), null)
    for (const [name, text] of Object.entries(damaged))
      expect(fs.readFileSync(path.join(blocks, name), 'utf8')).toBe(text)
    expect(files()).toContain('cut-2.json')
  })

  test('where it cannot be written, the message says what to do', async () => {
    fs.writeFileSync(path.join(folder, 'blocks'), 'a file in the way')
    await expect(library.save(mine('a'), null)).rejects.toThrow(/could not be (read|saved).*blocks/)
  })
})

test('a front end asks for it by messages; errors of the user are told as such', async () => {
  const context = { cacheFolder: path.join(folder, 'cache'), env: { PATH: '' }, wheels: {}, official: {} }
  const lab = createLab({
    host: 'browser',
    spawn: nodeTrainer(path.join(__dirname, 'fixture-trainer.cjs')),
    folder,
    runtime: { context },
  })
  const waiting = new Map<string, (message: Message) => void>()
  const connection = lab.connect((message) => {
    if (message.kind !== 'notice' && message.kind !== 'event') waiting.get(message.id)?.(message)
  })
  const ask = (id: string, body: object) =>
    new Promise<Message>((resolve) => {
      waiting.set(id, resolve)
      connection.receive({ kind: 'request', id, body })
    })
  expect(await ask('1', { type: 'library.save', block: mine('a'), replace: null })).toMatchObject({
    kind: 'reply',
    value: { id: 'a', block: { name: 'a' } },
  })
  expect(await ask('2', { type: 'library.list' })).toMatchObject({ value: { blocks: [{ id: 'a' }] } })
  expect(await ask('3', { type: 'library.rename', block: 'a', name: 'b' })).toMatchObject({ kind: 'reply' })
  expect(await ask('4', { type: 'library.remove', block: 'x' })).toMatchObject({
    kind: 'error',
    error: {
      reason: 'input',
      message: 'library: there is no saved block "x". It may have been removed elsewhere.',
    },
  })
  expect(await ask('5', { type: 'library.save', block: 'x' })).toMatchObject({ error: { reason: 'failed' } })
  expect(await ask('6', { type: 'library.remove', block: 'a' })).toMatchObject({ kind: 'reply', value: null })
  await lab.close()
})
