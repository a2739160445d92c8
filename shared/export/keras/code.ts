import type { CodeDialect, CodeStyle } from '../code/dialect'
import { batchText } from '../code/heading'
import { networkText } from '../code/network-text'
import { exportCheck } from '../code/export-check'
import { PYTHON_CLASSES, indented, pythonClass, pythonList, pythonPreamble } from '../code/python'
import { sampleAxes } from '../layout'
import { pythonNames, quoted } from '../names'
import { isSingle, type ExportedNetwork, type ExportedPart } from '../network'
import { KERAS_HELPERS } from './helpers'
import { drawn, kerasLayer } from './layers'

/**
 * A network in Keras 3, as the text of a module: a model for each kind of block, `Network`, which draws its weights as
 * the experiment says, and `load()`, which reads those of an export as .keras or NPZ.
 */
export const kerasCode = (network: ExportedNetwork): string => networkText(network, KERAS)

/** Names that Keras's models have themselves: no layer may be called so. */
const KERAS_WORDS =
  'activity_regularizer add_loss add_metric add_variable add_weight autocast build build_from_config built call ' +
  'call_signature_parameters compile compile_from_config compiled compiled_loss compiled_metrics compute_dtype ' +
  'compute_loss compute_mask compute_metrics compute_output_shape compute_output_spec count_params ' +
  'distribute_reduction_method distribute_strategy dtype dtype_policy evaluate export fit from_config ' +
  'get_build_config get_compile_config get_config get_layer get_metrics_result ' +
  'get_quantization_layer_structure get_state_tree get_weights input input_dtype input_spec jit_compile layers ' +
  'load_own_variables load_weights loss losses make_predict_function make_test_function make_train_function ' +
  'metrics metrics_names metrics_variables name non_trainable_variables non_trainable_weights output path ' +
  'predict predict_function predict_on_batch predict_step quantization_mode quantize quantized_build ' +
  'quantized_call rematerialized_call reset_metrics run_eagerly save save_own_variables save_weights ' +
  'set_state_tree set_weights stateless_call stateless_compute_loss steps_per_execution summary supports_jit ' +
  'supports_masking symbolic_call test_function test_on_batch test_step to_json train_function train_on_batch ' +
  'train_step trainable trainable_variables trainable_weights unrolled_steps_per_execution variable_dtype ' +
  'variables weights'

const kerasNames = (ids: readonly string[]) => pythonNames(ids, KERAS_WORDS.split(' '))

const KERAS: CodeDialect = {
  helpers: KERAS_HELPERS,
  ...PYTHON_CLASSES,
  layer: kerasLayer,
  part: (text) =>
    pythonClass(text, {
      ...{ base: 'keras.Model', method: 'call', names: kerasNames },
      also: text.style.trains ? ', training=False' : '',
    }),
  network: networkClass,
  preamble: (network, code) => {
    const uses = ['initializers', 'layers', 'ops'].filter((name) => code.includes(`${name}.`))
    return pythonPreamble(
      network,
      'channels last',
      code,
      ['import sys', 'import zipfile', 'from pathlib import Path'],
      ['import keras', 'import numpy', ...(uses.length ? [`from keras import ${uses.join(', ')}`] : [])],
    )
  },
  ending: (network, outer) => [loading(network, outer), main(network, outer)],
}

function networkClass(
  network: ExportedNetwork,
  made: (part: ExportedPart) => string,
  outer: CodeStyle,
): string {
  const { stem, blocks, head, top, outputs, outputFactor, outputName, axes } = network
  const training = outer.trains ? ', training=training' : ''
  const draws = drawn(outputFactor, String(top.units), true, outer).join(', ')
  const init = [
    'super().__init__()',
    ...(stem ? [`self.stem = ${made(stem)}`] : []),
    ...pythonList('self.blocks = ', blocks.map(made)),
    ...(head ? [`self.head = ${made(head)}`] : []),
    ...(outputs === null
      ? []
      : [`self.${outputName} = layers.Dense(${outputs}, ${draws}, name='${outputName}')`]),
  ]
  const first = stem ? stemValue(stem, 'self.stem', 'x', outer, 'training') : 'x'
  const call = [
    `h = ${first}  # ${batchText(blocks[0].planned.place.input, axes, 'channels last')}`,
    'for block in self.blocks:',
    `    h = block(h${training})`,
    ...(head ? [`h = self.head(h${training})`] : []),
    ...(outputs === null || axes === 0
      ? []
      : [`h = ops.mean(h, ${axes === 2 ? '(1, 2)' : '1'})  # [batch, ${top.units}]`]),
    `return ${outputs === null ? 'h' : `self.${outputName}(h)`}`,
  ]
  const seed = 'seed: keras.utils.set_random_seed'
  return [
    'class Network(keras.Model):',
    `    """${blocks.length} blocks, their weights as they are drawn (${seed})."""`,
    '',
    '    def __init__(self):',
    ...indented(init, 8),
    '',
    `    def call(self, x${outer.trains ? ', training=False' : ''}):`,
    ...indented(call, 8),
  ].join('\n')
}

