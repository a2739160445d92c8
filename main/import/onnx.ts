import { fromHalfBits } from '../../shared/numerics/float16'
import type { ArrayRole, FileTensor } from '../../shared/import/tensors'
import { readBytes } from '../files/read'
import * as proto from './protobuf'
import { MOST_BYTES, TEXTS, checkCount, checkShape, type WeightsFile } from './weights-file'

/** TensorProto.DataType by number, as NumPy calls them. */
const TYPES: Readonly<Record<number, string>> = {
  ...{ 1: 'float32', 2: 'uint8', 3: 'int8', 4: 'uint16', 5: 'int16', 6: 'int32', 7: 'int64', 9: 'bool' },
  ...{ 10: 'float16', 11: 'float64', 12: 'uint32', 13: 'uint64', 16: 'bfloat16' },
}

/** What inputs of an operator are, by their place. */
const INPUTS: Readonly<Record<string, readonly (ArrayRole | null)[]>> = {
  Conv: [null, 'weight', 'bias'],
  Gemm: [null, 'weight', 'bias'],
  MatMul: [null, 'weight'],
  BatchNormalization: [null, 'gain', 'shift', 'mean', 'variance'],
  LayerNormalization: [null, 'gain', 'shift'],
  GroupNormalization: [null, 'gain', 'shift'],
}

interface Initializer {
  shape: number[]
  type: string
  fields: proto.Field[]
}

interface Node {
  op: string
  inputs: string[]
  outputs: string[]
  /** Messages of attributes by name. */
  attributes: Map<string, proto.Field[]>
}

/** The tensors of an ONNX model, each with the operator that it goes into. @throws Error, a clause about the file */
export function readOnnx(file: string): WeightsFile {
  const model = proto.fieldsOf(readBytes(file, MOST_BYTES))
  const graphBytes = proto.messageOf(model, 7)
  if (!graphBytes) throw new Error('it has no graph')
  const graph = proto.fieldsOf(graphBytes)
  const nodes = proto.messages(graph, 1).map(nodeOf)
  const initializers = new Map<string, Initializer>()
  const keep = (name: string, message: Buffer) => {
    if (initializers.has(name)) throw new Error(`"${name}" is in it twice`)
    initializers.set(name, initializerOf(name, proto.fieldsOf(message)))
  }
  const given = proto.messages(graph, 5)
  checkCount(given.length)
  for (const message of given) keep(proto.textOf(proto.fieldsOf(message), 8), message)
  if (initializers.size === 0 && nodes.length === 0) throw new Error('its graph is empty')
  for (const { op, outputs, attributes } of nodes) {
    const value = op === 'Constant' ? proto.messageOf(attributes.get('value') ?? [], 5) : null
    if (value) keep(outputs[0], value)
  }
  const metadata = proto.messages(model, 14).map(proto.fieldsOf)
  const texts = metadata.map((entry): [string, string] => [proto.textOf(entry, 1), proto.textOf(entry, 2)])
  return {
    title: 'ONNX',
    tensors: tensorsOf(nodes, initializers),
    texts: new Map(texts.filter(([name]) => TEXTS.includes(name))),
    values: ({ name }) => valuesOf(name, initializers.get(name)!),
    close() {},
  }
}

function nodeOf(message: Buffer): Node {
  const fields = proto.fieldsOf(message)
  const attributes = proto.messages(fields, 5).map((attribute): [string, proto.Field[]] => {
    const own = proto.fieldsOf(attribute)
    return [proto.textOf(own, 1), own]
  })
  return {
    op: proto.textOf(fields, 4),
    inputs: proto.texts(fields, 1),
    outputs: proto.texts(fields, 2),
    attributes: new Map(attributes),
  }
}

function initializerOf(name: string, fields: proto.Field[]): Initializer {
  // EXTERNAL is 1.
  if (proto.integerOf(fields, 14) === 1 || proto.messages(fields, 13).length > 0)
    throw new Error(`the numbers of "${name}" are in another file`)
  const shape = proto.integers(fields, 1)
  checkShape(shape, name)
  const code = proto.integerOf(fields, 2)
  return { shape, type: TYPES[code] ?? `of ONNX’s type ${code}`, fields }
}

