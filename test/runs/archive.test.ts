import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exportToBytes, exportToFile } from '../../main/runs/export-file'
import { openRunLibrary, type RunLibrary } from '../../main/runs/library'
import { InputError } from '../../shared/base/errors'
import { defaultExperiment } from '../../shared/settings/table'
import { newRun, outcome, RESULT } from './runs'

let folder: string
let library: RunLibrary
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-archive-'))
  library = openRunLibrary(path.join(folder, 'data'))
})
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

test('a run that is exported and imported elsewhere is the same run', async () => {
  const { id } = await library.keep(newRun({ name: 'mine' }), outcome())
  await library.change(id, { note: 'why', tags: ['a'], pinned: true })
  const file = path.join(folder, 'run.zip')
  await exportToFile(library, id, file, false)
  const elsewhere = openRunLibrary(path.join(folder, 'elsewhere'))
  const entry = await elsewhere.import(file, file)
  const own = library.open(id)
  expect(entry).toEqual({ ...own.entry, pinned: false, bytes: entry.bytes })
  expect(elsewhere.open(entry.id)).toEqual({ ...own, entry })
  // Here its id is taken.
  const again = await library.import(await exportToBytes(library, id), 'archive')
  expect(again.id).not.toBe(id)
  expect(library.open(again.id)).toMatchObject({ result: RESULT, entry: { name: 'mine', note: 'why' } })
  const there = fs.readdirSync(path.join(folder, 'data/runs')).filter((name) => name !== 'index.json')
  expect(there.sort()).toEqual([id, again.id].sort())
})

test('an export writes over no file, and what is running is not exported', async () => {
  const { id } = await library.keep(newRun(), outcome())
  const file = path.join(folder, 'run.zip')
  fs.writeFileSync(file, 'mine')
  await expect(exportToFile(library, id, file, false)).rejects.toThrow(/there is a file of this name already/)
  expect(fs.readFileSync(file, 'utf8')).toBe('mine')
  const { id: running } = library.begin(newRun({ kind: 'train' }))
  await expect(exportToBytes(library, running)).rejects.toThrow(/is still running/)
  expect(fs.readdirSync(folder).sort()).toEqual(['data', 'run.zip'])
})

interface Member {
  name: string
  data?: string | Buffer
  /** What the archive says that it is. */
  size?: number
  attributes?: number
  flags?: number
}

/** A .zip as no honest program writes it. */
function zipOf(members: readonly Member[]): Buffer {
  const locals: Buffer[] = []
  const central: Buffer[] = []
  let offset = 0
  for (const { name, data = '', size, attributes = 0, flags = 0 } of members) {
    const raw = Buffer.from(data)
    const packed = deflateRawSync(raw)
    const bytes = Buffer.from(name)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(flags, 2)
    common.writeUInt16LE(8, 4)
    common.writeUInt32LE(crc32(raw), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(size ?? raw.length, 18)
    common.writeUInt16LE(bytes.length, 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, bytes, packed])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(attributes, 6)
    tail.writeUInt32LE(offset, 10)
    central.push(Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 3]), common, tail, bytes]))
    locals.push(local)
    offset += local.length
  }
  const directory = Buffer.concat(central)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(members.length, 8)
  end.writeUInt16LE(members.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, directory, end])
}

function crc32(data: Buffer): number {
  let crc = -1
  for (const byte of data) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}

const ENTRY = {
  ...{
    id: 'fern-12',
    name: 'a',
    kind: 'train',
    created: '2026-01-01T00:00:00Z',
    seconds: 1,
    state: 'stopped',
  },
  ...{
    device: '',
    version: '1',
    seed: 1,
    title: '',
    varied: '',
    figures: [],
    thumbnail: null,
    settings: {},
    note: '',
  },
  ...{ tags: [], pinned: true, bytes: 0, command: null, removed: null, steps: null, canResume: true },
}
const run = {
  name: 'fern-12/run.json',
  data: JSON.stringify({ version: 1, entry: ENTRY, request: {}, owner: null }),
}
const experiment = { name: 'fern-12/experiment.json', data: JSON.stringify(defaultExperiment()) }

test('an archive of other programs is read; what it says of itself is made anew', async () => {
  const folderEntry = { name: 'fern-12/' }
  const entry = await library.import(zipOf([folderEntry, run, experiment]), 'it')
  expect(entry).toMatchObject({
    id: 'fern-12',
    pinned: false,
    canResume: false,
    seed: 1,
    bytes: expect.any(Number),
  })
  expect(entry.title).not.toBe('')
})

