/**
 * Records one eager run of a step. tfjs-node sends every kernel through two calls of its binding, executeOp and createTensor, with
 * TensorFlow's own operation names and attributes. So running the step once with a binding that also writes down what passes
 * through it gives the step's graph: forward, gradients and update alike. The run is a real one: its results are the first call's.
 */
import {
  alias,
  liveVariables,
  type DataId,
  type HostValues,
  type TensorMetadata,
  type NodeBackend,
  type NodeBinding,
  type OpAttribute,
  type Tensor,
  type Tf,
  type Variable,
} from './native'
import { Refusal, reasons } from './refusal'

/** The output of a node, as TensorFlow writes it ("n12:0"). */
export type Ref = string

/** A value in the graph. */
interface Value {
  ref: Ref
  dtype: number
  shape: number[]
}

export type Node =
  | { kind: 'op'; name: string; op: string; attributes: OpAttribute[]; inputs: Ref[] }
  | { kind: 'constant'; name: string; shape: number[]; dtype: number; bytes: Uint8Array }

export interface Source {
  name: string
  dtype: number
  shape: number[]
}

export interface Recording {
  nodes: Node[]
  inputs: Source[]
  /** The variables whose value at the start is used. */
  reads: { variable: Variable; ref: Ref }[]
  /** The variables that have another value at the end. */
  writes: { variable: Variable; ref: Ref }[]
  outputs: { ref: Ref; dtype: number }[]
  /** Tensors from outside whose values were copied into the graph; when one is disposed the recording is out of date. */
  captured: DataId[]
  /** Whether the step made variables that outlive it. Then their first values are part of the record, and it must not be replayed. */
  madeVariables: boolean
}

/** A tensor from outside that is neither an input nor a variable may be this big; it becomes a constant. */
export const capturedLimit = 64 * 1024
/** Constants of one recording together. A tensor filled with one value counts as that one value. */
export const constantsLimit = 64 * 1024 * 1024

const dataDependent = 'gives a shape that depends on values'
const refusedOperations: [RegExp, string][] = [
  [/^(Where|Unique|UniqueV2|NonMaxSuppression.*|DynamicPartition|Sparse.*|Ragged.*)$/, dataDependent],
  [
    /^(Random.*|Multinomial|TruncatedNormal|ParameterizedTruncatedNormal|Stateless.*)$/,
    'draws random numbers',
  ],
  [
    /(Summary|File|Decode|Encode|String|Print|PyFunc|Queue|Iterator|Assert|VarHandle|Variable)/,
    'reaches outside the graph',
  ],
]

let active = false

/** True while a step is being recorded on this thread: a compiled step called inside another is simply a part of it. */
export function isRecording(): boolean {
  return active
}

export function record(
  tf: Tf,
  backend: NodeBackend,
  step: string,
  run: (inputs: Tensor[]) => Tensor[],
  given: Tensor[],
): { outputs: Tensor[]; recording: Recording } {
  separateVariables(tf, backend)
  const inputs = given.map((tensor) => alias(backend, tensor))
  const before = new Map(liveVariables(tf).map((variable) => [variable.dataId as DataId, variable]))
  const tape = new Tape(backend, step, inputs, before)
  const restore = intercept(tf, backend, tape)
  active = true
  let outputs: Tensor[] = []
  try {
    outputs = tf.tidy(() => checkOutputs(step, run(inputs)).map((tensor) => alias(backend, tensor)))
    if (tape.refusal) throw tape.refusal
    const recording = tape.finish(outputs, before, liveVariables(tf))
    return { outputs, recording }
  } catch (error) {
    outputs.forEach((tensor) => tensor.dispose())
    throw tape.refusal ?? error
  } finally {
    active = false
    restore()
    inputs.forEach((tensor) => tensor.dispose())
  }
}

export function checkOutputs(step: string, result: unknown): Tensor[] {
  if (result instanceof Promise) {
    result.catch(() => undefined)
    throw new Refusal(step, reasons.asynchronous)
  }
  const isTensor = (item: unknown): boolean => typeof item === 'object' && item !== null && 'dataId' in item
  if (!Array.isArray(result) || !result.every(isTensor)) throw new Refusal(step, reasons.notTensors)
  return result as Tensor[]
}

