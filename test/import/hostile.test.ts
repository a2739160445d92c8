import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { openHdf5 } from '../../main/export/keras/hdf5'
import { modelBytes } from '../../main/export/onnx/model'
import { npyBytes } from '../../main/export/npz'
import { zipBytes } from '../../main/export/zip'
import { importedNetwork, lookAtWeights, type Architecture } from '../../main/import/network'
import { field, numberField, textField } from '../../main/trainer/compile/protobuf'
import { exportedNetwork } from '../../shared/export/network'
import { torchArrays } from '../../shared/export/pytorch/state'
import { withLabels } from '../../shared/experiment/experiment'
import { defaultExperiment } from '../../shared/settings/table'

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'hostile-imports-'))
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

const experiment = withLabels({ ...defaultExperiment(), blocks: 2, width: 4, compare: [] })
const architecture: Architecture = { experiment, series: 1, of: 'the run fern-12' }
const network = exportedNetwork({ ...experiment, trainReplicas: 1 }, 0, true)

function put(name: string, ...parts: (string | Uint8Array)[]): string {
  const file = path.join(folder, name)
  fs.writeFileSync(file, Buffer.concat(parts.map((part) => Buffer.from(part as string))))
  return file
}

/** What an import of a file says; whatever it is, it is one line, and nothing hangs. */
async function refusal(file: string, of: Architecture | null = architecture): Promise<string> {
  try {
    await importedNetwork(file, of)
  } catch (error) {
    expect(error).toHaveProperty('name', 'InputError')
    const { message } = error as Error
    expect(message).not.toContain('\n')
    return message
  }
  throw new Error('it was imported')
}

type Entry = { dtype: string; shape: unknown[]; data_offsets: number[] }

/** All that the network needs, with what is changed. */
function weights(change: (entries: Record<string, Entry>) => void = () => {}): [string, Buffer] {
  const entries: Record<string, Entry> = {}
  let end = 0
  for (const { name, shape } of torchArrays(network)) {
    const bytes = 4 * shape.reduce((product, side) => product * side, 1)
    entries[name] = { dtype: 'F32', shape: [...shape], data_offsets: [end, end + bytes] }
    end += bytes
  }
  change(entries)
  return [JSON.stringify(entries), Buffer.alloc(end)]
}

const FIRST = torchArrays(network)[0].name

function safetensors(header: string, data: Uint8Array, length = BigInt(Buffer.byteLength(header))): string {
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(length)
  return put('model.safetensors', size, header, data)
}

test('what is whole is imported', async () => {
  const found = await importedNetwork(safetensors(...weights()), architecture)
  expect(found.table.rows.length).toBe(torchArrays(network).length)
  expect(found.table.rows[0]).toMatchObject({ tensor: FIRST, by: 'name', transposed: true })
})

describe('safetensors', () => {
  const cases: [string, () => string, string][] = [
    [
      'a header of 2 GB',
      () => safetensors('{}', Buffer.alloc(8), 2n ** 31n),
      'it has no header: it would have 2,147,483,648 bytes',
    ],
    ['a header of all memory', () => safetensors('{}', Buffer.alloc(8), 2n ** 63n), 'it has no header'],
    [
      'offsets that overlap',
      () => {
        const [header, data] = weights((all) => {
          const names = Object.keys(all)
          all[names[2]].data_offsets = all[names[1]].data_offsets
          all[names[2]].shape = all[names[1]].shape
        })
        return safetensors(header, data)
      },
      'lies over another array',
    ],
    [
      'a size that lies',
      () => safetensors(...weights((all) => (all[FIRST].shape = [2 ** 40, 2 ** 20]))),
      'has another size than its shape',
    ],
    ['a shape of NaN', () => safetensors(...weights((all) => (all[FIRST].shape = [NaN]))), 'has no shape'],
    [
      'a name that is there twice',
      () => {
        const [header, data] = weights()
        return safetensors(
          header.replace('{', `{"${FIRST}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},`),
          data,
        )
      },
      'its header is no JSON',
    ],
    [
      'another type',
      () => {
        const [header, data] = weights((all) => {
          all[FIRST].dtype = 'I32'
        })
        return safetensors(header, data)
      },
      'expected float32, float16 or bfloat16, found int32',
    ],
    [
      'another shape',
      () =>
        safetensors(
          ...weights((all) => {
            all[FIRST].shape = [...all[FIRST].shape].reverse()
          }),
        ),
      `"stem.stem.weight": expected [4, 40], found [40, 4] in "${FIRST}"`,
    ],
    [
      'numbers that are none',
      () => {
        const [header, data] = weights()
        data.writeFloatLE(NaN, 4)
        return safetensors(header, data)
      },
      'holds a number that is not finite',
    ],
    ['nothing', () => put('empty.safetensors', ''), 'it is too short'],
    [
      'a part of the network',
      () => {
        const [header, data] = weights((all) => delete all['output.weight'])
        return safetensors(header, data)
      },
      'before "output.bias" there is a gap',
    ],
  ]
  test.each(cases)('%s', async (_, make, words) => {
    expect(await refusal(make())).toContain(words)
  })
})

