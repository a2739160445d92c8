import { exportForm } from '../../../shared/export/forms'
import { mkdirSync } from 'node:fs'
import * as path from 'node:path'
import { halfBits } from '../../../shared/numerics/float16'
import { replaceFileNow } from '../../files/write-now'
import { field, floatField, numberField, textField } from '../../trainer/compile/protobuf'
import { EXPORT_MODE, type ExportFormat } from '../format'
import { tensorFlowGraph, type GraphAttribute, type GraphConstant, type TensorFlowGraph } from './graph'
import { readSavedModel } from './read-saved-model'
import { runGraphModel } from './run'

/** DataType of TensorFlow. */
const TYPES = { float: 1, int32: 3, half: 19 } as const
/** Graphs as TensorFlow 2.9 writes them, the oldest that is supported. */
const PRODUCER = 1087

const mapEntry = (number: number, key: string, parts: readonly Uint8Array[]) =>
  field(number, [textField(1, key), field(2, parts)])

function attributeParts(value: GraphAttribute, isShape: boolean): Uint8Array[] {
  if ('type' in value) return [numberField(6, TYPES[value.type])]
  if ('int' in value) return [numberField(3, value.int)]
  if ('float' in value) return [floatField(4, value.float)]
  if ('bool' in value) return [numberField(5, value.bool ? 1 : 0)]
  if ('text' in value) return [textField(2, value.text)]
  if (isShape) return [field(7, shapeParts(value.ints))]
  return [
    field(
      1,
      value.ints.map((one) => numberField(3, one)),
    ),
  ]
}

const shapeParts = (dims: readonly number[]) => dims.map((size) => field(2, [numberField(1, size)]))

function constantNodes(constant: GraphConstant, isFloat16: boolean): Uint8Array[] {
  const { name, dims, source } = constant
  const isHalf = isFloat16 && source !== null
  const type = TYPES[isHalf ? 'half' : constant.type]
  const values = isHalf
    ? Uint16Array.from(constant.values, halfBits)
    : constant.type === 'float'
      ? Float32Array.from(constant.values)
      : Int32Array.from(constant.values)
  const tensor = [numberField(1, type), field(2, shapeParts(dims)), field(4, [new Uint8Array(values.buffer)])]
  const own = isHalf ? `${name}.half` : name
  const node = field(1, [
    ...[textField(1, own), textField(2, 'Const')],
    ...[mapEntry(5, 'dtype', [numberField(6, type)]), mapEntry(5, 'value', [field(8, tensor)])],
  ])
  if (!isHalf) return [node]
  const cast = field(1, [
    ...[textField(1, name), textField(2, 'Cast'), textField(3, own)],
    ...[
      mapEntry(5, 'SrcT', [numberField(6, TYPES.half)]),
      mapEntry(5, 'DstT', [numberField(6, TYPES.float)]),
    ],
  ])
  return [node, cast]
}

/** A SavedModel with one signature, `serving_default`; its weights are constants of the graph. */
export function savedModelBytes({ steps, input, output }: TensorFlowGraph, isFloat16: boolean): Uint8Array {
  const nodes = steps.flatMap((step) => {
    if ('constant' in step) return constantNodes(step.constant, isFloat16)
    const { name, op, inputs, attributes } = step.node
    return [
      field(1, [
        ...[textField(1, name), textField(2, op), ...inputs.map((one) => textField(3, one))],
        ...Object.entries(attributes).map(([key, value]) =>
          mapEntry(5, key, attributeParts(value, key === 'shape')),
        ),
      ]),
    ]
  })
  const info = ({ name, dims }: TensorFlowGraph['input']) => [
    ...[textField(1, `${name}:0`), numberField(2, TYPES.float), field(3, shapeParts(dims))],
  ]
  const signature = [
    mapEntry(1, input.name, info(input)),
    mapEntry(2, output.name, info(output)),
    textField(3, 'tensorflow/serving/predict'),
  ]
  return Buffer.concat([
    numberField(1, 1),
    field(2, [
      field(1, [textField(4, 'serve')]),
      field(2, [...nodes, field(4, [numberField(1, PRODUCER)])]),
      mapEntry(5, 'serving_default', signature),
    ]),
  ])
}

export const savedmodel: ExportFormat = {
  ...exportForm('savedmodel'),
  keepsWeights: false,
  reader: 'TensorFlow.js, from the graph as TensorFlow’s own messages read it',
  howToOpen: ({ network: { outputName } }) =>
    [
      '```python',
      'import tensorflow as tf',
      '',
      "model = tf.saved_model.load('.')",
      "network = model.signatures['serving_default']",
      `outputs = network(input=tf.constant(inputs))['${outputName}']`,
      '```',
      '',
      'Channels come last: [batch, rows, columns, channels].',
    ].join('\n'),
  write(target, { network, arrays }, { isFloat16 }) {
    mkdirSync(target)
    const bytes = savedModelBytes(tensorFlowGraph(network, arrays), isFloat16)
    replaceFileNow(path.join(target, 'saved_model.pb'), [bytes], EXPORT_MODE)
  },
  reopen: (target, { network }) =>
    runGraphModel(readSavedModel(path.join(target, 'saved_model.pb')), network),
}