/**
 * The recorder tells tensors apart by their data. Two variables made from one tensor, or a variable and the tensor it was made
 * from, share their data until one is assigned: give such variables data of their own, or a later run would take one for the other.
 */
function separateVariables(tf: Tf, backend: NodeBackend): void {
  for (const variable of liveVariables(tf)) {
    if (!backend.tensorMap.has(variable.dataId) || backend.tensorMap.get(variable.dataId).refCount < 2)
      continue
    const copy = alias(backend, variable)
    variable.assign(copy)
    copy.dispose()
  }
}

class Tape {
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
    // Run eagerly, TensorFlow infers types from inputs; a graph states them. tfjs-node leaves it to TensorFlow in this kernel alone.
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

function reachable(nodes: Node[], wanted: Ref[]): Set<string> {
  const byName = new Map(nodes.map((node) => [node.name, node]))
  const found = new Set<string>()
  const stack = wanted.map(nodeOf)
  for (let name = stack.pop(); name !== undefined; name = stack.pop()) {
    const node = byName.get(name)
    if (!node || found.has(name)) continue
    found.add(name)
    if (node.kind === 'op') stack.push(...node.inputs.map(nodeOf))
  }
  return found
}

const nodeOf = (ref: Ref): string => ref.slice(0, ref.indexOf(':'))

/** Puts the recorder between tfjs and its binding; gives the function that takes it out again. */
function intercept(tf: Tf, backend: NodeBackend, tape: Tape): () => void {
  const binding = backend.binding
  const watched: Pick<NodeBinding, 'executeOp' | 'createTensor' | 'runSavedModel'> = {
    executeOp(op, attributes, inputIds, outputs) {
      const refused = refusedOperations.find(([pattern]) => pattern.test(op))
      if (refused) tape.refuse(reasons.operation(op, refused[1]))
      const results = binding.executeOp(op, attributes, inputIds, outputs)
      tape.sawOperation(op, attributes, inputIds, results)
      return results
    },
    createTensor(shape, dtype, values) {
      const id = binding.createTensor(shape, dtype, values)
      tape.sawTensor(id, shape, dtype, values)
      return id
    },
    runSavedModel: () => tape.refuse(reasons.operation('runSavedModel', 'runs another graph')),
  }
  // The binding's own properties cannot be overwritten, so the recorder is an object that inherits all others.
  const recording: NodeBinding = Object.create(binding, Object.getOwnPropertyDescriptors(watched))

  const { getInputTensorIds, move, readSync } = backend
  backend.binding = recording
  backend.move = (dataId, ...rest) => {
    tape.made.add(dataId)
    move.call(backend, dataId, ...rest)
  }
  backend.readSync = (dataId) =>
    tape.mayRead > 0 ? readSync.call(backend, dataId) : tape.refuse(reasons.read)
  backend.getInputTensorIds = (tensors) => {
    // A tensor from outside that is still to be uploaded must not pass for one made inside the step.
    const late = tensors.filter(
      ({ dataId }) => dataId && !tape.made.has(dataId) && backend.tensorMap.get(dataId).values !== null,
    )
    if (late.length > 0) {
      backend.binding = binding
      getInputTensorIds.call(backend, late)
      backend.binding = recording
    }
    const ids = getInputTensorIds.call(backend, tensors)
    tensors.forEach(({ dataId }, index) => dataId && tape.sawInput(dataId, ids[index]!))
    return ids
  }

  // GatherV2 reads its indices, only to check them; in the graph TensorFlow checks them itself.
  const gather = tf.getKernel('GatherV2', 'tensorflow')!
  const { kernelFunc } = gather
  gather.kernelFunc = (parameters) => {
    tape.mayRead++
    try {
      return kernelFunc(parameters)
    } finally {
      tape.mayRead--
    }
  }

  // Every tfjs generator that was given no seed takes one from here.
  const { random } = Math
  Math.random = () => tape.refuse(reasons.random)

  return () => {
    Math.random = random
    gather.kernelFunc = kernelFunc
    backend.binding = binding
    // Own properties that hid the methods of the class.
    const own = backend as Partial<NodeBackend>
    delete own.move
    delete own.readSync
    delete own.getInputTensorIds
  }
}
