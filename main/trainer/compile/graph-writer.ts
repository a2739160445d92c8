import type { NodeBinding, OpAttribute, Variable } from './native'
import { field, floatField, joined, numberField, textField } from './protobuf'
import type { Node, Recording, Ref } from './recording'

/**
 * TensorFlow refuses graphs from the future and applies old rules to graphs from the past; this is TensorFlow
 * 2.9's version, the oldest supported.
 */
const graphVersion = 1087

/** A recording, by the name of its step. */
export interface Named {
  step: string
  recording: Recording
}

/** A recording's part of the graph. */
export interface GraphPart extends Named {
  writer: GraphWriter
  /** Of its nodes' names. */
  prefix: string
  /** The graph's variables. */
  variables: ReadonlyMap<Variable, { name: string; dtype: number }>
}

/** A value as it comes into a function or out of it. */
export interface Argument {
  name: string
  dtype: number
}

/** A function of a graph: its body's nodes by `recorded`, its results as references within it. */
export interface FunctionParts {
  inputs: readonly Argument[]
  outputs: readonly (Argument & { ref: Ref })[]
  /** Named as in the body; what they refer to, `within` writes. */
  nodes: readonly Node[]
  within: (ref: Ref) => Ref
  attributes: Record<string, Uint8Array>
}

/**
 * Messages of TensorFlow's graph.proto, node_def.proto, function.proto, op_def.proto, attr_value.proto and
 * tensor.proto, field by field.
 */
export class GraphWriter {
  private readonly nodes: Uint8Array[] = []
  private readonly functions: Uint8Array[] = []
  /** Attributes by what they say: most nodes have one of a few. */
  private readonly known = new Map<string, Uint8Array>()

  constructor(private readonly binding: NodeBinding) {}

  node(name: string, op: string, inputs: string[], attributes: Record<string, Uint8Array>): void {
    this.nodes.push(field(1, nodeParts(name, op, inputs, attributes)))
  }

  variable(name: string, shape: number[], dtype: number): void {
    const type = this.type(dtype)
    this.node(name, 'VarHandleOp', [], {
      dtype: type,
      shape: this.shape(shape),
      shared_name: this.bytes(name),
      container: this.bytes(''),
    })
    this.node(`${name}/feed`, 'Placeholder', [], { dtype: type, shape: this.shape(shape) })
    this.node(`${name}/set`, 'AssignVariableOp', [name, `${name}/feed`], { dtype: type })
    this.node(`${name}/get`, 'ReadVariableOp', [name], { dtype: type })
  }

  recorded(name: string, node: Node, here: (ref: Ref) => Ref): void {
    this.nodes.push(field(1, this.recordedParts(name, node, here)))
  }

  /** FunctionDef { the signature, the nodes, what its results are, attributes }. */
  function(name: string, { inputs, outputs, nodes, within, attributes }: FunctionParts): void {
    const argument = (number: number) => (one: Argument) =>
      field(number, [textField(1, one.name), numberField(3, one.dtype)])
    const signature = [textField(1, name), ...inputs.map(argument(2)), ...outputs.map(argument(3))]
    this.functions.push(
      field(1, [
        field(1, signature),
        ...nodes.map((node) => field(3, this.recordedParts(node.name, node, within))),
        ...outputs.map((one) => field(4, [textField(1, one.name), textField(2, within(one.ref))])),
        ...entries(attributes),
      ]),
    )
  }

  private recordedParts(name: string, node: Node, here: (ref: Ref) => Ref): Uint8Array[] {
    if (node.kind === 'constant') {
      const value = this.tensor(node.dtype, node.shape, node.bytes)
      return nodeParts(name, 'Const', [], { dtype: this.type(node.dtype), value })
    }
    const attributes = node.attributes.map((attribute) => [attribute.name, this.attribute(attribute)])
    return nodeParts(name, node.op, node.inputs.map(here), Object.fromEntries(attributes))
  }

