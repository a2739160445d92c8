import { exportForm } from '../../../shared/export/forms'
import { mkdirSync, readFileSync } from 'node:fs'
import * as path from 'node:path'
import { version } from '../../../package.json'
import { tfjsCode } from '../../../shared/export/tfjs/code'
import { replaceFileNow } from '../../files/write-now'
import { EXPORT_MODE, type ExportFormat } from '../format'
import { tensorFlowGraph } from './graph'
import { graphModel, type GraphModel } from './graph-model'
import { layersModel } from './layers-model'
import { runGraphModel, runLayersModel } from './run'

const MODEL = 'model.json'
const WEIGHTS = 'weights.bin'
/** The network as code, beside it. */
export const TFJS_CODE = 'model.js'

interface ModelJson {
  format: 'layers-model' | 'graph-model'
  modelTopology: GraphModel['topology']
  /** Of a GraphModel. */
  signature?: GraphModel['signature']
  weightsManifest: { paths: string[]; weights: GraphModel['weights'] }[]
}

export const tfjs: ExportFormat = {
  ...exportForm('tfjs'),
  keepsWeights: false,
  reader: 'TensorFlow.js',
  howToOpen({ network, arrays }) {
    const kind = layersModel(network, arrays, false) ? 'LayersModel' : 'GraphModel'
    return [
      '```js',
      "import * as tf from '@tensorflow/tfjs'",
      '',
      `const network = await tf.load${kind}('model.json') // an address, or file:// with tfjs-node`,
      'const outputs = network.predict(tf.tensor(inputs))',
      '```',
      '',
      `A ${kind}. Channels come last: [batch, rows, columns, channels].`,
      '',
      `${TFJS_CODE} is the same network as readable code: its \`load()\` reads these weights, and ` +
        `\`node ${TFJS_CODE}\` compares it with what the lab computes.`,
    ].join('\n')
  },
  write(target, { network, arrays }, { isFloat16 }) {
    mkdirSync(target)
    const inLayers = layersModel(network, arrays, isFloat16)
    const written = inLayers ?? graphModel(tensorFlowGraph(network, arrays), isFloat16)
    const { topology, weights, data, arrays: names } = written
    const model = {
      format: inLayers ? 'layers-model' : 'graph-model',
      generatedBy: `Residual Lab ${version}`,
      convertedBy: null,
      ...('signature' in written ? { signature: written.signature } : {}),
      modelTopology: topology,
      weightsManifest: [{ paths: [WEIGHTS], weights }],
      // What the code beside it reads; TensorFlow.js passes it by.
      userDefinedMetadata: { arrays: names },
    }
    const put = (name: string, bytes: Uint8Array) =>
      replaceFileNow(path.join(target, name), [bytes], EXPORT_MODE)
    put(MODEL, Buffer.from(JSON.stringify(model)))
    put(WEIGHTS, data)
    put(TFJS_CODE, Buffer.from(tfjsCode(network)))
  },
  reopen(target, { network }) {
    const model = JSON.parse(readFileSync(path.join(target, MODEL), 'utf8')) as ModelJson
    const [{ paths, weights }] = model.weightsManifest
    const data = readFileSync(path.join(target, paths[0]))
    const { format, modelTopology, signature } = model
    if (format === 'layers-model') return runLayersModel({ topology: modelTopology, weights, data }, network)
    return runGraphModel({ topology: modelTopology, signature: signature!, weights, data }, network)
  },
}
