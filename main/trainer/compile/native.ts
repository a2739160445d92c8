/**
 * The parts of tfjs-node's backend that the compiler stands on. They are internals of a frozen package
 * (4.22.0, no further release), so depending on them is safe; this file is the only place that names their
 * shapes.
 */
import type * as tfjs from '@tensorflow/tfjs'
import type { NodeBinding, TensorMetadata } from '../backend/binding'

export type { NodeBinding, OpAttribute, TensorMetadata } from '../backend/binding'

export type Tf = typeof tfjs
export type Tensor = tfjs.Tensor
export type Variable = tfjs.Variable
export type DataId = object
export type HostValues = Parameters<NodeBinding['createTensor']>[2]

/**
 * What the backend keeps for one tensor. `values` are waiting to be uploaded when not null, and `id` is then
 * not yet set.
 */
export interface DataInfo {
  shape: number[]
  dtype: number
  values: HostValues | null
  id: number
  refCount: number
}

export interface NodeBackend {
  binding: NodeBinding
  tensorMap: {
    get(dataId: DataId): DataInfo
    has(dataId: DataId): boolean
    set(dataId: DataId, info: DataInfo): void
  }
  getInputTensorIds(tensors: Tensor[]): number[]
  createOutputTensor(native: TensorMetadata): Tensor
  move(dataId: DataId, values: HostValues, shape: number[], dtype: string, refCount: number): void
  readSync(dataId: DataId): HostValues
}

export function nativeBackend(tf: Tf): NodeBackend {
  const backend = tf.findBackend('tensorflow') as unknown as NodeBackend | null
  if (!backend || tf.getBackend() !== 'tensorflow')
    throw new Error('compile: the native TensorFlow backend is not the active one')
  return backend
}

/** Every variable alive, of whoever made it. tfjs registers them by name. */
export function liveVariables(tf: Tf): Variable[] {
  return Object.values(tf.engine().state.registeredVariables as Record<string, Variable>)
}

/**
 * A new tensor with the same contents (the buffer is shared inside TensorFlow) that no other tensor shares
 * data with.
 */
export function alias(backend: NodeBackend, tensor: Tensor): Tensor {
  const { binding } = backend
  const ids = backend.getInputTensorIds([tensor])
  const dtype = backend.tensorMap.get(tensor.dataId).dtype
  const [copy] = binding.executeOp(
    'Identity',
    [{ name: 'T', type: binding.TF_ATTR_TYPE, value: dtype }],
    ids,
    1,
  )
  return backend.createOutputTensor(copy!)
}