/** @param self how the stem is read @param training what it is told */
const stemValue = (
  stem: ExportedPart,
  self: string,
  x: string,
  outer: CodeStyle,
  training: string,
): string =>
  isSingle(stem)
    ? kerasLayer(stem.nodes[0], outer).value(self, [x])
    : `${self}(${x}${outer.trains ? `, training=${training}` : ''})`

function main(network: ExportedNetwork, outer: CodeStyle): string {
  const { stem, input, axes } = network
  const shape = [100, ...sampleAxes(input, axes, 'channels last')].join(', ')
  const lines = [
    '# At initialisation: the mean square of the stream before the first block and behind each.',
    'network = Network()',
    `h = keras.random.normal((${shape}))`,
    ...(stem ? [`h = ${stemValue(stem, 'network.stem', 'h', outer, 'True')}`] : []),
    "print(f'q_0 = {float(ops.mean(h**2)):.4g}')",
    'for k, block in enumerate(network.blocks, 1):',
    `    h = block(h${outer.trains ? ', training=True' : ''})`,
    "    print(f'q_{k} = {float(ops.mean(h**2)):.4g}')",
    "path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_suffix('.keras')",
    ...exportCheck(network, 'len(sys.argv) > 1 or path.exists()', 'ops.convert_to_numpy(load(path)(inputs))'),
  ]
  return ["if __name__ == '__main__':", ...indented(lines, 4)].join('\n')
}

/** What Keras gives its weights for names, and the lab its arrays; others have the same. */
const ROLES = [
  ['kernel', 'weight'],
  ['gamma', 'gain'],
  ['beta', 'shift'],
  ['moving_mean', 'mean'],
  ['moving_variance', 'variance'],
] as const

/** A dictionary of Python with one entry a line. */
const dictionary = (name: string, entries: Iterable<readonly [string, string]>): string[] => [
  `${name} = {`,
  ...[...entries].map(([key, value]) => `    ${quoted(key)}: ${quoted(value)},`),
  '}',
]

/** A layer has the same name in a .keras file, behind that of its part; arrays of an NPZ file have the lab's. */
function loading(
  { stem, head, outputs, outputName, input, axes }: ExportedNetwork,
  { names }: CodeStyle,
): string {
  const own = (name: string, part: ExportedPart) =>
    `('${name}.', ${isSingle(part) ? `[network.${name}]` : `network.${name}.layers`}),`
  const parts = [
    ...(stem ? [own('stem', stem)] : []),
    "*[(f'blocks.{k}.', block.layers) for k, block in enumerate(network.blocks, 1)],",
    ...(head ? [own('head', head)] : []),
    ...(outputs === null ? [] : [`('', [network.${outputName}]),`]),
  ]
  const one = ['1', ...sampleAxes(input, axes, 'channels last')].join(', ')
  const renamed = [
    ...(outputs === null ? [] : [[outputName, 'output'] as const]),
    ...[...names].flatMap(([id, name]) => (id === name ? [] : [[name, id] as const])),
  ]
  return [
    "# What the lab's arrays are called, by the names that Keras gives weights, and by layers; others have the same.",
    ...dictionary('ROLES', ROLES),
    ...(renamed.length ? dictionary('LAYERS', renamed) : ['LAYERS = {}']),
    '',
    '',
    "def load(path=Path(__file__).with_suffix('.keras')):",
    '    """The network of an export: of a .keras file (the one beside this file), or of one as .npz."""',
    '    network = Network()',
    `    network(numpy.zeros((${one}), 'float32'))  # weights are made when a network is called first`,
    '    parts = [',
    ...indented(parts, 8),
    '    ]',
    '    own = [(part, layer) for part, of_part in parts for layer in of_part]',
    "    if str(path).endswith('.npz'):",
    '        arrays = numpy.load(path)',
    '        for part, layer in own:',
    '            for weight in layer.weights:',
    "                name = f'{part}{LAYERS.get(layer.name, layer.name)}.{ROLES.get(weight.name, weight.name)}'",
    '                weight.assign(arrays[name].reshape(weight.shape))',
    '        return network',
    '    saved = {layer.name: layer for layer in keras.saving.load_model(path).layers}',
    '    for part, layer in own:',
    '        if part + layer.name in saved:  # what does not reach the output is not in the file',
    '            layer.set_weights(saved[part + layer.name].get_weights())',
    '    return network',
  ].join('\n')
}