function valuesOf(name: string, { shape, type, fields }: Initializer): Float32Array {
  const size = shape.reduce((product, side) => product * side, 1)
  const raw = proto.messageOf(fields, 9)
  const values = raw
    ? decoded(raw, type)
    : type === 'float32'
      ? proto.floats(fields, 4)
      : halves(fields, type)
  if (values?.length === size) return values
  throw new Error(`"${name}" has another size than its shape`)
}

/** Little-endian, whatever the machine. */
function decoded(bytes: Buffer, type: string): Float32Array | null {
  const each = type === 'float32' ? 4 : 2
  if (bytes.length % each) return null
  const values = new Float32Array(bytes.length / each)
  for (let i = 0; i < values.length; i++)
    values[i] = each === 4 ? bytes.readFloatLE(4 * i) : ofHalf(bytes.readUInt16LE(2 * i), type)
  return values
}

/** Bits of halves as whole numbers, as ONNX keeps them where they are not raw. */
const halves = (fields: proto.Field[], type: string) =>
  Float32Array.from(proto.integers(fields, 5), (bits) => ofHalf(bits & 0xffff, type))

const upper = new DataView(new ArrayBuffer(4))

function ofHalf(bits: number, type: string): number {
  if (type === 'float16') return fromHalfBits(bits)
  upper.setUint16(0, bits)
  return upper.getFloat32(0)
}

/** Of what an operator reads, by way of what only changes its form. */
interface Origin {
  name: string
  isTransposed: boolean
}

function tensorsOf(nodes: readonly Node[], initializers: ReadonlyMap<string, Initializer>): FileTensor[] {
  const origins = new Map(
    [...initializers.keys()].map((name): [string, Origin] => [name, { name, isTransposed: false }]),
  )
  const found = new Map<string, FileTensor>()
  /** What a product gives, by its output: a sum with it may add the bias. */
  const products = new Map<string, string>()
  const keep = (name: string, at: Pick<FileTensor, 'order' | 'layer' | 'role' | 'place'>) => {
    const { shape, type } = initializers.get(name)!
    if (!found.has(name)) found.set(name, { name, shape, type, ...at })
  }
  nodes.forEach((node, place) => {
    const { op, inputs, outputs, attributes } = node
    const layer = outputs[0] ?? ''
    const own = origins.get(inputs[0])
    if ((op === 'Identity' || op === 'Cast') && own) origins.set(layer, own)
    if (op === 'Transpose' && own && initializers.get(own.name)!.shape.length === 2)
      origins.set(layer, { ...own, isTransposed: !own.isTransposed })
    const roles = isPlain(node) ? INPUTS[op] : undefined
    inputs.forEach((input, i) => {
      const origin = origins.get(input)
      const role = roles?.[i]
      if (!origin || !role) return
      const isOutFirst =
        op === 'Conv' || (op === 'Gemm' && proto.integerOf(attributes.get('transB') ?? [], 3) === 1)
      const order = isOutFirst !== origin.isTransposed ? 'out-first' : 'in-first'
      keep(origin.name, { order, layer, role, place })
    })
    if (op === 'MatMul' && roles && origins.has(inputs[1])) products.set(layer, layer)
    if (op === 'Add') {
      const of = inputs.map((input) => products.get(input)).find((one) => one !== undefined)
      const bias = inputs.map((input) => origins.get(input)).find((one) => one !== undefined)
      if (of !== undefined && bias) keep(bias.name, { order: 'in-first', layer: of, role: 'bias', place })
    }
  })
  // What no layer reads may be known by its name.
  for (const name of initializers.keys())
    keep(name, { order: 'in-first', layer: null, role: null, place: null })
  return [...found.values()]
}

/** Whether a product is x W + b and no more. */
function isPlain({ op, attributes }: Node): boolean {
  if (op !== 'Gemm') return true
  const factor = (name: string) => {
    const own = attributes.get(name)
    return own ? proto.floats(own, 2)[0] : 1
  }
  return (
    factor('alpha') === 1 && factor('beta') === 1 && proto.integerOf(attributes.get('transA') ?? [], 3) === 0
  )
}
