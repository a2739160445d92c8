/** TensorFlow.js's native binding, as it is: tensors and models are numbers, operations have TensorFlow's own names. */
export interface NodeBinding {
  createTensor(
    shape: number[],
    dtype: number,
    values: Float32Array | Int32Array | Uint8Array | BigInt64Array | Uint8Array[],
  ): number
  deleteTensor(id: number): void
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array | BigInt64Array | Uint8Array[]
  executeOp(name: string, attributes: OpAttribute[], inputs: number[], outputCount: number): TensorMetadata[]
  /** `tags` separated by commas. */
  loadSavedModel(folder: string, tags: string): number
  /** Names separated by commas, as "operation:index". */
  runSavedModel(model: number, inputs: number[], inputNames: string, outputNames: string): TensorMetadata[]
  deleteSavedModel(model: number): void
  getNumOfSavedModels(): number
  getNumOfTensors(): number
  isUsingGpuDevice(): boolean
  readonly TF_Version: string
  readonly TF_FLOAT: number
  readonly TF_INT32: number
  readonly TF_INT64: number
  readonly TF_BOOL: number
  readonly TF_COMPLEX64: number
  readonly TF_STRING: number
  readonly TF_RESOURCE: number
  readonly TF_UINT8: number
  readonly TF_ATTR_STRING: number
  readonly TF_ATTR_INT: number
  readonly TF_ATTR_FLOAT: number
  readonly TF_ATTR_BOOL: number
  readonly TF_ATTR_TYPE: number
  readonly TF_ATTR_RESOURCE: number
}

export interface TensorMetadata {
  id: number
  shape: number[]
  dtype: number
}

export interface OpAttribute {
  name: string
  type: number
  value: boolean | number | string | number[] | object
}
