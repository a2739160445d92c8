import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { dataHash } from '../../main/data/hash'
import { importSamples } from '../../main/data/import'
import { openDataStore } from '../../main/data/store'
import { discardSamples } from '../../main/data/store-samples'
import { StoredValues } from '../../main/data/stored-values'
import type { DataSet } from '../../shared/data/description'
import { dataFigures } from '../../shared/data/figures'
import { sliceOf } from '../../shared/data/slice'
import { scaledRange, scaledSamples } from '../../shared/data/scale'
import type { InstallProgress } from '../../main/runtime'

let folder: string
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'streamed-'))))
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

const write = (name: string, content: string | Uint8Array) => {
  const file = path.join(folder, name)
  fs.writeFileSync(file, content)
  return file
}

function npy(descr: string, shape: number[], values: Uint8Array): Buffer {
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }\n`
  const head = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, dict.length, 0])
  return Buffer.concat([head, Buffer.from(dict, 'latin1'), values])
}

function idx(type: number, shape: number[], values: Uint8Array): Buffer {
  const head = Buffer.alloc(4 + 4 * shape.length)
  head.set([0, 0, type, shape.length])
  shape.forEach((one, i) => head.writeUInt32BE(one, 4 + 4 * i))
  return Buffer.concat([head, values])
}

const COUNT = 1501
const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 7919) % 251)
const labels = () =>
  write(
    'y.npy',
    npy(
      '|u1',
      [COUNT],
      bytes(COUNT).map((one) => one % 4),
    ),
  )

/** Files of every form of which pieces are read, several pieces long. */
const FORMS: Record<string, () => { file: string; labels?: string }> = {
  'a table': () => {
    const rows = Array.from({ length: 40_000 }, (_, i) => `${i % 977},${i / 7},${'abc'[i % 3]},${i % 5},1`)
    return { file: write('my.csv', `age,size,kind,class,same\n${rows.join('\n')}\n`) }
  },
  'NPY of float64, channels first': () => {
    const values = Float64Array.from({ length: COUNT * 3 * 16 * 16 }, (_, i) => Math.sin(i))
    const file = write('x.npy', npy('<f8', [COUNT, 3, 16, 16], new Uint8Array(values.buffer)))
    return { file, labels: labels() }
  },
  'NPY of float32': () => {
    const values = Float32Array.from({ length: COUNT * 300 }, (_, i) => Math.cos(i))
    const file = write('x.npy', npy('<f4', [COUNT, 300], new Uint8Array(values.buffer)))
    return { file, labels: labels() }
  },
  'a table of real targets': () => {
    const rows = Array.from({ length: 40_000 }, (_, i) => `${i % 977},${i % 13},${Math.sin(i)}`)
    return { file: write('real.csv', `age,size,height (m)\n${rows.join('\n')}\n`) }
  },
  'NPY with two targets a sample': () => {
    const values = Float32Array.from({ length: COUNT * 300 }, (_, i) => Math.cos(i))
    const file = write('x.npy', npy('<f4', [COUNT, 300], new Uint8Array(values.buffer)))
    const targets = new Uint8Array(Float64Array.from({ length: COUNT * 2 }, (_, i) => i / 3).buffer)
    return { file, labels: write('y.npy', npy('<f8', [COUNT, 2], targets)) }
  },
  'IDX of bytes': () => {
    return { file: write('x', idx(8, [COUNT, 28, 28], bytes(COUNT * 784))), labels: labels() }
  },
  'CIFAR-10’s': () => {
    const content = bytes(COUNT * 3073)
    for (let i = 0; i < COUNT; i++) content[i * 3073] = i % 10
    return { file: write('data_batch_1.bin', content) }
  },
}

/** Several buckets in each part, one of them not full. */
const small = () => ({ folder: path.join(folder, 'data'), mostHeld: 0, bucketBytes: 300_000 })
const imported = async (form: string, streamed: boolean) => {
  const { file, labels } = FORMS[form]()
  const target = form === 'a table' ? 'class' : undefined
  const options = { name: 'mine', testShare: 0.3, seed: 5, target, labels }
  return importSamples(file, options, streamed ? small() : undefined)
}
const isStored = ({ training }: DataSet) => training.x instanceof StoredValues
const leftBeside = () => fs.readdirSync(path.join(folder, 'data')).filter((name) => name.startsWith('.'))

describe('samples of a file that is read piece by piece', () => {
  test.each(Object.keys(FORMS))('%s: come out as they do in memory, bit for bit', async (form) => {
    const held = await imported(form, false)
    const streamed = await imported(form, true)
    expect([isStored(held.data), isStored(streamed.data)]).toEqual([false, true])
    expect(streamed.notes).toEqual(held.notes)
    expect(streamed.data.description).toEqual(held.data.description)
    expect(streamed.data.scale).toEqual(held.data.scale)
    expect(dataHash(streamed.data)).toBe(held.data.description.sha256)
    const { training } = held.data.description
    const some = Int32Array.from({ length: 40 }, (_, i) => (i * 523) % training)
    const batch = ({ training: part, ...data }: DataSet) => scaledSamples(data, part, some)
    expect(batch(streamed.data)).toEqual(batch(held.data))
    const evaluated = (data: DataSet) => scaledRange(data, data.test, 3, 60)
    expect(evaluated(streamed.data)).toEqual(evaluated(held.data))
    const question = { part: 'test', label: 2, from: 5, count: 20 } as const
    expect(sliceOf(streamed.data, question)).toEqual(sliceOf(held.data, question))
    expect(dataFigures(streamed.data)).toEqual({ ...dataFigures(held.data), isStored: true })
  })

  test.each(['CIFAR-10’s', 'NPY with two targets a sample'])(
    '%s: kept where it lies, and read from there',
    async (form) => {
      const { data } = await imported(form, true)
      const store = openDataStore(folder, 0)
      expect(leftBeside()).toHaveLength(1)
      store.keep(data)
      expect(leftBeside()).toEqual([])
      const again = store.read(store.describe('mine'))
      expect(isStored(again)).toBe(true)
      expect(dataHash(again)).toBe(data.description.sha256)
      // A store that holds more has it in memory, with the same samples.
      const held = openDataStore(folder).read(store.describe('mine'))
      expect(isStored(held)).toBe(false)
      expect(again.training.y).toEqual(held.training.y)
      expect(dataHash(held)).toBe(data.description.sha256)
    },
  )

  test('is checked when it was changed, and not each time it is read', async () => {
    const store = openDataStore(folder, 0)
    store.keep((await imported('IDX of bytes', true)).data)
    const description = store.describe('mine')
    const own = path.join(store.folder, 'mine')
    const checked = JSON.parse(fs.readFileSync(path.join(own, 'checked.json'), 'utf8')) as object
    expect(checked).toMatchObject({ sha256: description.sha256 })
    // What the note says is believed as long as size and time are those of the file.
    fs.writeFileSync(path.join(own, 'checked.json'), JSON.stringify({ ...checked, sha256: 'another' }))
    expect(() => store.read(description)).toThrow('are not those of this hash')
    fs.rmSync(path.join(own, 'checked.json'))
    const opened = store.read(description)
    expect(JSON.parse(fs.readFileSync(path.join(own, 'checked.json'), 'utf8'))).toEqual(checked)
    const file = path.join(own, 'values.bin')
    const content = fs.readFileSync(file)
    content[1234] ^= 1
    fs.writeFileSync(file, content)
    fs.utimesSync(file, 1, 2)
    expect(() => store.read(description)).toThrow('are not those of this hash')
    await new Promise((resolve) => setImmediate(resolve))
    expect(() => scaledRange(opened, opened.training, 0, 2)).toThrow(
      'was removed or changed while it was read.',
    )
  })

  test('nothing is left of what is cancelled, discarded or bad', async () => {
    const { data } = await imported('CIFAR-10’s', true)
    discardSamples(data)
    expect(leftBeside()).toEqual([])
    for (const message of ['Reading', 'Putting samples', 'Mean']) {
      const { file } = FORMS['CIFAR-10’s']()
      // Each stretch of the work looks at the signal after each of its pieces.
      let aborted = false
      const signal = Object.defineProperty(new EventTarget(), 'aborted', {
        get: () => aborted,
      }) as AbortSignal
      const onProgress = (now: InstallProgress) => (aborted ||= now.message.startsWith(message))
      // What is done within half a second is not told.
      vi.spyOn(Date, 'now').mockImplementation(() => (time += 1000))
      let time = 0
      const how = { ...small(), signal, onProgress }
      const work = importSamples(file, { name: 'mine', testShare: 0.3, seed: 5 }, how)
      await expect(work).rejects.toMatchObject({ name: 'AbortError' })
      vi.restoreAllMocks()
      expect(leftBeside()).toEqual([])
    }
    const cut = write('cut.bin', Buffer.concat([bytes(3073 * 900).fill(3), Buffer.alloc(3073, 12)]))
    const work = importSamples(cut, { name: 'mine', testShare: 0.3, seed: 5 }, small())
    await expect(work).rejects.toThrow('cut.bin: record 901 has the label 12')
    expect(leftBeside()).toEqual([])
  })
})
