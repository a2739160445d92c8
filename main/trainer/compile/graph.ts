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
// @ts-expect-error The package has no types for its protobuf messages.
import messages from '@tensorflow/tfjs-node-gpu/dist/proto/api_pb.js'
import type { NodeBinding, OpAttribute, Variable } from './native'
import type { Node, Recording, Ref } from './recording'

/**
 * TensorFlow refuses graphs from the future and applies old rules to graphs from the past; this is TensorFlow
 * 2.9's version, the oldest supported.
 */
const graphVersion = 1087

/** The generated protobuf classes, as far as they are used here. */
interface Message {
  serializeBinary(): Uint8Array
  // Setters and getters, whose types are those of the schema.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  [method: string]: (...values: any[]) => any
}

const text = new TextEncoder()

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

class GraphWriter {
  private readonly graph: Message = new messages.GraphDef()

  constructor(private readonly binding: NodeBinding) {}

  node(name: string, op: string, inputs: string[], attributes: Record<string, Message>): void {
    const node: Message = new messages.NodeDef()
    node.setName!(name)
    node.setOp!(op)
    node.setInputList!(inputs)
    for (const [key, value] of Object.entries(attributes)) node.getAttrMap!().set(key, value)
    this.graph.addNode!(node)
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

  finish(): Uint8Array {
    const versions: Message = new messages.VersionDef()
    versions.setProducer!(graphVersion)
    this.graph.setVersions!(versions)
    const info: Message = new messages.MetaGraphDef.MetaInfoDef()
    info.setTagsList!(['serve'])
    const meta: Message = new messages.MetaGraphDef()
    meta.setMetaInfoDef!(info)
    meta.setGraphDef!(this.graph)
    const model: Message = new messages.SavedModel()
    model.setSavedModelSchemaVersion!(1)
    model.setMetaGraphsList!([meta])
    return model.serializeBinary()
  }

  type(dtype: number): Message {
    return this.value('setType', dtype)
  }

  bytes(value: string): Message {
    return this.value('setS', text.encode(value))
  }

  shape(sizes: number[]): Message {
    return this.value('setShape', tensorShape(sizes))
  }

  /** What a constant zero needs; such constants stand for "this has happened". */
  scalarAttributes(): Record<string, Message> {
    return {
      dtype: this.type(this.binding.TF_INT32),
      value: this.tensor(this.binding.TF_INT32, [], new Uint8Array(4)),
    }
  }

  private value(setter: string, value: unknown): Message {
    const message: Message = new messages.AttrValue()
    message[setter]!(value)
    return message
  }

  private attribute({ type, value }: OpAttribute): Message {
    const { TF_ATTR_STRING, TF_ATTR_INT, TF_ATTR_FLOAT, TF_ATTR_BOOL, TF_ATTR_TYPE, TF_ATTR_SHAPE } =
      this.binding
    if (type === TF_ATTR_SHAPE) return this.shape(value as number[])
    if (type === TF_ATTR_STRING) return this.bytes(value as string)
    const setter = { [TF_ATTR_INT]: 'I', [TF_ATTR_FLOAT]: 'F', [TF_ATTR_BOOL]: 'B', [TF_ATTR_TYPE]: 'Type' }[
      type
    ]!
    if (!Array.isArray(value)) return this.value(`set${setter}`, value)
    const list: Message = new messages.AttrValue.ListValue()
    list[`set${setter}List`]!(value)
    return this.value('setList', list)
  }

  /** `bytes` hold all elements, or the first only: then all are equal to it. */
  private tensor(dtype: number, shape: number[], bytes: Uint8Array): Message {
    const tensor: Message = new messages.Tensor()
    tensor.setDtype!(dtype)
    tensor.setTensorShape!(tensorShape(shape))
    const elements = shape.reduce((product, size) => product * size, 1)
    const { TF_FLOAT, TF_INT32, TF_BOOL } = this.binding
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const single = elements > 1 && bytes.byteLength <= 4
    if (single && dtype === TF_FLOAT && bytes.byteLength === 4)
      tensor.setFloatValList!([view.getFloat32(0, true)])
    else if (single && dtype === TF_INT32 && bytes.byteLength === 4)
      tensor.setIntValList!([view.getInt32(0, true)])
    else if (single && dtype === TF_BOOL && bytes.byteLength === 1) tensor.setBoolValList!([bytes[0] === 1])
    else tensor.setTensorContent!(bytes)
    return this.value('setTensor', tensor)
  }
}

function tensorShape(sizes: number[]): Message {
  const shape: Message = new messages.TensorShape()
  for (const size of sizes) {
    const dimension: Message = new messages.TensorShape.Dim()
    dimension.setSize!(size)
    shape.addDim!(dimension)
  }
  return shape
}
