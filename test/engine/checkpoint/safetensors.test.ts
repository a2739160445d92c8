import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  openSafetensors,
  writeSafetensors,
  type ArraySource,
} from '../../../main/trainer/engine/checkpoint/safetensors'

let folder: string
let file: string
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-safetensors-'))
  file = path.join(folder, 'some.safetensors')
})
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

const array = (name: string, shape: number[], values: number[]): ArraySource => ({
  name,
  shape,
  values: () => Float32Array.from(values),
})

const ARRAYS = [
  array('a', [2, 1, 3], [1, -2, 3.5, NaN, Infinity, -0]),
  array('__proto__', [1], [7]),
  array('empty', [0, 4], []),
  array('scalar', [], [0.1]),
]
const METADATA = new Map([['with', 'ü, "quotes" and\nlines']])

/** A file of this header and these bytes behind it. */
function put(header: string | object, data = Buffer.alloc(0), length?: bigint) {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(length ?? BigInt(text.length))
  fs.writeFileSync(file, Buffer.concat([size, text, data]))
}

test('every number, name and text comes back', () => {
  writeSafetensors(file, METADATA, ARRAYS)
  const opened = openSafetensors(file)
  expect(opened.metadata).toEqual(METADATA)
  expect([...opened.shapes]).toEqual(ARRAYS.map(({ name, shape }) => [name, shape]))
  for (const { name, values } of ARRAYS) expect(opened.values(name)).toEqual(values())
  expect(() => opened.values('b')).toThrow('it has no array "b"')
  opened.close()
})

test('a file of no array at all is one, and arrays may be named in any order', () => {
  put('{}')
  openSafetensors(file).close()
  const entry = (from: number) => ({ dtype: 'F32', shape: [1], data_offsets: [from, from + 4] })
  put({ b: entry(4), c: entry(8), a: entry(0) }, Buffer.from(Float32Array.of(1, 2, 3).buffer))
  const opened = openSafetensors(file)
  expect(['a', 'b', 'c'].map((name) => opened.values(name)[0])).toEqual([1, 2, 3])
  opened.close()
  // Its handle is given back, and nothing is read any more.
  expect(() => opened.values('a')).toThrow(/EBADF/)
})

test('the header has as many spaces behind it as it needs, and no more', () => {
  for (let letters = 1; letters <= 8; letters++) {
    writeSafetensors(file, new Map(), [array('w'.repeat(letters), [1], [1])])
    const header = fs.readFileSync(file).toString('utf8', 8, fs.statSync(file).size - 4)
    expect(header.length % 8).toBe(0)
    expect(header.length - header.trimEnd().length).toBeLessThan(8)
  }
})

test('a file that becomes shorter while it is read ends too early', () => {
  writeSafetensors(file, METADATA, ARRAYS)
  const opened = openSafetensors(file)
  fs.truncateSync(file, fs.statSync(file).size - 4)
  expect(opened.values('a')).toEqual(ARRAYS[0].values())
  expect(() => opened.values('scalar')).toThrow('it ends too early')
  opened.close()
})

test('the bytes are those of the format: a header at a multiple of eight, then the numbers', () => {
  writeSafetensors(file, new Map([['step', '3']]), [array('w', [1, 2], [1, -2])])
  const bytes = fs.readFileSync(file)
  const length = Number(bytes.readBigUInt64LE())
  expect(length % 8).toBe(0)
  expect(bytes.toString('utf8', 8, 8 + length).trimEnd()).toBe(
    '{"__metadata__":{"step":"3"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}',
  )
  expect(bytes.subarray(8 + length).toString('hex')).toBe('0000803f000000c0')
})

describe('a file that is none is refused in one clause', () => {
  const w = (changes: object) => ({ w: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...changes } })
  const eight = Buffer.alloc(8)
  const both = (...places: number[][]) =>
    Object.fromEntries(places.map((place, i) => ['ab'[i], { dtype: 'F32', shape: [2], data_offsets: place }]))
  test.each<[string, () => void, string]>([
    ['nothing in it', () => fs.writeFileSync(file, ''), 'it is too short'],
    ['a text', () => fs.writeFileSync(file, 'all sorts of things'), 'it has no header'],
    ['a header that claims all memory', () => put('{}', eight, 1n << 40n), 'it has no header'],
    ['a header of another form', () => put('[1]'), 'its header is no object'],
    ['a header of nothing', () => put('null'), 'its header is no object'],
    ['a header that is a number', () => put('7'), 'its header is no object'],
    ['a header behind the end', () => put('{}', undefined, 9n), 'it has no header'],
    ['metadata of another form', () => put({ __metadata__: [] }), 'its metadata is no object'],
    ['an array that is none', () => put({ w: 1 }), '"w" is no object'],
    ['a header that is no JSON', () => put('{"w":'), 'its header is no JSON'],
    ['metadata that are no texts', () => put({ __metadata__: { a: 1 } }), 'its metadata are no texts'],
    ['another type', () => put(w({ dtype: 'F33' }), eight), '"w" has no type of numbers'],
    ['sizes that are none', () => put(w({ shape: [-2] }), eight), '"w" has no shape'],
    ['a size that is not the shape’s', () => put(w({ shape: [3] }), eight), '"w" has another size'],
    ['no place', () => put(w({ data_offsets: [0] }), eight), '"w" has no place'],
    ['bytes that nobody has', () => put(w({}), Buffer.alloc(12)), 'it is too long'],
    ['a cut', () => put(w({}), Buffer.alloc(4)), 'it is cut'],
    [
      'an array within another',
      () => put(both([0, 8], [4, 12]), Buffer.alloc(12)),
      '"b" lies over another array',
    ],
    ['a gap', () => put(w({ data_offsets: [4, 12] }), Buffer.alloc(12)), 'before "w" there is a gap'],
  ])('%s', (_, make, message) => {
    make()
    expect(() => openSafetensors(file)).toThrow(message)
  })

  test('cut anywhere', () => {
    writeSafetensors(file, METADATA, ARRAYS)
    const bytes = fs.readFileSync(file)
    for (let end = 0; end < bytes.length; end += 3) {
      fs.writeFileSync(file, bytes.subarray(0, end))
      expect(() => openSafetensors(file), `at ${end}`).toThrow(/^[^\n]+$/)
    }
  })
})

test('bfloat16 is the upper half of float32; of other types shapes are known, and no values', () => {
  const two = Buffer.from([0x80, 0x3f, 0x20, 0xc0])
  put({ w: { dtype: 'BF16', shape: [2], data_offsets: [0, 4] } }, two)
  const half = openSafetensors(file)
  expect([...half.values('w')]).toEqual([1, -2.5])
  half.close()
  put({ n: { dtype: 'I64', shape: [], data_offsets: [0, 8] } }, Buffer.alloc(8))
  const whole = openSafetensors(file)
  expect([...whole.types]).toEqual([['n', 'I64']])
  expect(() => whole.values('n')).toThrow('"n" is neither float32 nor float16')
  whole.close()
})

test('two arrays of one name, and one of another size, are faults; the old file stays', () => {
  writeSafetensors(file, METADATA, ARRAYS)
  const before = fs.readFileSync(file)
  const twice = [ARRAYS[0], ARRAYS[0]]
  expect(() => writeSafetensors(file, METADATA, twice)).toThrow('a name is there twice')
  const wrong = { ...ARRAYS[0], shape: [7] }
  expect(() => writeSafetensors(file, METADATA, [wrong])).toThrow('a has another size than its shape')
  expect(fs.readFileSync(file)).toEqual(before)
  expect(fs.readdirSync(folder)).toEqual(['some.safetensors'])
})
