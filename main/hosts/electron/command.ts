import { parseArgs } from 'node:util'
import { messageOf } from '../../../shared/base/errors'
import { APPLICATION_COMMANDS } from '../../files/program'
import { runtimeCommand, type RuntimeArguments } from '../../runtime/cli'
import { electronCheck } from './trainer'

const ACTIONS = ['status', 'verify', 'install', 'use'] as const
const BAD_INPUT = 2

/**
 * The command on the command line of the installed program: one of those that it has; null for any other start.
 * Options of Chromium's may stand before it.
 */
export function commandInArguments(argv: readonly string[]): string[] | null {
  const given = argv.slice(1)
  const first = given.findIndex((argument) => !argument.startsWith('-'))
  return first >= 0 && APPLICATION_COMMANDS.includes(given[first]!) ? given.slice(first) : null
}

/** One of them as the command line has it. @returns the exit code */
export async function runCommand([name, ...args]: string[]): Promise<number> {
  if (name === 'runtime') return runRuntime(args)
  const { main } = await import('../cli')
  return main([name, ...args])
}

/** `runtime status|verify|install|use PATH`. @returns the exit code */
async function runRuntime(args: string[]): Promise<number> {
  let parsed: RuntimeArguments
  try {
    parsed = parse(args)
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`)
    return BAD_INPUT
  }
  return runtimeCommand(parsed, process, { context: { runCheck: electronCheck } })
}

function parse(args: string[]): RuntimeArguments {
  const { values, positionals } = parseArgs({
    args,
    options: {
      json: { type: 'boolean' },
      force: { type: 'boolean' },
      gpu: { type: 'boolean' },
      from: { type: 'string' },
    },
    allowPositionals: true,
  })
  const [word, path] = positionals
  const action = ACTIONS.find((one) => one === word)
  if (!action) throw new Error(`runtime ${word ?? ''}: say one of ${ACTIONS.join(', ')}.`)
  const { json = false, force, gpu, from } = values
  return { action, path, json, force, gpu, from }
}
