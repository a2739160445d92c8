import type * as Tf from '@tensorflow/tfjs'
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import { adapterFacts } from './adapter'
import type { Backend } from './index'
import { lacking } from './kernels'
import { wrongAnswer } from './known-answer'

/** Found, or why not, in one sentence. `lost`: kept when the GPU goes, with a sentence that says so and why. */
export type FoundGpu = { backend: Backend; lost: Promise<string> } | { refused: string }

/** TensorFlow.js and its WebGPU backend, as whoever asks has loaded them. */
export interface GpuPackages {
  tf: typeof Tf
  WebGPUBackend: typeof WebGPUBackend
}

const GIB = 2 ** 30

/** Why there is no adapter at all: more is not told. */
export const NO_GPU = 'WebGPU finds no GPU on this machine, or no driver for it.'

/**
 * A GPU that WebGPU reaches, as a backend, after it has given a known answer. What goes wrong on it (no memory, a
 * buffer beyond its limits, the device lost) fails the reading that would have given a wrong number.
 * @param gpu Chromium's `navigator.gpu`, or Dawn's
 * @param load called where there is an adapter that may be used
 * @param allowsSoftware whether an adapter that computes on the CPU will do
 */
export async function findGpu(gpu: GPU, load: () => GpuPackages, allowsSoftware: boolean): Promise<FoundGpu> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
  if (!adapter) return { refused: NO_GPU }
  const { name, isSoftware, limits } = adapterFacts(adapter)
  if (isSoftware && !allowsSoftware)
    return {
      refused:
        `WebGPU finds no GPU but one made of software (${name}), which is slower than the CPU; ` +
        'the device webgpu-software (“WebGPU, software too” in the settings) uses it all the same.',
    }
  const { tf, WebGPUBackend } = load()
  const device = await adapter.requestDevice({ requiredLimits: limits })
  const backend = new WebGPUBackend(device, adapter.info)
  const lost = device.lost.then(({ message, reason }) => {
    const why = message.split('\n')[0].replace(/\.$/, '') || reason || 'no reason was given'
    return `The GPU (${name}) was lost: ${why}.`
  })
  watch(backend, device, lost, name)
  tf.removeBackend('webgpu')
  tf.registerBackend('webgpu', () => backend)
  await tf.setBackend('webgpu')
  // What is said to compute on the GPU does, small tensors too.
  tf.env().set('WEBGPU_CPU_FORWARD', false)
  const lacks = lacking(tf, 'webgpu')
  if (lacks && 'refused' in lacks) {
    tf.removeBackend('webgpu')
    return { refused: `The GPU (${name}) cannot compute these networks through WebGPU: ${lacks.refused}.` }
  }
  const wrong = await wrongAnswer(tf)
  if (wrong) {
    tf.removeBackend('webgpu')
    return { refused: `The GPU (${name}) gives wrong results through WebGPU: ${wrong}.` }
  }
  const version = tf.version.tfjs
  const notes = [
    ...(isSoftware
      ? ['This adapter is made of software: it computes on the CPU, and slower than TensorFlow.']
      : []),
    ...(lacks ? [lacks.note] : []),
  ]
  const description = `GPU ${name}, WebGPU, TensorFlow.js ${version}`
  return {
    lost,
    backend: {
      tf,
      kind: 'webgpu',
      device: { name: `GPU ${name}`, version, description, note: notes.join(' ') || null },
      binding: null,
      loadGraph: null,
    },
  }
}

/** Within so long after a reading fails, a loss that it fails by is told. */
const LOSS_MS = 1000

const SCOPES = ['validation', 'out-of-memory', 'internal'] as const

/**
 * WebGPU goes on with zeros after an error that nobody asks for: so each reading asks whether there was one since the
 * last, and rejects. It rejects, too, when the device is lost: a reading under way may never end then.
 */
function watch(backend: WebGPUBackend, device: GPUDevice, lost: Promise<string>, name: string): void {
  let goneWhy: string | null = null
  const gone = lost.then((why): never => {
    goneWhy = why
    throw new Error(why)
  })
  // Heard by whoever reads; nobody may be reading.
  gone.catch(() => {})
  /** What is read may be refused by a loss that is told only then. */
  const orLost = async (error: unknown): Promise<never> => {
    await Promise.race([gone, new Promise((go) => setTimeout(go, LOSS_MS))])
    throw error
  }
  const read = backend.read.bind(backend)
  const begin = () => SCOPES.forEach((scope) => device.pushErrorScope(scope))
  const trouble = async () => {
    const found = await Promise.all(SCOPES.map(() => device.popErrorScope()))
    return found.find((error) => error !== null) ?? null
  }
  begin()
  backend.read = async (dataId) => {
    if (goneWhy !== null) throw new Error(goneWhy)
    // It hands all that was asked for to the GPU before it waits.
    const values = read(dataId)
    const found = trouble()
    begin()
    // Where the first to settle is a failure, the other's is no news.
    values.catch(() => {})
    const error = await Promise.race([found, gone]).catch(orLost)
    if (error) throw new Error(whyRefused(error, name, device, backend))
    return Promise.race([values, gone]).catch(orLost)
  }
}

/** What the GPU refused, with numbers to choose from where it is memory. */
function whyRefused(error: GPUError, name: string, device: GPUDevice, backend: WebGPUBackend): string {
  const [first, second = ''] = error.message.split('\n').filter(Boolean)
  const what = /^\w+:$/.test(first) ? second : first
  if (!/memory|buffer size|exceeds|allocat/i.test(error.message))
    return `The GPU (${name}) refused a calculation: ${what}`
  const gib = (bytes: number) => `${(bytes / GIB).toPrecision(3)} GiB`
  const { numBytesInGPU } = backend.memory()
  return (
    `The GPU (${name}) has not enough memory: ${gib(numBytesInGPU)} of tensors were to be on it, and a single one ` +
    `may have ${gib(device.limits.maxStorageBufferBindingSize)}; half the batch, width or replicas needs about half`
  )
}
