import { exportForm } from '../../../shared/export/forms'
import { InputError } from '../../../shared/base/errors'
import { kerasCode } from '../../../shared/export/keras/code'
import { referenceOutputs } from '../../../shared/export/reference'
import { replaceFileNow } from '../../files/write-now'
import { readZip } from '../../files/zip'
import { EXPORT_MODE, type ExportFormat } from '../format'
import type { ExportSource } from '../source'
import { zipBytes } from '../zip'
import { KERAS_LAYERS, KERAS_LAYERS_FILE } from './custom'
import { KERAS_WEIGHTS, kerasDocuments, kerasWeights, readKerasWeights, weightGroups } from './file'
import { kerasNetwork } from './layers'
import { kerasOrder } from './order'

/** Keras walks a network by recursion, of which Python takes a thousand steps. */
const MOST_DEPTH = 900

/** Names of Keras's models have no points. */
const MODEL_NAME = 'residual_network'

const hasOurs = ({ network, arrays }: ExportSource) =>
  kerasNetwork(network, arrays).layers.some(({ isOurs }) => isOurs)

export const keras: ExportFormat = {
  ...exportForm('keras'),
  keepsWeights: false,
  reader: 'the lab’s reader of .keras files and its float64 interpreter',
  ending: '.keras',
  howToOpen(source) {
    return [
      '```python',
      'import keras',
      ...(hasOurs(source) ? [`import ${KERAS_LAYERS_FILE.replace('.py', '')}  # beside this file`] : []),
      '',
      "network = keras.saving.load_model('model.keras')",
      'outputs = network(inputs)',
      '```',
      '',
      'Channels come last: [batch, rows, columns, channels].',
      '',
      'The .py file beside it is the same network as readable code: its `load()` reads these weights, and run by ' +
        'itself it compares itself with what the lab computes.',
    ].join('\n')
  },
  check({ network, arrays, document }, isFloat16) {
    const { depth } = kerasOrder(kerasNetwork(network, arrays))
    if (depth > MOST_DEPTH) {
      const what = `"${document.entry.id}" is ${depth} layers deep, and Keras opens at most ${MOST_DEPTH} in a row`
      throw new InputError('format', what, 'Export it as onnx or savedmodel.')
    }
    if (!isFloat16) return
    const hint = 'Keep float32; Keras computes in half precision by dtype="float16".'
    throw new InputError('float16', 'Keras files keep weights in float32', hint)
  },
  beside: (source, name) => [
    { name: `${name}.py`, text: kerasCode(source.network) },
    ...(hasOurs(source) ? [{ name: KERAS_LAYERS_FILE, text: KERAS_LAYERS }] : []),
  ],
  async write(target, { network, arrays }, { texts }) {
    const own = kerasNetwork(network, arrays)
    const members = new Map<string, Uint8Array>()
    for (const [name, text] of kerasDocuments(own, MODEL_NAME)) members.set(name, Buffer.from(text))
    members.set(KERAS_WEIGHTS, await kerasWeights(own, MODEL_NAME))
    for (const [name, text] of texts) members.set(name, Buffer.from(text))
    replaceFileNow(target, [await zipBytes(members)], EXPORT_MODE)
  },
  async reopen(target, { network, arrays }) {
    const own = kerasNetwork(network, arrays)
    const bytes = (await readZip(target)).get(KERAS_WEIGHTS)
    if (!bytes) throw new Error(`${target} has no ${KERAS_WEIGHTS}`)
    const read = await readKerasWeights(bytes)
    const groups = weightGroups(own)
    const known = new Map(
      kerasOrder(own).layers.flatMap(({ name, weights }) =>
        weights.map(({ source }, i) => {
          const values = read.get(`${groups.get(name)!}/${i}`)
          if (!values) throw new Error(`${target} has no weights of ${name}`)
          return [source, values] as const
        }),
      ),
    )
    return (x) =>
      referenceOutputs(
        network,
        // What does not reach the output is not in the file.
        (source) => ({ shape: arrays(source).shape, values: known.get(source) ?? arrays(source).values }),
        x,
      )
  },
}