  /** SavedModel { version 1, one MetaGraphDef { tag "serve", the GraphDef } }. */
  finish(): Uint8Array {
    const library = this.functions.length ? [field(2, this.functions)] : []
    const versions = field(4, [numberField(1, graphVersion)])
    const graph = field(2, [...this.nodes, ...library, versions])
    return joined([numberField(1, 1), field(2, [field(1, [textField(4, 'serve')]), graph])])
  }

  type(dtype: number): Uint8Array {
    return this.once(`type ${dtype}`, () => numberField(6, dtype))
  }

  types(dtypes: readonly number[]): Uint8Array {
    return field(
      1,
      dtypes.map((dtype) => numberField(6, dtype)),
    )
  }

  bytes(value: string): Uint8Array {
    return textField(2, value)
  }

  truth(value: boolean): Uint8Array {
    return numberField(5, Number(value))
  }

  /** A function by its name. */
  called(name: string): Uint8Array {
    return field(10, [textField(1, name)])
  }

  shape(sizes: number[]): Uint8Array {
    return this.once(`shape ${sizes}`, () => field(7, [tensorShape(sizes)]))
  }

  /** What a constant zero needs; such constants stand for "this has happened". */
  scalarAttributes(): Record<string, Uint8Array> {
    return {
      dtype: this.type(this.binding.TF_INT32),
      value: this.tensor(this.binding.TF_INT32, [], new Uint8Array(4)),
    }
  }

  private once(key: string, make: () => Uint8Array): Uint8Array {
    const before = this.known.get(key)
    if (before) return before
    const value = make()
    this.known.set(key, value)
    return value
  }

  private attribute({ type, value }: OpAttribute): Uint8Array {
    const { TF_ATTR_STRING, TF_ATTR_INT, TF_ATTR_FLOAT, TF_ATTR_BOOL, TF_ATTR_TYPE } = this.binding
    if (type === TF_ATTR_STRING) return this.bytes(value as string)
    if (type === TF_ATTR_TYPE && !Array.isArray(value)) return this.type(value as number)
    const number = { [TF_ATTR_INT]: 3, [TF_ATTR_FLOAT]: 4, [TF_ATTR_BOOL]: 5, [TF_ATTR_TYPE]: 6 }[type]!
    const one = (item: unknown) =>
      type === TF_ATTR_FLOAT ? floatField(number, item as number) : numberField(number, Number(item))
    // A list's fields have the same numbers; each element may stand for itself.
    return Array.isArray(value) ? field(1, value.map(one)) : one(value)
  }

  /** `bytes` hold all elements, or the first only: then all are equal to it. */
  private tensor(dtype: number, shape: number[], bytes: Uint8Array): Uint8Array {
    const elements = shape.reduce((product, size) => product * size, 1)
    const { TF_FLOAT, TF_INT32, TF_BOOL } = this.binding
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const single = elements > 1 && bytes.byteLength <= 4
    const content = () => {
      if (single && dtype === TF_FLOAT && bytes.byteLength === 4)
        return floatField(5, view.getFloat32(0, true))
      if (single && dtype === TF_INT32 && bytes.byteLength === 4)
        return numberField(7, view.getInt32(0, true))
      if (single && dtype === TF_BOOL && bytes.byteLength === 1) return numberField(11, bytes[0]!)
      return field(4, [bytes])
    }
    return field(8, [numberField(1, dtype), field(2, [tensorShape(shape)]), content()])
  }
}

const tensorShape = (sizes: number[]): Uint8Array =>
  joined(sizes.map((size) => field(2, [numberField(1, size)])))

/** NodeDef { name, op, inputs, attributes }. */
const nodeParts = (
  name: string,
  op: string,
  inputs: readonly string[],
  attributes: Record<string, Uint8Array>,
): Uint8Array[] => [
  textField(1, name),
  textField(2, op),
  ...inputs.map((input) => textField(3, input)),
  ...entries(attributes),
]

/** A map from names to AttrValue, the fifth field of what has one. */
const entries = (attributes: Record<string, Uint8Array>): Uint8Array[] =>
  Object.entries(attributes).map(([key, value]) => field(5, [textField(1, key), field(2, [value])]))
