/**
 * The parts of tfjs-node's backend that the compiler stands on. They are internals of a frozen package (4.22.0, no further
 * release), so depending on them is safe; this file is the only place that names their shapes.
 */
import type * as tfjs from '@tensorflow/tfjs'

export type Tf = typeof tfjs
export type Tensor = tfjs.Tensor
export type Variable = tfjs.Variable
export type DataId = object

export interface OpAttribute {
  name: string
  type: number
  value: unknown
}

/** What the binding tells about a tensor that TensorFlow made: `dtype` is TensorFlow's number, not tfjs's name. */
export interface NativeTensor {
  id: number
  shape: number[]
  dtype: number
}

/** The native addon: flat functions, and TensorFlow's enumerations as numbers. */
export interface NodeBinding {
  executeOp(name: string, attributes: OpAttribute[], inputIds: number[], outputs: number): NativeTensor[]
  createTensor(shape: number[], dtype: number, values: ArrayLike<unknown>): number
  deleteTensor(id: number): void
  tensorDataSync(id: number): ArrayBufferView
  loadSavedModel(folder: string, tags: string): number
  deleteSavedModel(id: number): void
  runSavedModel(id: number, inputIds: number[], inputs: string, outputs: string): NativeTensor[]
  getNumOfTensors(): number
  getNumOfSavedModels(): number
  TF_FLOAT: number
  TF_INT32: number
  TF_INT64: number
  TF_BOOL: number
  TF_COMPLEX64: number
  TF_STRING: number
  TF_RESOURCE: number
  TF_UINT8: number
  TF_ATTR_STRING: number
  TF_ATTR_INT: number
  TF_ATTR_FLOAT: number
  TF_ATTR_BOOL: number
  TF_ATTR_TYPE: number
  TF_ATTR_SHAPE: number
}

/** What the backend keeps for one tensor. `values` are waiting to be uploaded when not null, and `id` is then not yet set. */
export interface DataInfo {
  shape: number[]
  dtype: number
  values: ArrayLike<unknown> | null
  id: number
  refCount: number
}

export interface NodeBackend {
  binding: NodeBinding
  tensorMap: { get(dataId: DataId): DataInfo; has(dataId: DataId): boolean; set(dataId: DataId, info: DataInfo): void }
  getInputTensorIds(tensors: Tensor[]): number[]
  createOutputTensor(native: NativeTensor): Tensor
  move(dataId: DataId, values: ArrayLike<unknown>, shape: number[], dtype: string, refCount: number): void
  readSync(dataId: DataId): ArrayLike<unknown>
}

export function nativeBackend(tf: Tf): NodeBackend {
  const backend = tf.findBackend('tensorflow') as unknown as NodeBackend | null
  if (!backend || tf.getBackend() !== 'tensorflow') throw new Error('compile: the native TensorFlow backend is not the active one')
  return backend
}

/** Every variable alive, of whoever made it. tfjs registers them by name. */
export function liveVariables(tf: Tf): Variable[] {
  return Object.values(tf.engine().state.registeredVariables as Record<string, Variable>)
}

/** A new tensor with the same contents (the buffer is shared inside TensorFlow) that no other tensor shares data with. */
export function alias(backend: NodeBackend, tensor: Tensor): Tensor {
  const { binding } = backend
  const ids = backend.getInputTensorIds([tensor])
  const dtype = backend.tensorMap.get(tensor.dataId).dtype
  const [copy] = binding.executeOp('Identity', [{ name: 'T', type: binding.TF_ATTR_TYPE, value: dtype }], ids, 1)
  return backend.createOutputTensor(copy!)
}
