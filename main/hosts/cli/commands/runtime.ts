import { InputError } from '../../../../shared/base/errors'
import { gpuNamed } from '../../../../shared/protocol/host-settings'
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
  options: [JSON_OPTION],
  async run({ json }, which) {
    const settings = openSettings(dataFolder())
    const { gpus } = await nvidiaStatus(null)
    if (which !== undefined) await settings.save({ gpu: which === 'first' ? null : chosen(gpus, which).uuid })
    const { gpu } = settings.settings
    const marked = gpuNamed(gpus, gpu)
    const lines = gpus.map((one) => `${one === marked ? '*' : ' '} ${gpuText(one)}`)
    const text = lines.length ? lines.join('\n') : 'There is no NVIDIA GPU that its driver lists.'
    process.stdout.write(
      json ? `${JSON.stringify({ version: 1, chosen: gpu, gpus }, null, 2)}\n` : `${text}\n`,
    )
    return 0
  },
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
