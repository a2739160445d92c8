import { exportForm } from '../../../shared/export/forms'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import * as path from 'node:path'
import { version } from '../../../package.json'
import { messageOf } from '../../../shared/base/errors'
import { channelsFirst, channelsLast, sampleAxes } from '../../../shared/export/layout'
import { positions } from '../../../shared/numerics/shape'
import { replaceFileNow } from '../../files/write-now'
import { EXPORT_MODE, type ExportFormat } from '../format'
import { ONNX_INPUT, onnxGraph } from './graph'
import { OPSET, modelBytes } from './model'

export const onnx: ExportFormat = {
  ...exportForm('onnx'),
  keepsWeights: false,
  reader: 'ONNX Runtime',
  howToOpen: ({ network: { outputName } }) =>
    [
      '```python',
      'import onnxruntime',
      '',
      "session = onnxruntime.InferenceSession('model.onnx')",
      `outputs, = session.run(None, {'${ONNX_INPUT}': inputs})  # float32, any number of samples`,
      '```',
      '',
      '```js',
      "import * as ort from 'onnxruntime-node'",
      '',
      "const session = await ort.InferenceSession.create('model.onnx')",
      "const given = new ort.Tensor('float32', inputs, shape)",
      `const { ${outputName} } = await session.run({ ${ONNX_INPUT}: given })`,
      '```',
      '',
      `Opset ${OPSET}. This text, the experiment and the proof are in the model's metadata.`,
    ].join('\n'),
  write(target, { network, arrays, document }, { texts, isFloat16 }) {
    const bytes = modelBytes({
      name: document.entry.id,
      description: `${network.title}: ${network.description}`,
      version,
      ...onnxGraph(network, arrays, isFloat16),
      metadata: texts,
    })
    replaceFileNow(target, [bytes], EXPORT_MODE)
  },
  async reopen(target, { network }) {
    const ort = await runtime()
    const session = await ort.InferenceSession.create(readFileSync(target))
    const { input, top, axes, outputs } = network
    return async (x) => {
      const samples = x.length / (input.units * positions(input))
      const given = new ort.Tensor('float32', channelsFirst(x, input), [
        samples,
        ...sampleAxes(input, axes, 'channels first'),
      ])
      const found = await session.run({ [ONNX_INPUT]: given })
      const values = Object.values(found)[0].data as Float32Array
      return outputs === null ? channelsLast(values, top) : values
    }
  },
}

/** What it is beside its JavaScript: beside this bundle (electron.vite.config.ts), or in its package for tests. */
const WASM = 'ort-wasm-simd-threaded.wasm'
const wasmFile = () => {
  const own = path.join(__dirname, WASM)
  if (existsSync(own)) return own
  return path.join(path.dirname(createRequire(import.meta.url).resolve('onnxruntime-web')), WASM)
}

/** Loaded where an export is proven, and not before: it takes a third of a second. */
async function runtime(): Promise<typeof import('onnxruntime-web/wasm')> {
  try {
    const ort = await import('onnxruntime-web/wasm')
    // One thread needs no workers, which would outlive the export.
    ort.env.wasm.numThreads = 1
    // Given, it is not looked for with what browsers alone have.
    ort.env.wasm.wasmBinary ??= readFileSync(wasmFile())
    return ort
  } catch (error) {
    throw new Error(
      `ONNX Runtime, which opens an export again to prove it, could not be loaded (${messageOf(error)}). ` +
        'Nothing was written.',
      { cause: error },
    )
  }
}
