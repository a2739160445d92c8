import { halfBits } from '../../../shared/numerics/float16'
import { field, floatField, numberField, textField } from '../../trainer/compile/protobuf'

/**
 * ONNX's messages (onnx/onnx.proto3, release 1.12: IR version 8), as far as networks need them: each function gives the
 * bytes of one.
 */

const IR_VERSION = 8
/** Of the operators: the oldest that has all that is written, so that most programs open it. */
export const OPSET = 17

const TYPES = { float32: 1, int64: 7, float16: 10 } as const
/** AttributeProto.AttributeType. */
const KINDS = { float: 1, int: 2, ints: 7 } as const

/** An array that the model brings. */
export interface Initializer {
  name: string
  dims: readonly number[]
  type: 'float32' | 'float16' | 'int64'
  values: ArrayLike<number>
}

export type Attribute = { float: number } | { int: number } | { ints: readonly number[] }

export interface OnnxNode {
  name: string
  op: string
  inputs: readonly string[]
  outputs: readonly string[]
  attributes?: Readonly<Record<string, Attribute>>
}

/** A value that comes in, goes out or flows: text stands for a size that may be any. */
export interface OnnxValue {
  name: string
  dims: readonly (number | string)[]
}

export interface OnnxModel {
  name: string
  description: string
  version: string
  nodes: readonly OnnxNode[]
  initializers: readonly Initializer[]
  input: OnnxValue
  output: OnnxValue
  /** Shapes of what flows between, for those who look at the graph. */
  values: readonly OnnxValue[]
  metadata: ReadonlyMap<string, string>
}

export function modelBytes(model: OnnxModel): Uint8Array {
  const metadata = [...model.metadata].map(([key, value]) =>
    field(14, [textField(1, key), textField(2, value)]),
  )
  const parts = [
    numberField(1, IR_VERSION),
    textField(2, 'residual-lab'),
    textField(3, model.version),
    textField(6, model.description),
    field(7, graphParts(model)),
    field(8, [textField(1, ''), numberField(2, OPSET)]),
    ...metadata,
  ]
  return Buffer.concat(parts)
}

const graphParts = ({ name, nodes, initializers, input, output, values }: OnnxModel): Uint8Array[] => [
  ...nodes.map((node) => field(1, nodeParts(node))),
  textField(2, name),
  ...initializers.map((one) => field(5, initializerParts(one))),
  field(11, valueParts(input)),
  field(12, valueParts(output)),
  ...values.map((value) => field(13, valueParts(value))),
]

const nodeParts = ({ name, op, inputs, outputs, attributes = {} }: OnnxNode): Uint8Array[] => [
  ...inputs.map((input) => textField(1, input)),
  ...outputs.map((output) => textField(2, output)),
  textField(3, name),
  textField(4, op),
  ...Object.entries(attributes).map(([key, value]) =>
    field(5, [textField(1, key), ...attributeParts(value)]),
  ),
]

function attributeParts(value: Attribute): Uint8Array[] {
  if ('float' in value) return [floatField(2, value.float), numberField(20, KINDS.float)]
  if ('int' in value) return [numberField(3, value.int), numberField(20, KINDS.int)]
  return [...value.ints.map((one) => numberField(8, one)), numberField(20, KINDS.ints)]
}

function initializerParts({ name, dims, type, values }: Initializer): Uint8Array[] {
  return [
    ...dims.map((size) => numberField(1, size)),
    numberField(2, TYPES[type]),
    textField(8, name),
    field(9, [bytesOf(type, values)]),
  ]
}

/** Little-endian, as all machines are that the lab runs on. */
function bytesOf(type: Initializer['type'], values: ArrayLike<number>): Uint8Array {
  const array =
    type === 'float32'
      ? Float32Array.from(values)
      : type === 'float16'
        ? Uint16Array.from(values, halfBits)
        : BigInt64Array.from(Array.from(values, BigInt))
  return new Uint8Array(array.buffer)
}

function valueParts({ name, dims }: OnnxValue): Uint8Array[] {
  const shape = dims.map((size) =>
    field(1, [typeof size === 'number' ? numberField(1, size) : textField(2, size)]),
  )
  return [textField(1, name), field(2, [field(1, [numberField(1, TYPES.float32), field(2, shape)])])]
}
