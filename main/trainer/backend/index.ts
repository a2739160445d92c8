// The one place that loads TensorFlow.js and its native binding. What is asked for is what runs: with a library given,
// failing to load it is an error, and only a caller that gives none gets the plain JavaScript backend.
import { createRequire } from 'node:module'
import type * as Tf from '@tensorflow/tfjs'
import { REINSTALL, ownCommand } from '../../files/program'
import { howToGetLibrary } from '../../runtime/how-to-get'
import type { TensorFlowLibrary } from '../../runtime/types'
import type { NodeBinding } from './binding'
import { gpuMemory, gpuName } from './device'
import { loadGraph } from './load-graph'
import { mendUtil, setEnvironment, triesXla, type Wishes } from './environment'

export type { NodeBinding, OpAttribute, TensorMetadata } from './binding'

export interface Device {
  /** 'CPU' or 'GPU <model>'. */
  name: string
  /** TensorFlow's version; for the plain backend TensorFlow.js's. */
  version: string
  /** "CPU, TensorFlow 2.21.0". */
  description: string
  /** What this backend costs and how to mend it; null if nothing is to be said. */
  note: string | null
}

export interface Backend {
  tf: typeof Tf
  kind: 'tensorflow' | 'webgpu' | 'cpu'
  device: Device
  binding: NodeBinding | null
  /** Loads a step's graph, a SavedModel, and gives its number in the binding; null: steps run as written. */
  loadGraph: typeof loadGraph | null
  /** Bytes of its GPU's memory, and of these what is free; left out where it computes on none. */
  gpuMemory?: () => ReturnType<typeof gpuMemory>
  /** Whether steps that run often are tried compiled by XLA; left out: they are not. */
  triesXla?: boolean
}

/** Threads and device count for the first load in a process only: see preloadBinding. */
export interface BackendOptions extends Wishes {
  library: TensorFlowLibrary | null
}

// Node's own loader, not the bundler's: the packages stay outside the bundle, and a binding is a file.
const require = createRequire(import.meta.url)
const GIB = 2 ** 30
const PACKAGE = '@tensorflow/tfjs-node-gpu'

let loaded: { backend: Backend; bindingPath: string | null } | null = null

/**
 * Loads the native library into the process. Call it in the main thread before any worker loads the backend: a
 * worker that is the first and then fails takes the whole process down at exit.
 */
export function preloadBinding({ library, ...wishes }: BackendOptions): NodeBinding | null {
  if (!library) return null
  setEnvironment(wishes, library)
  try {
    return require(library.bindingPath) as NodeBinding
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause)
    throw new Error(
      `TensorFlow's native library could not be loaded: ${why}. Run ${ownCommand('runtime install')}, ` +
        `or point at another installation with ${ownCommand('runtime use PATH')}.`,
      { cause },
    )
  }
}

/** Reads what any backend but WebGPU's needs beside its library, which another thread may load meanwhile. */
export function readScripts(): void {
  require('@tensorflow/tfjs')
}

/** The backend of this thread. Synchronous; the same library gives the same backend again. */
export function loadBackend(options: BackendOptions): Backend {
  const bindingPath = options.library?.bindingPath ?? null
  if (loaded) {
    if (loaded.bindingPath === bindingPath) return loaded.backend
    throw new Error('This thread already runs another backend; restart the trainer to change it.')
  }
  const backend = options.library ? native(options.library, options) : plain(options)
  loaded = { backend, bindingPath }
  return backend
}

function native(library: TensorFlowLibrary, options: BackendOptions): Backend {
  const binding = preloadBinding(options)!
  mendUtil()
  const tf = withBindingAt(library.bindingPath, () => require(PACKAGE) as typeof Tf)
  if (tf.getBackend() !== 'tensorflow') {
    throw new Error(
      `TensorFlow.js chose the backend ${tf.getBackend()} instead of the native one. ${REINSTALL}`,
    )
  }
  const version = binding.TF_Version
  const isGpu = binding.isUsingGpuDevice()
  const name = isGpu ? `GPU ${gpuName()}` : 'CPU'
  const note = noteOf(library, options.device, isGpu)
  const device = { name, version, description: `${name}, TensorFlow ${version}`, note }
  const limit = options.gpuMemory == null ? null : options.gpuMemory * GIB
  return {
    tf,
    kind: 'tensorflow',
    device,
    binding,
    loadGraph,
    ...(isGpu && { gpuMemory: () => gpuMemory(limit), triesXla: triesXla(library.version) }),
  }
}

/** What must be said of the device; that a GPU is left alone is no news for whoever chose the CPU. */
function noteOf(library: TensorFlowLibrary, device: Wishes['device'], isGpu: boolean): string | null {
  if (device === 'cpu') return null
  // It computed on one when it was installed.
  const isLost = library.device === 'gpu' && !isGpu
  const note = isLost ? LOST : library.note
  if (device !== 'gpu' || isGpu) return note
  const missed = 'A GPU is asked for and TensorFlow finds none: the CPU computes.'
  return note ? `${missed} ${note}` : missed
}

const LOST =
  'The GPU that TensorFlow’s library was installed for does not answer: the CPU computes. ' +
  `${ownCommand('runtime status')} says what of driver and GPUs is there.`

function plain(options: BackendOptions): Backend {
  setEnvironment(options)
  const tf = require('@tensorflow/tfjs') as typeof Tf
  // Resolves later, but a backend made synchronously is in use on return.
  void tf.setBackend('cpu')
  if (tf.getBackend() !== 'cpu')
    throw new Error(`TensorFlow.js could not start its plain cpu backend. ${REINSTALL}`)
  // Or else it prints an advertisement for tfjs-node at the first tensor.
  ;(tf.backend() as unknown as { firstUse: boolean }).firstUse = false
  const version = tf.version.tfjs
  const device = {
    name: 'CPU',
    version,
    description: `CPU, plain TensorFlow.js ${version}`,
    note: [
      'Plain JavaScript: ten to a hundred times as slow as TensorFlow, fit for small networks only.',
      howToGetLibrary(),
    ]
      .join(' ')
      .trim(),
  }
  return { tf, kind: 'cpu', device, binding: null, loadGraph: null }
}

/**
 * tfjs-node-gpu asks node-pre-gyp where its binding is, expecting it in its own folder. Ours lies in the user's
 * cache, so during the load node-pre-gyp is a stand-in that knows.
 */
function withBindingAt<T>(bindingPath: string, load: () => T): T {
  const seeker = createRequire(require.resolve(`${PACKAGE}/package.json`)).resolve('@mapbox/node-pre-gyp')
  const before = require.cache[seeker]
  require.cache[seeker] = { ...moduleLike(seeker), exports: { find: () => bindingPath } }
  try {
    return load()
  } finally {
    if (before) require.cache[seeker] = before
    else delete require.cache[seeker]
  }
}

function moduleLike(id: string): NodeJS.Module {
  return {
    id,
    filename: id,
    path: '',
    loaded: true,
    children: [],
    paths: [],
    parent: null,
    isPreloading: false,
    require,
    exports: {},
  }
}
