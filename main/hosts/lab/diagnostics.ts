import * as os from 'node:os'
import { version } from '../../../package.json'
import type { DeviceStatus, RuntimeReply } from '../../../shared/protocol/protocol'
import { gpuText } from '../../runtime'
import { mostMemory } from '../../trainer/engine/machine-memory'
import { NODE_MEMORY } from '../../trainer/node-memory'
import { webGpuLines, type WebGpuStatus } from './webgpu-status'

export interface Facts {
  host: 'electron' | 'browser'
  folder: string
  device: DeviceStatus | null
  /** What the trainer does, in the words of its notice. */
  trainer: string
  runtime: Pick<RuntimeReply, 'library' | 'problem' | 'hint' | 'cacheFolder'> & {
    gpu: Pick<RuntimeReply['gpu'], 'driver' | 'gpus' | 'problem'>
  }
  /** Null: it is being asked. */
  webGpu: WebGpuStatus | null
  log: readonly string[]
}

const GIB = 2 ** 30

/**
 * What whoever mends the program needs to know of this machine, as text that can be posted: names of the user, of the
 * machine and of folders in their home are replaced, and nothing that the user made is in it.
 */
export function diagnosticsText(facts: Facts): string {
  const { host, folder, device, trainer, runtime, webGpu, log } = facts
  const { library } = runtime
  const [cpu] = os.cpus()
  const lines = [
    `Residual Lab ${version}, ${host}, ${engineWords()}`,
    `${os.type()} ${os.release()} ${process.arch}, ${os.cpus().length} × ${cpu?.model.trim() ?? 'unknown'}`,
    `Memory ${(mostMemory(NODE_MEMORY).bytes / GIB).toFixed(1)} GiB, ${(os.freemem() / GIB).toFixed(1)} GiB free`,
    `Device: ${device ? `${device.description}${device.note ? ` (${device.note})` : ''}` : 'none yet'}`,
    `Trainer: ${trainer}`,
    `TensorFlow: ${library ? `${library.version} from ${library.source} at ${library.path}` : 'none'}`,
    ...[runtime.problem, runtime.hint].filter(Boolean).map((words) => `  ${words}`),
    ...nvidiaLines(runtime.gpu),
    ...(webGpu ? webGpuLines(webGpu) : ['WebGPU:   being asked; copy this again in some seconds.']),
    `Data folder: ${folder}`,
    `Cache folder: ${runtime.cacheFolder}`,
    '',
    'Log:',
    ...log.map((line) => `  ${line}`),
  ]
  return `${withoutNames(lines.join('\n'))}\n`
}

/** Driver, cards and what keeps from using them, without the cards' own numbers: whoever mends needs none. */
function nvidiaLines({ driver, gpus, problem }: Facts['runtime']['gpu']): string[] {
  const cards = gpus.map((gpu) => gpuText({ ...gpu, uuid: '' })).join('; ')
  return [
    ...(driver ? [`NVIDIA:   driver ${driver}; ${cards || 'no GPU'}`] : []),
    ...(problem ? [`${driver ? '         ' : 'NVIDIA:  '} ${problem}`] : []),
  ]
}

/** What the program is and what it stands on, for whoever cites it. */
export function aboutLines({ library }: RuntimeReply): string[] {
  return [
    `Residual Lab ${version}, MIT licence`,
    `TensorFlow ${library ? `${library.version} (Apache 2.0), from ${library.source}` : 'none: TensorFlow.js alone'}`,
    engineWords(),
  ]
}

/** What runs the program: "Electron 45.4.1, Chromium 148.0, Node 24.1.0", or Node alone. */
export function engineWords(): string {
  const { electron, chrome, node } = process.versions as Record<string, string | undefined>
  return electron ? `Electron ${electron}, Chromium ${chrome}, Node ${node}` : `Node ${node}`
}

/** @param who the names to replace; those of this machine if none are given */
export function withoutNames(text: string, who = namesHere()): string {
  const { home, user, machine } = who
  const replaced = home ? text.replaceAll(home, '~') : text
  return [
    [user, 'USER'],
    [machine, 'MACHINE'],
  ].reduce((all, [name, by]) => {
    // Shorter ones are words of everyday texts.
    if (name.length < 3) return all
    return all.replaceAll(new RegExp(`(?<![\\w-])${escaped(name)}(?![\\w-])`, 'g'), by)
  }, replaced)
}

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')

function namesHere(): { home: string; user: string; machine: string } {
  let user = ''
  try {
    user = os.userInfo().username
  } catch {
    // A container's user without a name.
  }
  return { home: os.homedir(), user, machine: os.hostname() }
}
