import { InputError } from '../../../../shared/base/errors'
import { GPU_MEMORY, gpuNamed } from '../../../../shared/protocol/host-settings'
import { dataFolder } from '../../../files/data-folder'
import { gpuText, nvidiaStatus, type Gpu } from '../../../runtime'
import { runtimeCommand } from '../../../runtime/cli'
import { webGpuLines, webGpuStatus } from '../../lab/webgpu-status'
import { openSettings } from '../../lab/settings'
import { JSON_OPTION, type CliCommand, type CliGroup, type CommandOption } from '../command'

type Action = Parameters<typeof runtimeCommand>[0]['action']

const command = (
  action: Action,
  name: string,
  description: string,
  options: readonly CommandOption[] = [],
): CliCommand => ({
  name,
  description,
  options: [JSON_OPTION, ...options],
  run: ({ json, force, gpu, from }, path) => {
    const file = typeof from === 'string' ? from : undefined
    const flags = { json: json === true, force: force === true, gpu: gpu === true }
    const { stdout, stderr } = process
    return runtimeCommand({ action, path, ...flags, from: file }, { stdout, stderr, beside })
  },
})

async function beside() {
  const webgpu = await webGpuStatus()
  return { fields: { webgpu }, lines: webGpuLines(webgpu) }
}

const gpuCommand: CliCommand = {
  name: 'gpu [which]',
  description: 'List NVIDIA’s GPUs, or choose the one to compute on: its number, its id, or first.',
  options: [
    JSON_OPTION,
    ['--memory <GIB>', 'how much of its memory TensorFlow may take: GiB, or all; kept in the settings'],
  ],
  async run({ json, memory }, which) {
    const settings = openSettings(dataFolder())
    const { gpus } = await nvidiaStatus(null)
    const changes = {
      ...(which !== undefined && { gpu: which === 'first' ? null : chosen(gpus, which).uuid }),
      ...(typeof memory === 'string' && { gpuMemory: gibibytes(memory) }),
    }
    if (Object.keys(changes).length > 0) await settings.save(changes)
    const { gpu, gpuMemory } = settings.settings
    const marked = gpuNamed(gpus, gpu)
    const lines = gpus.map((one) => `${one === marked ? '*' : ' '} ${gpuText(one)}`)
    if (!lines.length) lines.push('There is no NVIDIA GPU that its driver lists.')
    if (gpuMemory !== null) lines.push(`TensorFlow may take ${gpuMemory} GiB of its memory.`)
    const document = { version: 1, chosen: gpu, memory: gpuMemory, gpus }
    process.stdout.write(json ? `${JSON.stringify(document, null, 2)}\n` : `${lines.join('\n')}\n`)
    return 0
  },
}

/** @throws InputError for what is no amount of memory; null: all */
function gibibytes(text: string): number | null {
  if (text === 'all') return null
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN
  if (value >= GPU_MEMORY.minimum && value <= GPU_MEMORY.maximum) return value
  const bounds = `from ${GPU_MEMORY.minimum} to ${GPU_MEMORY.maximum}`
  throw new InputError('--memory', `“${text}” is no amount of memory`, `Give GiB ${bounds}, or all.`)
}

/** @throws InputError where it is none of them */
function chosen(gpus: Gpu[], which: string): Gpu {
  const found = gpuNamed(gpus, which)
  if (found) return found
  const known = gpus.map(({ index }) => index).join(', ') || 'none is here'
  throw new InputError('which', `there is no GPU “${which}”`, `Give a number (${known}), an id, or first.`)
}

export const runtime: CliGroup = {
  name: 'runtime',
  description: 'TensorFlow’s library: which is used, check it, get it, or point at one.',
  commands: [
    command('status', 'status', 'Say which library is used.'),
    command('verify', 'verify', 'Read every file of it: are they what was installed?'),
    command('install', 'install', 'Get it; what is there is checked, and repaired if need be.', [
      ['--gpu', 'TensorFlow for NVIDIA GPUs, with CUDA’s libraries (Linux on x64)'],
      ['--force', 'install anew, whatever is there; with --gpu also where no GPU could be used'],
      ['--from <FILE>', 'from a wheel in a file (with --gpu: a folder of wheels), without network'],
    ]),
    gpuCommand,
    command('use', 'use <path>', 'Use an installation of yours.'),
  ],
}
