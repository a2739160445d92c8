import { runtimeStatus } from '../../../main/runtime'
import { loadBackend, type Backend } from '../../../main/trainer/backend'
import { findDawnGpu } from '../../../main/trainer/backend/dawn'
import { createControl } from '../../../main/trainer/engine/control'
import { readMemoryOf } from '../../../main/trainer/engine/machine-memory'
import { measureSignal } from '../../../main/trainer/engine/signal'
import { trainNetworks } from '../../../main/trainer/engine/train'
import { NODE_MEMORY } from '../../../main/trainer/node-memory'
import { outcomeOf } from '../../../main/trainer/work'
import { convolutional } from '../../../shared/block/convolutional'
import { presetNamed } from '../../../shared/block/presets'
import { parseExperiment, trainingExperiment } from '../../../shared/experiment/experiment'
import { defaultExperiment } from '../../../shared/settings/table'

// One backend in a process of its own: `node gpu.mjs BACKEND WHAT` prints one JSON document.

const [kind, what] = process.argv.slice(2)

const small = { ...defaultExperiment(), blocks: 3, width: 16, replicas: 2, batch: 16 }
const dense = {
  ...small,
  block: ['relu-linear', 'full-preactivation'],
  remedies: ['none', 'batch-norm', 'nf'],
}
const grid = parseExperiment({
  ...small,
  ...{ blocks: 2, width: 4, batch: 8, input: 'sequence', stem: 'linear', trainReplicas: 1, steps: 3 },
  ...{ block: [convolutional(presetNamed('full-preactivation'), 1)], remedies: ['none'], data: 'digits' },
})
const learning = trainingExperiment({
  ...small,
  ...{ blocks: 2, trainReplicas: 2, data: 'digits', steps: 20, batch: 64, remedies: ['batch-norm'] },
})

readMemoryOf(NODE_MEMORY)
const found = kind === 'webgpu' || kind === 'hardware' ? await findDawnGpu(kind === 'webgpu') : null
if (found && 'refused' in found) finish(found)
const backend: Backend =
  found && 'backend' in found
    ? found.backend
    : loadBackend({ library: kind === 'cpu' ? null : (await runtimeStatus()).library, device: 'cpu' })
const { tf } = backend
const device = () => (tf.backend() as unknown as { device: GPUDevice }).device
const before = tf.memory().numTensors

if (what === 'numbers') {
  const signals = []
  for (const experiment of [dense, grid]) {
    const { series } = await measureSignal(backend, experiment, createControl(), () => {})
    signals.push(series.map(({ q, v, m, p, weightGradientNorm2 }) => [q, v, m, p, weightGradientNorm2]))
  }
  const trained = []
  for (const experiment of [learning, trainingExperiment(grid)]) {
    const result = await trainNetworks(backend, experiment, createControl(), () => {}, { weights: true })
    trained.push(result.series.map(({ evaluations, weights }) => [evaluations, weights]))
  }
  finish({ device: backend.device, signals, trained, left: tf.memory().numTensors - before })
} else if (what === 'lost') {
  const emit = (event: { type: string }) => event.type === 'frame' && device().destroy()
  const at = { backend, control: createControl(), emit, place: null }
  finish(await outcomeOf({ type: 'train', experiment: learning, weights: false } as never, at as never))
} else {
  // A tensor twice as large as a buffer may be.
  const numbers = device().limits.maxBufferSize / 2
  const error = await tf
    .zeros([numbers])
    .add(1)
    .sum()
    .data()
    .then(
      ([sum]) => `no error, but ${sum}`,
      (refused: Error) => refused.message,
    )
  const [after] = await tf.ones([8]).sum().data()
  finish({ error, after })
}

function finish(document: unknown): never {
  process.stdout.write(`${JSON.stringify(document)}\n`)
  process.exit(0)
}