const SYMLINK = (0o120777 << 16) >>> 0
const deep = `${'['.repeat(200)}1${']'.repeat(200)}`

test.each<[string, Member[] | Buffer, RegExp]>([
  ['is no zip', Buffer.from('hello'), /it cannot be read as a \.zip file/],
  ['is cut', zipOf([run, experiment]).subarray(0, 300), /it cannot be read as a \.zip file/],
  ['leads out', [run, experiment, { name: '../../evil' }], /it is damaged \(invalid relative path/],
  ['leads out of its folder', [run, experiment, { name: 'fern-12/../x.json' }], /invalid relative path/],
  ['is absolute', [run, experiment, { name: '/etc/passwd' }], /absolute path/],
  ['has a drive', [run, experiment, { name: 'C:/x' }], /absolute path/],
  ['has backslashes', [run, experiment, { name: 'fern-12\\x' }], /invalid characters in fileName/],
  [
    'has a link',
    [run, { ...experiment, attributes: SYMLINK }],
    /experiment\.json in it is a link, not a file/,
  ],
  ['has something twice', [run, experiment, run], /it holds run\.json twice/],
  [
    'has a program',
    [run, experiment, { name: 'fern-12/run.sh' }],
    /"fern-12\/run\.sh", which is no file of a run/,
  ],
  ['has folders in it', [run, experiment, { name: 'fern-12/a/run.json' }], /which is no file of a run/],
  ['has two runs', [run, experiment, { name: 'oak-1/result.json' }], /it holds more than one run/],
  [
    'has too many',
    Array.from({ length: 9 }, (_, i) => ({ name: `f/${i}` })),
    /it holds 9 files, and a run has at most 7/,
  ],
  ['lacks the experiment', [run], /it has no experiment\.json/],
  ['is encrypted', [run, { ...experiment, flags: 1 }], /experiment\.json in it is encrypted/],
  [
    'says it is small',
    [run, experiment, { name: 'fern-12/result.json', data: ' '.repeat(1e6), size: 10 }],
    /it is damaged \((too many bytes|it is larger)/,
  ],
  ['says it is large', [{ ...run, size: 2 ** 21 }, experiment], /run\.json in it is larger than 1 MB/],
  [
    'is a bomb',
    [run, experiment, { name: 'fern-12/result.json', data: Buffer.alloc(17 * 2 ** 20) }],
    /result\.json in it would become more than 200 times as large/,
  ],
  ['has no run', [{ ...run, data: '{}' }, experiment], /its run\.json is damaged/],
  [
    'is of a newer version',
    [{ ...run, data: JSON.stringify({ version: 2 }) }, experiment],
    /a newer version of Residual Lab wrote it/,
  ],
  [
    'has an id that leads out',
    [{ ...run, data: JSON.stringify({ version: 1, entry: { ...ENTRY, id: '../x-1' } }) }, experiment],
    /"\.\.\/x-1" is no run’s id/,
  ],
  [
    'has no experiment',
    [run, { ...experiment, data: '{"width":-1}' }],
    /its experiment\.json is damaged .*width/,
  ],
  [
    'has a deep result',
    [run, experiment, { name: 'fern-12/result.json', data: deep }],
    /result\.json is damaged/,
  ],
  [
    'has a checkpoint that is none',
    [run, experiment, { name: 'fern-12/checkpoint.safetensors', data: 'x' }],
    /its checkpoint\.safetensors is damaged \(it is too short\)/,
  ],
  [
    'has an environment that is none',
    [run, experiment, { name: 'fern-12/environment.json', data: '{"device":[]}' }],
    /its environment\.json is damaged/,
  ],
])('an archive that %s is refused in one line, and leaves nothing', async (_what, made, words) => {
  const bytes = Buffer.isBuffer(made) ? made : zipOf(made)
  const error = await library.import(bytes, 'it.zip').catch((refused: unknown) => refused)
  expect(error).toBeInstanceOf(InputError)
  expect((error as Error).message).toMatch(words)
  expect((error as Error).message).not.toContain('\n')
  expect(library.list()).toMatchObject({ runs: [], problems: [] })
  expect(fs.readdirSync(path.join(folder, 'data/runs'))).toEqual([])
  expect(fs.readdirSync(folder)).toEqual(['data'])
})
