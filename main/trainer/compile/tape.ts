import type { DataId, HostValues, NodeBackend, OpAttribute, Tensor, TensorMetadata, Variable } from './native'
import { nodeOf, reachable, type Node, type Recording, type Ref, type Source, type Value } from './recording'
import { Refusal, reasons } from './refusal'

/** A tensor from outside that is neither an input nor a variable may be this big; it becomes a constant. */
export const capturedLimit = 64 * 1024
/** Constants of one recording together. A tensor filled with one value counts as that one value. */
export const constantsLimit = 64 * 1024 * 1024

/** Writes down what passes through the binding while a step runs. */
export class Tape {
  refusal: Refusal | null = null
  /** Above zero while a kernel reads values only to check them (see intercept). */
  mayRead = 0
  /** Tensors made on the host during the run. */
  readonly made = new Set<DataId>()

  private readonly nodes: Node[] = []
  private readonly values = new Map<number, Value>()
  private readonly owners = new Map<number, DataId>()
  private readonly reads = new Map<Variable, Ref>()
  private readonly captured: DataId[] = []
  private readonly constants = new Map<string, Ref>()
  private readonly sources: Source[] = []
  private constantBytes = 0

  constructor(
    private readonly backend: NodeBackend,
    private readonly step: string,
    inputs: Tensor[],
    private readonly variables: Map<DataId, Variable>,
  ) {
    inputs.forEach((tensor, index) => {
      const { id, dtype, shape } = backend.tensorMap.get(tensor.dataId)
      const name = `in${index}`
      this.sources.push({ name, dtype, shape })
      this.values.set(id, { ref: `${name}:0`, dtype, shape })
    })
  }

  refuse(reason: string): never {
    this.refusal ??= new Refusal(this.step, reason)
    throw this.refusal
  }

  /** Remembers which data an id stands for, before the kernel uses it. */
  sawInput(dataId: DataId, id: number): void {
    if (!this.values.has(id)) this.owners.set(id, dataId)
  }

  sawTensor(id: number, shape: number[], dtype: number, values: HostValues): void {
    if (!ArrayBuffer.isView(values)) this.refuse(reasons.text('Const'))
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    this.values.set(id, this.constant(shape, dtype, bytes))
  }

  sawOperation(op: string, attributes: OpAttribute[], inputIds: number[], outputs: TensorMetadata[]): void {
    const inputs = inputIds.map((id) => this.resolve(op, id))
    const { TF_STRING, TF_RESOURCE } = this.backend.binding
    if (outputs.some(({ dtype }) => dtype === TF_STRING || dtype === TF_RESOURCE))
      this.refuse(reasons.text(op))
    const single = op === 'BatchMatMulV2' && this.matrixProduct(attributes, inputs, outputs[0]!)
    const name = single ? nodeOf(single) : this.operation(op, attributes, inputs)
    outputs.forEach(({ id, dtype, shape }, index) =>
      this.values.set(id, { ref: `${name}:${index}`, dtype, shape }),
    )
  }

  private operation(op: string, attributes: OpAttribute[], inputs: Value[]): string {
    const name = `n${this.nodes.length}`
    // Run eagerly, TensorFlow infers types from inputs; a graph states them. tfjs-node leaves it to
    // TensorFlow in this kernel alone.
    const inferred = op === 'ExpandDims' ? [this.typeAttribute('T', inputs[0]!.dtype)] : []
    const refs = inputs.map(({ ref }) => ref)
    this.nodes.push({ kind: 'op', name, op, attributes: [...attributes, ...inferred], inputs: refs })
    return name
  }

  /**
   * tfjs-node multiplies all matrices with BatchMatMulV2. For a single pair of matrices MatMul is nearly twice as fast
   * (128 x 128, TensorFlow's default threads); it may sum in another order, so the last bit can differ.
   */
  private matrixProduct(attributes: OpAttribute[], [a, b]: Value[], out: TensorMetadata): Ref | null {
    if (out.shape.slice(0, -2).some((size) => size !== 1)) return null
    const names: Record<string, string> = { adj_x: 'transpose_a', adj_y: 'transpose_b' }
    const renamed = attributes.map((attribute) => ({
      ...attribute,
      name: names[attribute.name] ?? attribute.name,
    }))
    const product = this.operation('MatMul', renamed, [this.flat(a!), this.flat(b!)])
    const value = { ref: `${product}:0`, dtype: out.dtype, shape: out.shape.slice(-2) }
    return this.reshaped(value, out.shape).ref
  }

