import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSettings, readSettings } from '../../main/hosts/lab/settings'
import { DEFAULT_HOST_SETTINGS, parseHostSettings } from '../../shared/protocol/host-settings'

let folder: string
let file: string
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-settings-'))
  file = path.join(folder, 'settings.json')
})
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

const write = (value: unknown) =>
  fs.writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value))
const written = () => JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, unknown>

test('a folder without settings has the defaults, and is not written to', () => {
  expect(readSettings(folder)).toEqual({ settings: DEFAULT_HOST_SETTINGS, problem: null })
  expect(openSettings(folder).settings).toEqual(DEFAULT_HOST_SETTINGS)
  expect(fs.readdirSync(folder)).toEqual([])
})

test('a change is saved for this user alone, and is there at the next start', async () => {
  const settings = openSettings(folder)
  expect(await settings.save({ threads: 3, memory: 2.5 })).toMatchObject({ threads: 3, memory: 2.5 })
  expect(settings.settings).toMatchObject({ threads: 3, memory: 2.5, device: 'auto' })
  expect(written()).toMatchObject({ version: 1, threads: 3 })
  if (process.platform !== 'win32') expect(fs.statSync(file).mode & 0o777).toBe(0o600)
  expect(readSettings(folder).settings).toEqual(settings.settings)
})

test('two hosts on one folder: neither takes back what the other has changed', async () => {
  const [one, two] = [openSettings(folder), openSettings(folder)]
  await Promise.all([one.save({ threads: 3 }), two.save({ textSize: 110 })])
  await two.save({ welcomed: true })
  expect(two.settings).toMatchObject({ threads: 3, textSize: 110, welcomed: true })
  expect(fs.readdirSync(folder).filter((name) => name !== 'lock')).toEqual(['settings.json'])
})

test('a file may leave settings out', () => {
  write({ threads: 2 })
  expect(readSettings(folder)).toEqual({ settings: { ...DEFAULT_HOST_SETTINGS, threads: 2 }, problem: null })
})

test.each([
  ['of a later version', { version: 2, threads: 2 }, 'settings.json.version: version 2 is not known here'],
  ['with a setting that is not known', { version: 1, colour: 1 }, 'settings.json.colour: there is no such'],
  ['with a value that is not known', { threads: 0 }, 'settings.json.threads: 0 is out of range'],
  ['that is no object', [1], 'settings.json: these are no settings'],
])('a file %s counts for nothing, and is never written over', async (_name, value, why) => {
  write(value)
  const before = fs.readFileSync(file, 'utf8')
  const settings = openSettings(folder)
  expect(settings.settings).toEqual(DEFAULT_HOST_SETTINGS)
  expect(settings.problem).toContain(`The settings in ${file} are not of this version (${why}`)
  expect(settings.problem).toContain('The defaults count, and the file is left as it is')
  await expect(settings.save({ threads: 3 })).rejects.toThrow(
    `The settings could not be saved to ${file} (${why}`,
  )
  expect(fs.readFileSync(file, 'utf8')).toBe(before)
  expect(settings.settings).toEqual(DEFAULT_HOST_SETTINGS)
})

test('a damaged file gives way to the next change, and is kept', async () => {
  write('{"threads": ')
  const settings = openSettings(folder)
  expect(settings.problem).toContain(`The settings in ${file} are damaged (settings.json: this is not JSON`)
  await settings.save({ threads: 3 })
  expect(settings.problem).toBeNull()
  expect(written()).toMatchObject({ threads: 3 })
  expect(fs.readFileSync(`${file}.damaged-1`, 'utf8')).toBe('{"threads": ')
})

test('what is no file is named, and not waited for', async () => {
  fs.mkdirSync(file)
  const settings = openSettings(folder)
  expect(settings.problem).toBe(
    `The settings in ${file} could not be read (it is a folder). The defaults count; make the file readable.`,
  )
  await expect(settings.save({ threads: 3 })).rejects.toThrow('(it is a folder)')
})

test.each([
  [{ threads: 1.5 }, 'settings.threads: 1.5 is not a whole number. Give a whole number from 1 to 1024.'],
  [{ memory: 0.1 }, 'settings.memory: 0.1 is out of range. Give a number from 0.5 to 65536.'],
  [{ device: 'tpu' }, 'settings.device: "tpu" is not a choice.'],
  [{ textSize: 300 }, 'settings.textSize: 300 is not a choice. Give one of 90, 100, 110, 120.'],
  [{ welcomed: 'yes' }, 'settings.welcomed: "yes" is neither true nor false. Give true or false.'],
  [{ thread: 1 }, 'settings.thread: there is no such field. Did you mean "threads"?'],
  [{ version: 2 }, 'settings.version: version 2 is not known here'],
])('%j is refused with what, where and a hint, and nothing is saved', async (changes, words) => {
  await expect(openSettings(folder).save(changes)).rejects.toThrow(words)
  expect(fs.existsSync(file)).toBe(false)
})

test('a folder that cannot be made is named with a hint', async () => {
  fs.writeFileSync(path.join(folder, 'file'), '')
  const settings = openSettings(path.join(folder, 'file', 'data'))
  await expect(settings.save({ threads: 1 })).rejects.toThrow(
    /could not be saved to \S+settings\.json \(.+\)\. .*RESIDUAL_LAB_DATA to another folder\./,
  )
})

test('a GPU is named as NVIDIA names it, and by nothing else', () => {
  const gpu = (value: unknown) => parseHostSettings({ version: 1, gpu: value }, 'settings').gpu
  for (const name of ['0', '12', 'GPU-8f4a-0000', 'MIG-1c2d', null]) expect(gpu(name)).toBe(name)
  for (const name of ['', '-1', '0,1', 'first', 0, 'GPU-$(x)'])
    expect(() => gpu(name)).toThrow('names no GPU')
})