test('files that could run code are never opened', async () => {
  const words = 'could run any code. Save the weights with safetensors'
  expect(await refusal(put('model.pt', '\x80\x02'))).toContain(words)
  expect(await refusal(put('other.bin', new Uint8Array([0x80, 4, 0x95])))).toContain(words)
  const torch = await zipBytes(new Map([['archive/data.pkl', Buffer.from('x')]]))
  expect(await refusal(put('weights.zip', torch))).toContain(words)
  const header = "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".padEnd(117) + '\n'
  const object = Buffer.concat([Buffer.from('\x93NUMPY\x01\x00v\x00', 'latin1'), Buffer.from(header)])
  expect(await refusal(put('objects.npz', await zipBytes(new Map([['w.npy', object]]))))).toContain(
    'could run any code',
  )
})

describe('zip files', () => {
  /** One member as it is packed, and the directory that says what it would be. */
  function packed(name: string, content: Buffer, says = content.length): Buffer {
    const data = deflateRawSync(content)
    const [local, central, end] = [Buffer.alloc(30), Buffer.alloc(46), Buffer.alloc(22)]
    local.writeUInt32LE(0x04034b50)
    central.writeUInt32LE(0x02014b50)
    for (const [header, at] of [
      [local, 8],
      [central, 10],
    ] as const) {
      header.writeUInt16LE(8, at)
      header.writeUInt32LE(data.length, at + 10)
      header.writeUInt32LE(says, at + 14)
      header.writeUInt16LE(name.length, at + 18)
    }
    end.writeUInt32LE(0x06054b50)
    end.writeUInt16LE(1, 8)
    end.writeUInt16LE(1, 10)
    end.writeUInt32LE(46 + name.length, 12)
    end.writeUInt32LE(30 + name.length + data.length, 16)
    return Buffer.concat([local, Buffer.from(name), data, central, Buffer.from(name), end])
  }
  const zeros = Buffer.alloc(64 * 2 ** 20)

  test('bombs, lies, and names that lead elsewhere', async () => {
    expect(await refusal(put('bomb.npz', packed('w.npy', zeros)))).toContain(
      'would become more than 200 times as large',
    )
    expect(await refusal(put('lie.npz', packed('w.npy', zeros, 1000)))).toContain('it cannot be read')
    expect(await refusal(put('up.npz', packed('../w.npy', Buffer.from('x'))))).toContain('it cannot be read')
    expect(await refusal(put('cut.npz', packed('w.npy', Buffer.from('x')).subarray(0, 40)))).toContain(
      'it cannot be read',
    )
    expect(await refusal(put('none.zip', packed('README.md', Buffer.from('x'))))).toContain(
      'it holds no export',
    )
  })

  test('an array that is no network', async () => {
    const array = npyBytes([2, 2], Float32Array.of(1, 2, 3, 4), false)
    const file = put('one.npz', await zipBytes(new Map([['w.npy', array]])))
    expect(await refusal(file)).toContain('"stem.stem.weight": expected [40, 4]')
    expect(await refusal(file, null)).toBe(
      'one.npz: it holds weights, and does not say of which network. ' +
        'Name a run of the same architecture with --run, or describe it by the options of train.',
    )
  })
})