  private flat(value: Value): Value {
    return this.reshaped(value, value.shape.slice(-2))
  }

  private reshaped(value: Value, shape: number[]): Value {
    if (shape.length === value.shape.length) return value
    const { TF_INT32 } = this.backend.binding
    const sizes = this.constant([shape.length], TF_INT32, new Uint8Array(Int32Array.from(shape).buffer))
    const types = [this.typeAttribute('T', value.dtype), this.typeAttribute('Tshape', TF_INT32)]
    return { ...value, shape, ref: `${this.operation('Reshape', types, [value, sizes])}:0` }
  }

  private typeAttribute(name: string, dtype: number): OpAttribute {
    return { name, type: this.backend.binding.TF_ATTR_TYPE, value: dtype }
  }

  finish(outputs: Tensor[], before: Map<DataId, Variable>, after: Variable[]): Recording {
    const outputRefs = outputs.map((tensor) => this.valueOf(tensor))
    const alive = new Set(after)
    const writes: Recording['writes'] = []
    for (const [dataId, variable] of before) {
      if (!alive.has(variable)) {
        if (this.reads.has(variable)) this.refuse(reasons.disposed(variable.name))
      } else if (variable.dataId !== dataId) {
        writes.push({ variable, ref: this.valueOf(variable).ref })
      }
    }
    const known = new Set(before.values())
    const needed = reachable(
      this.nodes,
      [...outputRefs, ...writes].map((item) => item.ref),
    )
    return {
      nodes: this.nodes.filter((node) => needed.has(node.name)),
      inputs: this.sources,
      reads: [...this.reads].map(([variable, ref]) => ({ variable, ref })),
      writes,
      outputs: outputRefs,
      captured: this.captured,
      madeVariables: after.some((variable) => !known.has(variable)),
    }
  }

  private valueOf(tensor: Tensor): Value {
    const [id] = this.backend.getInputTensorIds([tensor])
    return this.resolve('Identity', id!)
  }

  private resolve(op: string, id: number): Value {
    const known = this.values.get(id)
    if (known) return known
    const owner = this.owners.get(id)
    if (!owner) this.refuse(reasons.unknown(op))
    const { dtype, shape } = this.backend.tensorMap.get(owner)
    const variable = this.variables.get(owner)
    const value = variable
      ? { ref: `read${this.reads.size}:0`, dtype, shape }
      : this.capture(owner, id, shape, dtype)
    if (variable) this.reads.set(variable, value.ref)
    this.values.set(id, value)
    return value
  }

  private capture(owner: DataId, id: number, shape: number[], dtype: number): Value {
    const values = this.backend.binding.tensorDataSync(id)
    if (!ArrayBuffer.isView(values)) this.refuse(reasons.text('Const'))
    if (values.byteLength > capturedLimit)
      this.refuse(reasons.captured(shape, values.byteLength, capturedLimit))
    this.captured.push(owner)
    return this.constant(shape, dtype, new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
  }

  /** Equal constants become one node (tfjs makes a new tensor for every axis, shape and number it passes). */
  private constant(shape: number[], dtype: number, bytes: Uint8Array): Value {
    const elements = shape.reduce((product, size) => product * size, 1)
    const value = elements > 1 ? singleValue(bytes, elements) : bytes
    const key = value.length <= 256 ? `${dtype} ${shape} ${value}` : null
    const same = key === null ? undefined : this.constants.get(key)
    if (same) return { ref: same, dtype, shape }
    this.constantBytes += value.length
    if (this.constantBytes > constantsLimit)
      this.refuse(reasons.constants(this.constantBytes, constantsLimit))
    const name = `n${this.nodes.length}`
    this.nodes.push({ kind: 'constant', name, shape: [...shape], dtype, bytes: value.slice() })
    if (key !== null) this.constants.set(key, `${name}:0`)
    return { ref: `${name}:0`, dtype, shape }
  }
}

/** The bytes of one element if all elements are equal, else all bytes. */
function singleValue(bytes: Uint8Array, elements: number): Uint8Array {
  const width = bytes.length / elements
  for (let i = width; i < bytes.length; i++) if (bytes[i] !== bytes[i - width]) return bytes
  return bytes.subarray(0, width)
}
