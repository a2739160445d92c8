import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ZipFile } from 'yazl'
import { dataHash } from '../../main/data/hash'
import { importSamples } from '../../main/data/import'
import { readSamples, type FileOptions } from '../../main/data/read-file'
import { openDataStore } from '../../main/data/store'

let folder: string
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'data-'))))
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

const write = (name: string, content: string | Uint8Array) => {
  const file = path.join(folder, name)
  fs.writeFileSync(file, content)
  return file
}

const lines = (count: number, line: (i: number) => string) => Array.from({ length: count }, (_, i) => line(i))
const csv = (...all: string[]) => write('my.csv', `${all.join('\n')}\n`)
const rows = lines(20, (i) => `${i},${i % 3},${i % 2 ? 'cat' : 'dog'}`)

function idx(type: number, shape: number[], values: Uint8Array): Buffer {
  const head = Buffer.alloc(4 + 4 * shape.length)
  head.set([0, 0, type, shape.length])
  shape.forEach((one, i) => head.writeUInt32BE(one, 4 + 4 * i))
  return Buffer.concat([head, values])
}

function npy(descr: string, shape: number[], values: Uint8Array, order = 'False'): Buffer {
  const dict = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${shape.join(', ')},), }`
  const text = dict.padEnd(Math.ceil((dict.length + 11) / 64) * 64 - 11) + '\n'
  const head = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 0, 0])
  head.writeUInt16LE(text.length, 8)
  return Buffer.concat([head, Buffer.from(text, 'latin1'), values])
}

const bytesOf = (values: Float32Array | Float64Array | BigInt64Array) => new Uint8Array(values.buffer)
const cifar = (records: number) =>
  Buffer.alloc(3073 * records).map((_, i) => (i % 3073 ? i % 251 : Math.floor(i / 3073) % 10))

describe('tables', () => {
  test('header, separator, target and types are found', async () => {
    const file = csv('age;size;kind', ...rows.map((row) => row.replaceAll(',', ';')))
    const found = await readSamples(file)
    expect(found).toMatchObject({
      shape: { units: 2, rows: 1, columns: 1 },
      classNames: ['cat', 'dog'],
      test: null,
    })
    expect([...found.x.subarray(0, 6)]).toEqual([0, 0, 1, 1, 2, 2])
    expect([...found.y.subarray(0, 3)]).toEqual([1, 0, 1])
  })

  test('a target is named or counted, words become one value each, and quoted cells are cells', async () => {
    const colours = ['red', '"deep, blue"', 'green']
    const file = csv('colour,n,y', ...lines(12, (i) => `${colours[i % 3]},${i},${(i % 2) + 5}`))
    for (const target of ['y', '3']) {
      const found = await readSamples(file, { target })
      expect(found.shape.units).toBe(4)
      expect(found.classNames).toEqual(['5', '6'])
      // "deep, blue", green, red, then n.
      expect([...found.x.subarray(0, 4)]).toEqual([0, 0, 1, 0])
    }
    expect((await readSamples(file, { target: 'colour' })).classNames).toEqual(['deep, blue', 'green', 'red'])
  })

  test('a column that never changes is left out, and that is said', async () => {
    const { shape, notes } = await readSamples(csv('a,b,y', ...lines(12, (i) => `${i},7,${i % 2}`)))
    expect(shape.units).toBe(1)
    expect(notes).toEqual(['Column "b" is the same in every sample, and was left out.'])
  })

  const head = 'age,size,kind'
  test.each<[string, string[], FileOptions, string]>([
    ['ragged', [head, ...rows, '1,2'], {}, 'line 22 has 2 columns, and the first has 3.'],
    ['words among numbers', [head, ...rows, 'old,2,cat'], {}, 'line 22, column "age": "old" is no number'],
    ['NaN', [head, ...rows, 'NaN,2,cat'], {}, 'line 22, column "age": NaN is not finite.'],
    ['infinite', [head, ...rows, '1,1e999,cat'], {}, 'line 22, column "size": 1e999 is not finite.'],
    ['an empty cell', [head, ...rows, '1,,cat'], {}, 'line 22, column "size": there is no value.'],
    ['one class', [head, ...lines(12, (i) => `${i},${i},cat`)], {}, 'every sample has the label "cat".'],
    [
      'nothing that changes',
      [head, ...lines(12, (i) => `1,1,${i % 2}`)],
      {},
      'no column changes from sample to',
    ],
    ['too many labels', ['a,y', ...lines(300, (i) => `${i},k${i}`)], {}, 'there are 300 different labels.'],
    [
      'words where values are asked for',
      [head, ...rows],
      { task: 'regression' },
      'line 2, column "kind": "dog" is no finite number.',
    ],
    [
      'a target that is not finite',
      ['a,y', ...lines(20, (i) => `${i},${i === 3 ? 'nan' : i / 8}`)],
      {},
      'line 5, column "y": "nan" is no finite number.',
    ],
    ['no such target', [head, ...rows], { target: 'kid' }, 'there is no column "kid". Did you mean "kind"?'],
    ['a header alone', [head], {}, 'it names columns and has no samples.'],
    ['one column', ['a', '1', '2'], {}, 'it has one column.'],
    ['an open quotation mark', [head, ...rows, '"1,2,cat'], {}, 'a quotation mark stands where none may.'],
  ])('%s', async (_, all, options, message) => {
    await expect(readSamples(csv(...all), options)).rejects.toThrow(message)
  })

  test('a line is that of the file, cells of several lines and empty lines being counted', async () => {
    const file = csv(head, '"1\n",2,cat', '', ...rows, '1,2')
    await expect(readSamples(file)).rejects.toThrow('line 25 has 2 columns')
  })

  test('what is neither text nor known, and a file that is not there', async () => {
    await expect(readSamples(write('x.dat', Buffer.from([0xff, 0xfe, 0x80])))).rejects.toThrow(
      'neither text in UTF-8',
    )
    await expect(readSamples(path.join(folder, 'none.csv'))).rejects.toThrow('there is no file or folder')
  })
})

describe('arrays', () => {
  const images = Buffer.from(Array.from({ length: 12 * 4 }, (_, i) => i))
  const labels = Uint8Array.from({ length: 12 }, (_, i) => i % 3)

  test('IDX, packed and not, with labels apart', async () => {
    const y = write('y', idx(8, [12], labels))
    for (const bytes of [idx(8, [12, 2, 2], images), gzipSync(idx(8, [12, 2, 2], images))]) {
      const found = await readSamples(write('x', bytes), { labels: y })
      expect(found.shape).toEqual({ units: 1, rows: 2, columns: 2 })
      expect([...found.x]).toEqual([...images])
      expect([...found.y]).toEqual([...labels])
    }
  })

  test('a folder with MNIST’s four files keeps its test apart', async () => {
    write('train-images-idx3-ubyte', idx(8, [12, 2, 2], images))
    write('train-labels-idx1-ubyte', idx(8, [12], labels))
    write('t10k-images-idx3-ubyte.gz', gzipSync(idx(8, [6, 2, 2], images.subarray(0, 24))))
    write('t10k-labels-idx1-ubyte', idx(8, [6], labels.subarray(0, 6)))
    const { data } = await importSamples(folder, { name: 'small', testShare: 0.5, seed: 1 })
    expect(data.description).toMatchObject({ training: 12, test: 6, classes: 3 })
    expect([...data.test.x.subarray(0, 24)]).toEqual([...images.subarray(0, 24)])
    // One mean and deviation for the channel.
    expect([...data.scale!.mean]).toEqual([23.5])
  })

  test('NPY of any number type; channels first become channels last', async () => {
    const y = write('y.npy', npy('<i8', [12], bytesOf(BigInt64Array.from(labels, (one) => BigInt(one)))))
    const x = Float32Array.from({ length: 12 * 8 }, (_, i) => i / 2)
    const found = await readSamples(write('x.npy', npy('<f4', [12, 2, 2, 2], bytesOf(x))), { labels: y })
    expect(found.shape).toEqual({ units: 2, rows: 2, columns: 2 })
    const planes = Float64Array.from({ length: 12 * 3 * 5 * 5 }, (_, i) => i)
    const first = await readSamples(write('x.npy', npy('<f8', [12, 3, 5, 5], bytesOf(planes))), { labels: y })
    expect(first.shape).toEqual({ units: 3, rows: 5, columns: 5 })
    expect([...first.x.subarray(0, 6)]).toEqual([0, 25, 50, 1, 26, 51])
  })

  test('NPZ, with one part or both; cut off, it is refused', async () => {
    const zip = async (members: Record<string, Buffer>) => {
      const file = new ZipFile()
      for (const [name, bytes] of Object.entries(members)) file.addBuffer(bytes, `${name}.npy`)
      file.end()
      const parts: Buffer[] = []
      for await (const part of file.outputStream) parts.push(part as Buffer)
      return Buffer.concat(parts)
    }
    const x = npy('|u1', [12, 2, 2], images)
    const y = npy('|u1', [12], labels)
    const whole = await zip({ x, y })
    expect(await readSamples(write('a.npz', whole))).toMatchObject({ test: null, shape: { rows: 2 } })
    const parts = await zip({ x_train: x, y_train: y, x_test: x, y_test: y })
    expect(await readSamples(write('b.npz', parts))).toMatchObject({ test: 12 })
    await expect(readSamples(write('c.npz', whole.subarray(0, 150)))).rejects.toThrow(
      'it is cut off or damaged',
    )
    await expect(readSamples(write('d.npz', await zip({ z: x })))).rejects.toThrow('it holds z.')
  })

  test('CIFAR-10’s files: planes become channels, and the last batch is the test', async () => {
    const bytes = cifar(12)
    const { x, shape } = await readSamples(write('data_batch_1.bin', bytes))
    expect(shape).toEqual({ units: 3, rows: 32, columns: 32 })
    expect([...x.subarray(0, 4)]).toEqual([bytes[1], bytes[1 + 1024], bytes[1 + 2048], bytes[2]])
    write('test_batch.bin', cifar(10))
    expect((await readSamples(folder)).test).toBe(10)
  })

  test.each<[string, () => Promise<unknown>, string]>([
    [
      'CIFAR that ends too soon',
      () => readSamples(write('a.bin', cifar(17).subarray(0, 3073 * 16 + 5))),
      'a.bin: expected 3,073 bytes a record, the file ends inside record 17.',
    ],
    [
      'CIFAR with a label out of range',
      () => readSamples(write('a.bin', Buffer.concat([cifar(4), Buffer.alloc(3073, 12)]))),
      'a.bin: record 5 has the label 12, and CIFAR-10’s go from 0 to 9.',
    ],
    [
      'IDX that ends too soon',
      () => readSamples(write('x', idx(8, [12, 2, 2], images.subarray(0, 30))), { labels: 'x' }),
      'x: expected 12 records of 4 bytes, the file ends inside record 8.',
    ],
    [
      'IDX without labels',
      () => readSamples(write('x', idx(8, [12, 2, 2], images))),
      '--labels: x holds samples, and no labels.',
    ],
    [
      'fewer labels than samples',
      () =>
        readSamples(write('x', idx(8, [12, 2, 2], images)), {
          labels: write('y', idx(8, [6], labels.subarray(6))),
        }),
      'y: labels of the shape 6 do not go with 12 samples.',
    ],
    [
      'NPY that ends too soon',
      () => readSamples(write('x.npy', npy('|u1', [12, 4], images.subarray(0, 41))), { labels: 'x' }),
      'x.npy: expected 12 rows of 4 bytes, the file ends inside row 11.',
    ],
    [
      'NPY of objects',
      () => readSamples(write('x.npy', npy('|O', [12, 4], images)), { labels: 'x' }),
      'x.npy: it holds no plain numbers.',
    ],
    [
      'NPY with a value that is none',
      () =>
        readSamples(write('x.npy', npy('<f4', [2, 2], bytesOf(Float32Array.of(1, 2, NaN, 4)))), {
          labels: write('y.npy', npy('|u1', [2], labels.subarray(0, 2))),
        }),
      'x.npy: sample 2 holds NaN.',
    ],
    [
      'a .gz that is cut off',
      () => readSamples(write('x.gz', gzipSync(idx(8, [12, 2, 2], images)).subarray(0, 40))),
      'its compression is damaged, or it is cut off.',
    ],
    ['a folder without data', () => readSamples(folder), 'this folder holds no data set that is known.'],
  ])('%s', async (_, act, message) => {
    await expect(act()).rejects.toThrow(message)
  })
})

describe('real targets', () => {
  const priced = lines(20, (i) => `${i},${i % 3},${i / 4 + 0.5}`)

  test('numbers are values, but for a few whole ones; the user can say otherwise', async () => {
    const file = csv('age,rooms,price (EUR)', ...priced)
    const values = await readSamples(file)
    expect(values).toMatchObject({ classNames: [], targets: [{ name: 'price', unit: 'EUR' }] })
    expect([...values.y.subarray(0, 3)]).toEqual([0.5, 0.75, 1])
    expect((await readSamples(file, { task: 'classification' })).classNames).toHaveLength(20)
    const rooms = await readSamples(file, { target: 'rooms' })
    expect(rooms.classNames).toEqual(['0', '1', '2'])
    const counted = await readSamples(file, { target: 'rooms', task: 'regression' })
    expect(counted).toMatchObject({ targets: [{ name: 'rooms' }], classNames: [] })
    const many = csv('a,y', ...lines(150, (i) => `${i % 7},${i}`))
    expect((await readSamples(many)).targets).toEqual([{ name: 'y' }])
  })

  test('arrays of numbers that are not whole are values, several of a sample too', async () => {
    const x = write(
      'x.npy',
      npy(
        '|u1',
        [12, 2],
        new Uint8Array(24).map((_, i) => i),
      ),
    )
    const read = (shape: number[], values: Float64Array, task?: FileOptions['task']) =>
      readSamples(x, { labels: write('y.npy', npy('<f8', shape, bytesOf(values))), task })
    const one = await read(
      [12],
      Float64Array.from({ length: 12 }, (_, i) => i / 3),
    )
    expect(one).toMatchObject({ targets: [{ name: 'y' }], classNames: [] })
    expect(one.y[1]).toBeCloseTo(1 / 3, 6)
    const pairs = Float64Array.from({ length: 24 }, (_, i) => i)
    expect((await read([12, 2], pairs)).targets).toEqual([{ name: 'y 1' }, { name: 'y 2' }])
    const whole = Float64Array.from({ length: 12 }, (_, i) => i % 2)
    expect((await read([12], whole)).classNames).toEqual(['0', '1'])
    expect((await read([12], whole, 'regression')).targets).toHaveLength(1)
    await expect(
      read(
        [12],
        whole.map((value, i) => (i === 4 ? NaN : value / 2)),
      ),
    ).rejects.toThrow('y.npy: the target of sample 5 is NaN.')
    await expect(read([6, 2, 2], pairs, 'regression')).rejects.toThrow(
      'y.npy: targets of the shape 6 × 2 × 2 do not go with 12 samples.',
    )
  })

  test('what is kept is read again, bit for bit', async () => {
    const file = csv('age,rooms,price (EUR)', ...priced)
    const { data } = await importSamples(file, { name: 'flats', testShare: 0.2, seed: 3 })
    expect(data.description).toMatchObject({
      ...{ definition: '20 samples with the target price, out of my.csv.', training: 16, test: 4 },
      ...{ classes: 0, targets: [{ name: 'price', unit: 'EUR' }] },
    })
    const store = openDataStore(folder)
    store.keep(data)
    expect(openDataStore(folder).read(store.describe('flats'))).toEqual(data)
    const file2 = path.join(folder, 'data', 'flats', 'values.bin')
    fs.writeFileSync(file2, fs.readFileSync(file2).subarray(4))
    expect(() => store.read(data.description)).toThrow(
      '"flats" has 236 bytes of samples, and 240 are described',
    )
  })

  test('without variance there is nothing to explain, and pictures have classes', async () => {
    const same = csv('age,y', ...lines(20, (i) => `${i},2.5`))
    await expect(importSamples(same, { name: 'same', testShare: 0.2, seed: 1 })).rejects.toThrow(
      '--target: "y" is 2.5 in every training sample: there is no variance to explain.',
    )
    const bytes = write('data_batch_1.bin', cifar(20))
    await expect(
      importSamples(bytes, { name: 'small', testShare: 0.2, seed: 1, task: 'regression' }),
    ).rejects.toThrow('--task: the samples of data_batch_1.bin have classes.')
  })
})

describe('kept in the data folder', () => {
  const imported = () =>
    importSamples(csv('age,size,kind', ...rows), { name: 'pets', testShare: 0.2, seed: 3 })

  test('what is kept is read again, bit for bit, and can be removed', async () => {
    const { data } = await imported()
    const store = openDataStore(folder)
    store.keep(data)
    expect(store.list()).toEqual([data.description])
    expect(data.description).toMatchObject({ training: 16, test: 4, classes: 2, sha256: dataHash(data) })
    expect(openDataStore(folder).read(store.describe('pets'))).toEqual(data)
    store.remove('pets')
    expect(store.list()).toEqual([])
    expect(() => store.read(data.description)).toThrow('the samples of "pets" are not on this machine.')
    expect(() => store.describe('pest')).toThrow('there is no data set "pest".')
  })

  test('a name is taken once, and what was there stays', async () => {
    const store = openDataStore(folder)
    const { data } = await imported()
    store.keep(data)
    expect(() => store.keep(data)).toThrow('--name: there is a data set "pets" already.')
    expect(store.read(data.description)).toEqual(data)
    const again = (name: string) => importSamples(csv(...rows), { name, testShare: 0.2, seed: 1 })
    await expect(again('mnist1d')).rejects.toThrow('the program has a data set "mnist1d" of its own.')
    await expect(again('../up')).rejects.toThrow('"../up" is no name for a data set.')
  })

  test('what is in its place already stays, and nothing half is left', async () => {
    const { data } = await imported()
    const place = path.join(folder, 'data', 'pets')
    fs.mkdirSync(place, { recursive: true })
    fs.writeFileSync(path.join(place, 'values.bin'), 'of another process')
    expect(() => openDataStore(folder).keep(data)).toThrow()
    expect(fs.readFileSync(path.join(place, 'values.bin'), 'utf8')).toBe('of another process')
    expect(fs.readdirSync(path.join(folder, 'data'))).toEqual(['pets'])
  })

  test('samples that were changed on the disk are not used', async () => {
    const store = openDataStore(folder)
    const { data } = await imported()
    store.keep(data)
    const file = path.join(folder, 'data', 'pets', 'values.bin')
    const bytes = fs.readFileSync(file)
    bytes[3] ^= 1
    fs.writeFileSync(file, bytes)
    expect(() => store.read(data.description)).toThrow('the samples of "pets" are not those of this hash')
    fs.writeFileSync(file, bytes.subarray(1))
    expect(() => store.read(data.description)).toThrow(/has \d+ bytes of samples, and \d+ are described/)
    fs.writeFileSync(path.join(folder, 'data', 'pets', 'data.json'), '{')
    expect(store.list()).toEqual([])
  })

  test('the scale is of the training part alone', async () => {
    const { data } = await imported()
    const { y } = data.training
    const x = data.training.x.subarray(0, 2 * y.length)
    const mean = [...y].reduce((sum, _, i) => sum + x[2 * i] / y.length, 0)
    expect(data.scale!.mean[0]).toBeCloseTo(mean, 9)
    expect(data.scale!.mean).toHaveLength(2)
  })
})
