import { runtimeCommand } from '../../../runtime/cli'
import { JSON_OPTION, type CliCommand, type CliGroup } from '../command'

type Action = Parameters<typeof runtimeCommand>[0]['action']

const command = (action: Action, name: string, description: string): CliCommand => ({
  name,
  description,
  options: [JSON_OPTION],
  run: (options, path) => runtimeCommand({ action, path, json: options.json === true }, process),
})

export const runtime: CliGroup = {
  name: 'runtime',
  description: 'TensorFlow’s library: which is used, get it, or point at one.',
  commands: [
    command('status', 'status', 'Say which library is used.'),
    command('install', 'install', 'Get it.'),
    command('use', 'use <path>', 'Use an installation of yours.'),
  ],
}
