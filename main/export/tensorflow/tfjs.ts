import { mkdirSync, readFileSync } from 'node:fs'
import * as path from 'node:path'
import { version } from '../../../package.json'
import { replaceFileNow } from '../../files/write-now'
import { EXPORT_MODE, type ExportFormat } from '../format'
import { tensorFlowGraph } from './graph'
import { graphModel, type GraphModel } from './graph-model'
import { runGraphModel } from './run'

const MODEL = 'model.json'
const WEIGHTS = 'weights.bin'

interface ModelJson {
  modelTopology: GraphModel['topology']
  signature: GraphModel['signature']
  weightsManifest: { paths: string[]; weights: GraphModel['weights'] }[]
}

export const tfjs: ExportFormat = {
  name: 'tfjs',
  title: 'TensorFlow.js',
  is: 'folder',
  reader: 'TensorFlow.js',
  howToOpen: () =>
    [
      '```js',
      "import * as tf from '@tensorflow/tfjs'",
      '',
      "const network = await tf.loadGraphModel('model.json') // an address, or file:// with tfjs-node",
      'const outputs = network.predict(tf.tensor(inputs))',
      '```',
      '',
      'A GraphModel. Channels come last: [batch, rows, columns, channels].',
    ].join('\n'),
  write(target, { network, arrays }, { texts, isFloat16 }) {
    mkdirSync(target)
    const { topology, signature, weights, data } = graphModel(tensorFlowGraph(network, arrays), isFloat16)
    const model = {
      format: 'graph-model',
      generatedBy: `Residual Lab ${version}`,
      convertedBy: null,
      signature,
      modelTopology: topology,
      weightsManifest: [{ paths: [WEIGHTS], weights }],
    }
    const put = (name: string, bytes: Uint8Array) =>
      replaceFileNow(path.join(target, name), [bytes], EXPORT_MODE)
    put(MODEL, Buffer.from(JSON.stringify(model)))
    put(WEIGHTS, data)
    for (const [name, text] of texts) put(name, Buffer.from(text))
  },
  reopen(target, { network }) {
    const model = JSON.parse(readFileSync(path.join(target, MODEL), 'utf8')) as ModelJson
    const [{ paths, weights }] = model.weightsManifest
    const data = readFileSync(path.join(target, paths[0]))
    return runGraphModel(
      { topology: model.modelTopology, signature: model.signature, weights, data },
      network,
    )
  },
}
