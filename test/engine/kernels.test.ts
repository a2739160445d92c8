import { createRequire } from 'node:module'
import { beforeAll, expect, test } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { mendUtil } from '../../main/trainer/backend/environment'
import { KERNELS, lacking } from '../../main/trainer/backend/kernels'
import { createControl } from '../../main/trainer/engine/control'
import { measureSignal } from '../../main/trainer/engine/signal'
import { tensorMath } from '../../main/trainer/engine/tensor-math'
import type { Tensor } from '../../main/trainer/engine/tensor'
import { trainNetworks } from '../../main/trainer/engine/train'
import { outcomeOf } from '../../main/trainer/work'
import { backwardBlock, forwardBlock } from '../../shared/block/interpreter'
import { parseExperiment, trainingExperiment } from '../../shared/experiment/experiment'
import type { Array3 } from '../../shared/numerics/float64'
import { positions } from '../../shared/numerics/shape'
import { defaultExperiment } from '../../shared/settings/table'
import { normal, randomBlocks, randomParameters, shapesIn, type RandomBlock } from '../shared/random-blocks'
import { plainBackend } from './backend'

const require = createRequire(import.meta.url)
const small = { ...defaultExperiment(), blocks: 2, width: 4, replicas: 2, batch: 4, data: 'moons' as const }

let backend: Backend
/** Kernels that were asked for, by whoever. */
const called = new Set<string>()
let withheld: string | null = null
beforeAll(() => {
  backend = plainBackend()
  const engine = backend.tf.engine()
  const run = engine.runKernel.bind(engine)
  engine.runKernel = ((name: string, ...rest: [never, never]) => {
    called.add(name)
    // As TensorFlow.js says it.
    if (name === withheld) throw new Error(`Kernel '${name}' not registered for backend 'cpu'`)
    return run(name, ...rest)
  }) as typeof engine.runKernel
})

function forwardAndBack(block: RandomBlock) {
  const { tf } = backend
  const { graph, place } = block
  const math = tensorMath(tf)
  const onDevice = ({ values, shape }: Array3): Tensor => tf.tensor(Float32Array.from(values), shape)
  const [replicas, samples] = [2, 4]
  const { parameters } = randomParameters(block, replicas, samples)
  const own = new Map([...parameters].map(([id, list]) => [id, list.map(onDevice)]))
  const h = onDevice(normal([replicas, samples * positions(place.input), place.input.units], 1))
  const trace = forwardBlock(math, graph, own, h, undefined, shapesIn(block))
  backwardBlock(math, graph, own, trace, onDevice(normal(trace.output.shape as Array3['shape'], 2)), false)
}

test('networks need no kernel that is not in the table, and none of the table is idle', async () => {
  called.clear()
  for (const block of randomBlocks(6, 0)) backend.tf.tidy(() => forwardAndBack(block))
  await measureSignal(backend, { ...small, remedies: ['none', 'batch-norm'] }, createControl(), () => {})
  for (const optimizer of ['sgd', 'adam', 'adamw', 'rmsprop'] as const) {
    const experiment = { ...small, optimizer, trainReplicas: 2, steps: 2, remedies: ['batch-norm'] as const }
    const training = trainingExperiment({ ...experiment, remedies: [...experiment.remedies] })
    await trainNetworks(backend, training, createControl(), () => {})
  }
  expect([...called].sort()).toEqual([...KERNELS].sort())
}, 240_000)

test('the backend of WebGPU has them all', () => {
  mendUtil()
  require('@tensorflow/tfjs-backend-webgpu')
  expect(lacking(require('@tensorflow/tfjs'), 'webgpu')).toBeNull()
})

test('a backend that lacks some says which networks it does not compute, or that it computes none', () => {
  const without = (...names: string[]) => ({
    getKernelsForBackend: () =>
      KERNELS.filter((name) => !names.includes(name)).map((kernelName) => ({ kernelName }) as never),
  })
  expect(lacking(without('Erf', 'Maximum'), 'it')).toEqual({
    note:
      'This device lacks Erf, which GELU needs; Maximum, which max pooling needs: the device cpu computes such ' +
      'networks.',
  })
  expect(lacking(without('Erf', 'BatchMatMul'), 'it')).toEqual({
    refused: 'it lacks BatchMatMul, which all networks need',
  })
})

test('a network with an operation that the device lacks is refused by name', async () => {
  withheld = 'Erf'
  const block = {
    ...{ name: 'with-gelu', title: '', description: '', output: 'sum' },
    nodes: [
      { id: 'gelu', op: 'gelu', inputs: ['input'] },
      { id: 'sum', op: 'sum', inputs: ['input', 'gelu'] },
    ],
  }
  const experiment = parseExperiment({ ...small, block: [block], remedies: ['none'] })
  const at = { backend, control: createControl(), emit: () => {}, place: null }
  const outcome = await outcomeOf({ type: 'signal', experiment } as never, at as never)
  withheld = null
  expect(outcome).toEqual({
    type: 'error',
    error: {
      reason: 'input',
      message:
        `${backend.device.description} lacks Erf, which GELU needs. Choose another operation, or the device cpu, ` +
        'in the settings or by --device cpu.',
    },
  })
}, 60_000)
