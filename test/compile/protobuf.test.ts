// @ts-expect-error The package has no types for its protobuf messages.
import messages from '@tensorflow/tfjs-node-gpu/dist/proto/api_pb.js'
import { expect, test } from 'vitest'
import { field, floatField, joined, numberField, textField } from '../../main/trainer/compile/protobuf'

const bytesOf = (value: Uint8Array) => [...value]

test('whole numbers: seven bits a byte, negative ones in 64 bits', () => {
  expect(bytesOf(numberField(3, 0))).toEqual([0x18, 0])
  expect(bytesOf(numberField(1, 127))).toEqual([8, 127])
  // The example of the format's own description.
  expect(bytesOf(numberField(1, 150))).toEqual([0x08, 0x96, 0x01])
  expect(bytesOf(numberField(1, 2 ** 31))).toEqual([8, 0x80, 0x80, 0x80, 0x80, 8])
  expect(bytesOf(numberField(1, -1))).toEqual([8, ...Array<number>(9).fill(0xff), 1])
  expect(bytesOf(numberField(16, 1))).toEqual([0x80, 0x01, 1])
})

test('text, and fields within a field', () => {
  expect(bytesOf(textField(2, 'testing'))).toEqual([0x12, 7, ...Buffer.from('testing')])
  expect(bytesOf(field(3, [numberField(1, 150)]))).toEqual([0x1a, 3, 0x08, 0x96, 0x01])
  expect(bytesOf(field(1, []))).toEqual([10, 0])
  expect(bytesOf(textField(1, 'x'.repeat(300)).subarray(0, 3))).toEqual([10, 0xac, 0x02])
})

test('TensorFlow.js’s own classes read what is written', () => {
  const shape = joined([-1, 5, 70_000].map((size) => field(2, [numberField(1, size)])))
  const tensor = [numberField(1, 1), field(2, [shape]), floatField(5, -2.5), floatField(5, 3e-9)]
  const read = messages.Tensor.deserializeBinary(joined(tensor))
  const dims = read.getTensorShape().getDimList() as { getSize(): number }[]
  expect(read.getDtype()).toBe(1)
  expect(dims.map((dim) => dim.getSize())).toEqual([-1, 5, 70_000])
  expect(read.getFloatValList()).toEqual([-2.5, Math.fround(3e-9)])
})
