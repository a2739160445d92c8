import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fromHalfBits } from '../../../shared/numerics/float16'
import { jsonConstant, jsonShape, type GraphModel, type JsonNode } from './graph-model'
import type { WeightEntry } from './weights'

/** What the generated classes of TensorFlow's messages give for a message as an object. */
interface Attribute {
  s: string
  i: number
  f: number
  b: boolean
  type: number
  shape?: { dimList: { size: number }[] }
  tensor?: { dtype: number; tensorShape: { dimList: { size: number }[] }; tensorContent: string }
  list?: { iList: number[] }
}
interface NodeMessage {
  name: string
  op: string
  inputList: string[]
  attrMap: [string, Attribute][]
}
interface InfoMessage {
  name: string
  tensorShape: { dimList: { size: number }[] }
}

/** Of TensorFlow.js, which has no types for them: 360 kB, read where a model is, not at every start of the lab. */
const MESSAGES = '@tensorflow/tfjs-node-gpu/dist/proto/api_pb.js'
const require = createRequire(import.meta.url)

const HALF = 19
const INT32 = 3

/** Reads a SavedModel by TensorFlow's own messages, as TensorFlow.js takes graphs. @throws Error where it is none */
export function readSavedModel(file: string): GraphModel {
  const meta = (
    require(MESSAGES) as {
      SavedModel: {
        deserializeBinary(bytes: Uint8Array): {
          toObject(): {
            metaGraphsList: {
              graphDef: { nodeList: NodeMessage[]; versions: { producer: number } }
              signatureDefMap: [
                string,
                { inputsMap: [string, InfoMessage][]; outputsMap: [string, InfoMessage][] },
              ][]
            }[]
          }
        }
      }
    }
  ).SavedModel.deserializeBinary(readFileSync(file)).toObject().metaGraphsList[0]
  const weights: WeightEntry[] = []
  const data: Uint8Array[] = []
  const node = meta.graphDef.nodeList.map((message): JsonNode => {
    const attributes = new Map(message.attrMap)
    const tensor = attributes.get('value')?.tensor
    if (message.op === 'Const' && tensor) return constant(message.name, tensor, weights, data)
    // Halves are floats here already.
    const op = message.op === 'Cast' ? 'Identity' : message.op
    const attr = [...attributes].map(([key, value]) => [key, jsonAttribute(key, value)] as const)
    return { name: message.name, op, input: message.inputList, attr: Object.fromEntries(attr) }
  })
  const [, signature] = meta.signatureDefMap[0]
  const info = (list: [string, InfoMessage][]) =>
    Object.fromEntries(
      list.map(([key, { name, tensorShape }]) => [
        key,
        { name, dtype: 'DT_FLOAT', tensorShape: jsonShape(tensorShape.dimList.map(({ size }) => size)) },
      ]),
    )
  return {
    topology: { node, library: {}, versions: { producer: meta.graphDef.versions.producer } },
    signature: { inputs: info(signature.inputsMap), outputs: info(signature.outputsMap) },
    weights,
    data: Buffer.concat(data),
  }
}

function constant(
  name: string,
  { dtype, tensorShape, tensorContent }: NonNullable<Attribute['tensor']>,
  weights: WeightEntry[],
  data: Uint8Array[],
): JsonNode {
  const dims = tensorShape.dimList.map(({ size }) => size)
  const bytes = Buffer.from(tensorContent, 'base64')
  const type = dtype === INT32 ? 'int32' : 'float'
  weights.push({ name, shape: dims, dtype: type === 'float' ? 'float32' : 'int32' })
  if (dtype === HALF) {
    const halves = Array.from({ length: bytes.length / 2 }, (_, i) => fromHalfBits(bytes.readUInt16LE(2 * i)))
    data.push(new Uint8Array(Float32Array.from(halves).buffer))
  } else data.push(bytes)
  return jsonConstant(name, type, dims)
}

/** The kinds of attributes that the writer knows. */
function jsonAttribute(key: string, value: Attribute): object {
  if (value.shape) return { shape: jsonShape(value.shape.dimList.map(({ size }) => size)) }
  if (value.list) return { list: { i: value.list.iList.map(String) } }
  if (value.type) return { type: value.type === INT32 ? 'DT_INT32' : 'DT_FLOAT' }
  if (value.s) return { s: value.s }
  if (key.startsWith('transpose') || key === 'keep_dims') return { b: value.b }
  if (key.endsWith('mask')) return { i: String(value.i) }
  return { f: value.f }
}
