import { Buffer } from 'node:buffer'
import type { GraphAttribute, TensorFlowGraph } from './graph'
import { packedWeights, type NamedArrays, type WeightEntry } from './weights'

/** A node as TensorFlow.js reads it: a NodeDef in JSON, numbers of 64 bits as text, texts in base64. */
export interface JsonNode {
  name: string
  op: string
  input?: string[]
  attr: Record<string, object>
}

/** What a GraphModel of TensorFlow.js is made of. */
export interface GraphModel {
  topology: { node: JsonNode[]; library: object; versions: { producer: number } }
  signature: { inputs: Record<string, object>; outputs: Record<string, object> }
  weights: WeightEntry[]
  /** Of all weights, in their order. */
  data: Uint8Array
}

const PRODUCER = 1087

/** Of a shape in JSON. */
export const jsonShape = (dims: readonly number[]) => ({ dim: dims.map((size) => ({ size: String(size) })) })

const typeName = (type: 'float' | 'int32') => (type === 'float' ? 'DT_FLOAT' : 'DT_INT32')

function jsonAttribute(key: string, value: GraphAttribute): object {
  if ('type' in value) return { type: typeName(value.type) }
  if ('int' in value) return { i: String(value.int) }
  if ('float' in value) return { f: value.float }
  if ('bool' in value) return { b: value.bool }
  if ('text' in value) return { s: Buffer.from(value.text).toString('base64') }
  return key === 'shape' ? { shape: jsonShape(value.ints) } : { list: { i: value.ints.map(String) } }
}

/** A constant's node: its numbers are among the weights. */
export const jsonConstant = (name: string, type: 'float' | 'int32', dims: readonly number[]): JsonNode => ({
  name,
  op: 'Const',
  attr: {
    dtype: { type: typeName(type) },
    value: { tensor: { dtype: typeName(type), tensorShape: jsonShape(dims) } },
  },
})

/** A graph as TensorFlow.js takes it. */
export function graphModel(
  { steps, input, output }: TensorFlowGraph,
  isFloat16: boolean,
): GraphModel & NamedArrays {
  const constants = steps.flatMap((step) => ('constant' in step ? [step.constant] : []))
  const node = steps.map((step): JsonNode => {
    if ('constant' in step) return jsonConstant(step.constant.name, step.constant.type, step.constant.dims)
    const { name, op, inputs, attributes } = step.node
    const attr = Object.entries(attributes).map(([key, value]) => [key, jsonAttribute(key, value)] as const)
    return { name, op, input: [...inputs], attr: Object.fromEntries(attr) }
  })
  const info = ({ name, dims }: TensorFlowGraph['input']) => ({
    [name]: { name: `${name}:0`, dtype: 'DT_FLOAT', tensorShape: jsonShape(dims) },
  })
  return {
    topology: { node, library: {}, versions: { producer: PRODUCER } },
    signature: { inputs: info(input), outputs: info(output) },
    ...packedWeights(constants, isFloat16),
  }
}