describe('HDF5', () => {
  async function written(
    make: (file: InstanceType<Awaited<ReturnType<typeof openHdf5>>['library']['File']>) => void,
  ) {
    const { library, file, bytes, close } = await openHdf5(null)
    const h5 = new library.File(file, 'w')
    make(h5)
    h5.close()
    const found = Buffer.from(bytes())
    close()
    return found
  }

  test('cut anywhere', async () => {
    const whole = await written((h5) => {
      h5.create_group('layers')
        .create_group('dense')
        .create_group('vars')
        .create_dataset({
          ...{ name: '0', data: new Float32Array(16), shape: [4, 4], dtype: '<f' },
        })
    })
    for (let end = 8; end < whole.length; end += 97)
      expect(await refusal(put('cut.h5', whole.subarray(0, end)))).toMatch(/^cut\.h5: /)
    for (let at = 8; at < whole.length; at += 53) {
      const damaged = Buffer.from(whole)
      damaged[at] ^= 0xff
      expect(await refusal(put('damaged.h5', damaged))).toMatch(/^damaged\.h5: /)
    }
  }, 120_000)

  test('a link to another file is not followed', async () => {
    const other = path.join(folder, 'secret.h5')
    fs.writeFileSync(
      other,
      await written((h5) => h5.create_dataset({ name: 'w', data: new Float32Array(4) })),
    )
    const linked = await written((h5) => h5.create_external_link(other, 'w', 'w'))
    const { table } = await lookAtWeights(put('linked.h5', linked), architecture)
    expect([table.rows, table.unused]).toEqual([[], []])
  })
})

describe('ONNX', () => {
  const model = (graph: Uint8Array[]) => Buffer.concat([numberField(1, 8), field(7, graph)])
  const tensor = (name: string, ...parts: Uint8Array[]) =>
    field(5, [textField(8, name), numberField(2, 1), ...parts])
  const cases: [string, () => Uint8Array, string][] = [
    [
      'numbers in another file',
      () => model([tensor('w', numberField(14, 1))]),
      'the numbers of "w" are in another file',
    ],
    [
      'sizes beyond all numbers',
      () => model([tensor('w', numberField(1, 2 ** 52), numberField(1, 2 ** 52))]),
      'has the shape',
    ],
    ['a negative size', () => model([tensor('w', numberField(1, -4))]), 'has the shape'],
    ['a name that is there twice', () => model([tensor('w'), tensor('w')]), '"w" is in it twice'],
    ['no graph', () => Buffer.from(numberField(1, 8)), 'it has no graph'],
    [
      'a field that is longer than the file',
      () => Buffer.from([0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f]),
      'longer than the file',
    ],
    ['a number without end', () => Buffer.alloc(20, 0xff), 'a number in it has no end'],
    [
      'fewer numbers than its shape',
      () => {
        const initializers = torchArrays(network).map(({ name, shape }) => ({
          ...{
            name,
            dims: shape,
            type: 'float32' as const,
            values: name === FIRST ? [1] : new Float32Array(1),
          },
        }))
        const value = { name: 'x', dims: [] }
        return modelBytes({
          ...{ name: 'x', description: '', version: '1', nodes: [], initializers, values: [] },
          ...{ input: value, output: value, metadata: new Map() },
        })
      },
      'in "stem',
    ],
  ]
  test.each(cases)('%s', async (_, make, words) => {
    expect(await refusal(put('model.onnx', make()))).toContain(words)
  })
})

test('what is no file of weights', async () => {
  expect(await refusal(path.join(folder, 'gone.onnx'))).toMatch(/^PATH: there is no .*gone\.onnx/)
  expect(await refusal(put('notes.txt', 'a text'))).toContain('this is none of the files that are imported')
  fs.mkdirSync(path.join(folder, 'empty'))
  expect(await refusal(path.join(folder, 'empty'))).toContain('this folder holds no export')
  const outside = path.join(folder, 'outside')
  fs.mkdirSync(outside)
  const manifest = { weightsManifest: [{ paths: ['../notes.txt'], weights: [] }] }
  fs.writeFileSync(path.join(outside, 'model.json'), JSON.stringify(manifest))
  expect(await refusal(outside)).toContain('names a file of weights that is not beside it')
})
