/**
 * Writes recordings as one TensorFlow graph, wrapped as the smallest SavedModel that TensorFlow loads. All
 * recordings of a program are in one graph because that is what lets them share variables: the binding gives
 * every loaded model a session of its own, and resources belong to a session.
 *
 *   v3                VarHandleOp of the third variable, with v3/feed and v3/set to write it from outside
 *                     and v3/get to read it
 *   all/set           done when every variable has been written
 *   t1/in0            an input of the first recording; t1/read0 a variable's value before the run; t1/n12 an operation
 *   t1/write0         a variable's new value, stored after its old one was read
 *   t1/out0           an output, given once all writes are done
 */
import type { NodeBinding, OpAttribute, Variable } from './native'
import { field, floatField, joined, numberField, textField } from './protobuf'
import type { Node, Recording, Ref } from './recording'

/**
 * TensorFlow refuses graphs from the future and applies old rules to graphs from the past; this is TensorFlow
 * 2.9's version, the oldest supported.
 */
const graphVersion = 1087

export function savedModel(
  binding: NodeBinding,
  variables: { variable: Variable; dtype: number }[],
  recordings: ReadonlyMap<number, Recording>,
): Uint8Array {
  const writer = new GraphWriter(binding)
  variables.forEach(({ variable, dtype }, index) => writer.variable(`v${index}`, variable.shape, dtype))
  writer.node(
    'all/set',
    'Const',
    variables.map((_, index) => `^v${index}/set`),
    writer.scalarAttributes(),
  )
  const indexOf = new Map(variables.map(({ variable }, index) => [variable, index]))
  const dtypes = variables.map(({ dtype }) => dtype)
  for (const [id, recording] of recordings) writeRecording(writer, `t${id}`, recording, indexOf, dtypes)
  return writer.finish()
}

function writeRecording(
  writer: GraphWriter,
  prefix: string,
  recording: Recording,
  indexOf: Map<Variable, number>,
  dtypes: number[],
): void {
  const here = (ref: Ref): Ref => `${prefix}/${ref}`
  recording.inputs.forEach(({ name, dtype, shape }) =>
    writer.node(here(name), 'Placeholder', [], { dtype: writer.type(dtype), shape: writer.shape(shape) }),
  )
  recording.reads.forEach(({ variable, ref }) => {
    const index = indexOf.get(variable)!
    writer.node(here(ref.slice(0, -':0'.length)), 'ReadVariableOp', [`v${index}`], {
      dtype: writer.type(dtypes[index]!),
    })
  })
  recording.nodes.forEach((node) => writer.recorded(here(node.name), node, here))
  const readOf = new Map(recording.reads.map(({ variable, ref }) => [variable, ref]))
  recording.writes.forEach(({ variable, ref }, index) => {
    const target = indexOf.get(variable)!
    const read = readOf.get(variable)
    const after = read === undefined ? [] : [`^${here(read.slice(0, -':0'.length))}`]
    writer.node(`${prefix}/write${index}`, 'AssignVariableOp', [`v${target}`, here(ref), ...after], {
      dtype: writer.type(dtypes[target]!),
    })
  })
  writer.node(
    `${prefix}/done`,
    'Const',
    recording.writes.map((_, index) => `^${prefix}/write${index}`),
    writer.scalarAttributes(),
  )
  recording.outputs.forEach(({ ref, dtype }, index) =>
    writer.node(`${prefix}/out${index}`, 'Identity', [here(ref), `^${prefix}/done`], {
      T: writer.type(dtype),
    }),
  )
}

/** Messages of TensorFlow's graph.proto, node_def.proto, attr_value.proto and tensor.proto, field by field. */
class GraphWriter {
  private readonly nodes: Uint8Array[] = []
  /** Attributes by what they say: most nodes have one of a few. */
  private readonly known = new Map<string, Uint8Array>()

  constructor(private readonly binding: NodeBinding) {}

  node(name: string, op: string, inputs: string[], attributes: Record<string, Uint8Array>): void {
    const entries = Object.entries(attributes).map(([key, value]) =>
      field(5, [textField(1, key), field(2, [value])]),
    )
    const parts = [textField(1, name), textField(2, op), ...inputs.map((input) => textField(3, input))]
    this.nodes.push(field(1, [...parts, ...entries]))
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
    if (node.kind === 'constant') {
      this.node(name, 'Const', [], {
        dtype: this.type(node.dtype),
        value: this.tensor(node.dtype, node.shape, node.bytes),
      })
    } else {
      this.node(
        name,
        node.op,
        node.inputs.map(here),
        Object.fromEntries(node.attributes.map((attribute) => [attribute.name, this.attribute(attribute)])),
      )
    }
  }

  /** SavedModel { version 1, one MetaGraphDef { tag "serve", the GraphDef } }. */
  finish(): Uint8Array {
    const versions = field(4, [numberField(1, graphVersion)])
    const graph = field(2, [...this.nodes, versions])
    return joined([numberField(1, 1), field(2, [field(1, [textField(4, 'serve')]), graph])])
  }

  type(dtype: number): Uint8Array {
    return this.once(`type ${dtype}`, () => numberField(6, dtype))
  }

  bytes(value: string): Uint8Array {
    return textField(2, value)
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
