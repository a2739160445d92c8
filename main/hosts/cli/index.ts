/** The command line (docs/command-line.md). */
import { readFromDataFolder } from '../../data/store'
import { Command, CommanderError } from 'commander'
import { endWithOutput } from '../../../bin/lib/streams.mjs'
import { version } from '../../../package.json'
import { InputError, messageOf, suggestion } from '../../../shared/base/errors'
import { DEVICES } from '../../../shared/protocol/host-settings'
import { hasCommand, ownCommand } from '../../files/program'
import { chooseDevice, deviceOfStart } from '../lab/chosen-device'
import type { CliCommand, CliGroup, CommandOption, OptionTexts } from './command'
import { COMMANDS } from './commands'
import { RefusedInput, Stopped } from './job'
import { oneLine } from './options'

const BAD_INPUT = 2
const FAILED = 1
/** As shells count what SIGINT ends. */
const STOPPED = 130

/** Of every command, before or after its name. */
const DEVICE_OPTION: CommandOption = [
  '--device <DEVICE>',
  `what computes here, whatever the settings say: ${DEVICES.join(', ')}`,
]

/** Runs one command. @returns the exit code: 0 done, 2 bad input, 130 Ctrl+C, 1 anything else */
export async function main(args: string[]): Promise<number> {
  readFromDataFolder()
  endWithOutput()
  let code = 0
  const program = createProgram((result) => (code = result))
  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    return report(error)
  }
}

function createProgram(setCode: (code: number) => void): Command {
  const program = new Command('residual-lab')
  program
    .description('A workbench for learning and researching why residual networks work.')
    .version(version)
    .option(DEVICE_OPTION[0], DEVICE_OPTION[1])
    // The help of each command lists it, too.
    .configureHelp({ showGlobalOptions: true })
    .hook('preAction', () => {
      const { device } = program.opts<{ device?: string }>()
      if (device !== undefined) chooseDevice(device)
      // A wrong word there is refused before anything is begun, as it is after --device.
      else deviceOfStart()
    })
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`${commanderLine(text)}\n`) })
    .showSuggestionAfterError()
  COMMANDS.forEach((one) => addCommand(program, one, setCode))
  return program
}

function addCommand(parent: Command, one: CliCommand | CliGroup, setCode: (code: number) => void): void {
  const command = parent.command(one.name).description(one.description)
  if ('commands' in one) {
    one.commands.forEach((inner) => addCommand(command, inner, setCode))
    command.on('command:*', ([name]: string[]) => refuseCommand(one, name))
    return
  }
  one.options.forEach(([flags, description]) => command.option(flags, description))
  // Commander gives the arguments, one list for one that may be several, then the options, then the command itself.
  command.action(async (...given: unknown[]) => {
    const options = given.at(-2) as OptionTexts
    setCode((await one.run(options, ...(given.slice(0, -2).flat() as string[]))) ?? 0)
  })
}

/** @throws InputError with what the group has */
function refuseCommand(group: CliGroup, name: string): never {
  const names = group.commands.map((one) => one.name.split(' ')[0])
  const hint = suggestion(name, names, `Choose ${names.join(', ')}.`)
  throw new InputError(group.name, `unknown command '${name}'`, hint)
}

/** Commander's message on one line, with how to go on where it does not say. */
function commanderLine(text: string): string {
  const line = oneLine(text.replace(/^error: /, '')).replace(/\.$/, '')
  return line.includes('Did you mean')
    ? line
    : `${line}. See ${ownCommand(hasCommand('help') ? 'help' : 'export --help')}.`
}

function report(error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has printed help, the version, or its one line.
    return error.exitCode === 0 ? 0 : BAD_INPUT
  }
  process.stderr.write(`${oneLine(messageOf(error))}\n`)
  if (error instanceof Stopped) return STOPPED
  return error instanceof InputError || error instanceof RefusedInput ? BAD_INPUT : FAILED
}
