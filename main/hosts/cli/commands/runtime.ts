import { runtimeCommand } from '../../../runtime/cli'
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
    return runtimeCommand({ action, path, ...flags, from: file }, process)
  },
})

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
    command('use', 'use <path>', 'Use an installation of yours.'),
  ],
}
