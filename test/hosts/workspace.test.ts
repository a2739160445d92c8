import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { dataFolder, openWorkspace } from '../../main/hosts/lab/workspace'

let folder: string
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-workspace-'))))
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

const file = () => path.join(folder, 'workspace.json')

test('the first start has no workspace', () => {
  expect(openWorkspace(folder).load()).toEqual({ document: null, problem: null })
})

test('what was saved is loaded, also numbers that are not finite', async () => {
  const document = { experiment: { blocks: 20 }, view: { high: Infinity } }
  await openWorkspace(path.join(folder, 'new')).save(document)
  expect(openWorkspace(path.join(folder, 'new')).load()).toEqual({ document, problem: null })
})

test('saves that follow each other at once leave the last one', async () => {
  const workspace = openWorkspace(folder)
  await Promise.all(Array.from({ length: 20 }, (_, n) => workspace.save({ n })))
  expect(workspace.load().document).toEqual({ n: 19 })
  expect(fs.readdirSync(folder)).toEqual(['workspace.json'])
})

test.each(['{"experiment": {"blo', '', '[1, 2]', 'null'])(
  'a damaged file (%j) is kept aside, never overwritten',
  async (text) => {
    fs.writeFileSync(file(), text)
    fs.writeFileSync(`${file()}.corrupt-1`, 'an older one')
    const workspace = openWorkspace(folder)
    expect(workspace.load()).toEqual({
      document: null,
      problem:
        'The saved workspace is damaged. The workbench starts afresh; the damaged file is kept as ' +
        `${file()}.corrupt-2.`,
    })
    await workspace.save({ new: true })
    expect(fs.readFileSync(`${file()}.corrupt-1`, 'utf8')).toBe('an older one')
    expect(fs.readFileSync(`${file()}.corrupt-2`, 'utf8')).toBe(text)
    expect(workspace.load()).toEqual({ document: { new: true }, problem: null })
  },
)

test('a document that is too large is refused, and the saved one stays', async () => {
  const workspace = openWorkspace(folder)
  await workspace.save({ small: true })
  await expect(workspace.save({ text: 'x'.repeat(9 * 2 ** 20) })).rejects.toThrow(
    'The workspace is too large to save (more than 8 MB). Save it as a file and start a smaller one.',
  )
  expect(workspace.load().document).toEqual({ small: true })
})

test('a folder that cannot be written: the message names it and says how to mend it', async () => {
  fs.writeFileSync(path.join(folder, 'file'), '')
  const impossible = path.join(folder, 'file', 'below')
  await expect(openWorkspace(impossible).save({})).rejects.toThrow(
    /^The workspace could not be saved to .*workspace\.json \(E.*\)\. Free some space there, or set RESIDUAL_LAB_DATA to another folder\.$/,
  )
})

test('each platform has its place, and RESIDUAL_LAB_DATA wins', () => {
  expect(dataFolder({ XDG_DATA_HOME: '/x' }, 'linux')).toBe('/x/residual-lab')
  expect(dataFolder({}, 'linux')).toBe(path.join(os.homedir(), '.local/share/residual-lab'))
  expect(dataFolder({}, 'darwin')).toBe(path.join(os.homedir(), 'Library/Application Support/residual-lab'))
  expect(dataFolder({ RESIDUAL_LAB_DATA: '/y', XDG_DATA_HOME: '/x' }, 'linux')).toBe('/y')
})
