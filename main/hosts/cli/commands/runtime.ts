import { finiteNumber } from '../../../../shared/base/check'
import { numberOrText } from '../../../../shared/base/decimal'
import { InputError } from '../../../../shared/base/errors'
import { GPU_MEMORY, gpuChoice, gpuNamed } from '../../../../shared/protocol/host-settings'
import { dataFolder } from '../../../files/data-folder'
import { cardRefusal, gpuText, nvidiaStatus, type Gpu } from '../../../runtime'
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
    const { driver, gpus, why } = await nvidiaStatus(null)
    const changes = {
      ...(which !== undefined && { gpu: which === 'first' ? null : gpuChoice(chosen(gpus, which, why)) }),
      ...(typeof memory === 'string' && { gpuMemory: gibibytes(memory) }),
    }
    if (Object.keys(changes).length > 0) await settings.save(changes)
    const { gpu, gpuMemory } = settings.settings
    const marked = gpuNamed(gpus, gpu)
    const lines = gpus.flatMap((one) => {
      const refusal = cardRefusal(one, driver ?? '')
      return [`${one === marked ? '*' : ' '} ${gpuText(one)}`, ...(refusal ? [`  ${refusal.sentences}`] : [])]
    })
    if (!lines.length) lines.push(why ?? 'There is no NVIDIA GPU.')
    if (gpu !== null && !marked)
      lines.push(`${gpu} is chosen and not here; first or another that is here mends that.`)
    const { CUDA_VISIBLE_DEVICES: named } = process.env
    if (named) lines.push(`CUDA_VISIBLE_DEVICES=${named} in the environment decides, whatever is chosen.`)
    if (gpuMemory !== null) lines.push(`TensorFlow may take ${gpuMemory} GiB of its memory.`)
    const document = { version: 1, chosen: gpu, memory: gpuMemory, gpus }
    process.stdout.write(json ? `${JSON.stringify(document, null, 2)}\n` : `${lines.join('\n')}\n`)
    return 0
  },
}

/** @throws InputError for what is no amount of memory; null: all */
const gibibytes = (text: string): number | null =>
  text === 'all'
    ? null
    : finiteNumber(numberOrText(text), '--memory', GPU_MEMORY, {
        kind: 'all, or GiB',
        misfit: 'is no amount of memory',
      })

/** @throws InputError where it is none of them; `why`: where there is none at all */
function chosen(gpus: Gpu[], which: string, why: string | null): Gpu {
  const found = gpuNamed(gpus, which)
  if (found) return found
  const known = gpus.map(({ index }) => index).join(', ')
  const hint = known ? `Give a number (${known}), an id, or first.` : (why ?? '')
  throw new InputError('which', `there is no GPU “${which}”`, hint)
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
