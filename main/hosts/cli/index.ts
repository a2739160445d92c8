/** The command line (docs/command-line.md). The launcher bin/residual-lab.mjs calls `main`. */
import { Command, CommanderError } from 'commander'
import { version } from '../../../package.json'
import { PRESETS } from '../../../shared/block/presets'
import { NETWORKS, parameterCounts } from '../../../shared/experiment/preset-networks'
import { InputError } from '../../../shared/base/errors'
import {
  SETTINGS,
  defaultExperiment,
  type Experiment,
  type Setting,
} from '../../../shared/experiment/experiment'
import { REMEDIES } from '../../../shared/block/remedies'
import { runtimeCommand } from '../../runtime/cli'
import { SIGNAL_SETTINGS, experimentFromOptions, oneLine, type OptionTexts } from './options'
import { lesionCommand, withLesion } from './lesion'
import { PATHS_DEFAULTS, pathsCommand } from './paths'
import { SHATTER_DEFAULTS, shatterCommand, withShatter } from './shatter'
import { signalCommand, theoryCommand } from './signal'
import { serveCommand } from '../browser/serve'

const BAD_INPUT = 2
const FAILED = 1

/** Runs one command. @returns the exit code: 0 done, 2 bad input, 1 anything else */
export async function main(args: string[]): Promise<number> {
  let code = 0
  const program = commands((result) => (code = result))
  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    return report(error)
  }
}

/** Commander's message on one line, with how to go on where it does not say. */
function commanderLine(text: string): string {
  const line = oneLine(text.replace(/^error: /, ''))
  return line.includes('Did you mean') ? line : `${line}. See residual-lab help.`
}

function report(error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has printed help, the version, or its one line.
    return error.exitCode === 0 ? 0 : BAD_INPUT
  }
  process.stderr.write(`${oneLine(error instanceof Error ? error.message : String(error))}\n`)
  return error instanceof InputError ? BAD_INPUT : FAILED
}

function commands(setCode: (code: number) => void): Command {
  const program = new Command('residual-lab')
  program
    .description('A workbench for learning and researching why residual networks work.')
    .version(version)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`${commanderLine(text)}\n`) })
    .showSuggestionAfterError()

  withExperiment(
    program.command('signal'),
    'Measure how signals travel through a network at initialisation.',
  ).action((options: OptionTexts) => signalCommand(experimentFromOptions(options), options.json === true))

  withExperiment(program.command('theory'), 'What theory says of the same; nothing is measured.').action(
    (options: OptionTexts) => theoryCommand(experimentFromOptions(options), options.json === true),
  )

  withExperiment(
    program.command('paths'),
    'The exact expansion of dy/dx and dy/df1 into the terms of all paths, in float64.',
    PATHS_DEFAULTS,
  )
    .option(
      '--terms <all|length|sample|none>',
      'list every term, group them exactly by length, draw some of each length, or only count. Default: all.',
    )
    .option(
      '--train',
      'one network of each block and remedy is trained first (training settings come from --experiment)',
    )
    .action((options: OptionTexts) =>
      pathsCommand(experimentFromOptions(options, PATHS_DEFAULTS), {
        terms: options.terms,
        train: options.train === true,
        json: options.json === true,
      }),
    )

  const lesion = withExperiment(
    program.command('lesion'),
    'Delete or exchange blocks of networks at initialisation, and compare what comes out.',
  )
  withLesion(lesion).action((options: OptionTexts) => lesionCommand(options))

  const shatter = withExperiment(
    program.command('shatter'),
    'How the derivative of a network of one input changes along a line: shattered gradients.',
    SHATTER_DEFAULTS,
  )
  withShatter(shatter).action((options: OptionTexts) => shatterCommand(options))

  program
    .command('presets')
    .description('The blocks, the remedies and the networks.')
    .option('--json', 'print one JSON document')
    .action(({ json }: { json?: boolean }) => printPresets(json === true))

  const runtime = program
    .command('runtime')
    .description('TensorFlow’s library: which is used, get it, or point at one.')
  for (const action of ['status', 'install', 'use'] as const) {
    const descriptions = {
      status: 'Say which library is used.',
      install: 'Get it.',
      use: 'Use an installation of yours.',
    }
    runtime
      .command(action === 'use' ? 'use <path>' : action)
      .description(descriptions[action])
      .option('--json', 'print one JSON document')
      .action(async (...given: unknown[]) => {
        const [path, options] =
          action === 'use' ? (given as [string, OptionTexts]) : [undefined, given[0] as OptionTexts]
        setCode(await runtimeCommand({ action, path, json: options.json === true }, process))
      })
  }

  program
    .command('serve')
    .description('The workbench in the browser, on 127.0.0.1 only.')
    .option('--port <P>', 'port; a free one if none is given')
    .option('--open', 'open it in the browser')
    .option('--json', 'print one JSON document once it listens')
    .action(async ({ port, open, json }: { port?: string; open?: boolean; json?: boolean }) =>
      setCode(await serveCommand({ port: port === undefined ? undefined : parsePort(port), open, json })),
    )

  return program
}

function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65535) return port
  throw new InputError(
    '--port',
    `${JSON.stringify(text)} is not a port`,
    'Give a whole number from 0 to 65535 (0: a free one).',
  )
}

/** The options of an experiment, from the one table of settings. @param defaults the command's own */
function withExperiment(command: Command, description: string, defaults: Partial<Experiment> = {}): Command {
  command.description(description)
  for (const s of SIGNAL_SETTINGS)
    command.option(`--${s.option} <${placeholder(s)}>`, `${s.definition}${defaultText(s, defaults)}`)
  return command
    .option(
      '--network <NAME|FILE>',
      'a preset network (see presets), or a JSON file with stages; options given beside it win',
    )
    .option('--experiment <FILE>', 'experiment file; options given beside it win')
    .option('--json', 'print one JSON document')
}

function placeholder(s: Setting): string {
  if (s.type === 'choice') return s.choices.map((choice) => choice.value).join('|')
  if (s.type === 'blocks') return 'NAME|FILE,…'
  return s.type === 'remedies' ? 'a,b' : s.type === 'integer' ? 'N' : 'X'
}

function defaultText(s: Setting, defaults: Partial<Experiment>): string {
  const given = defaults[s.key] ?? s.default
  const value = Array.isArray(given) ? given.join(',') : String(given)
  return value ? ` Default: ${value}.` : ''
}

function printPresets(json: boolean): void {
  const remedies = REMEDIES.map(({ name, title, definition }) => ({ name, title, definition }))
  if (json) {
    const settings = SETTINGS.map(({ key, option, definition, default: value }) => ({
      key,
      option,
      definition,
      default: value,
    }))
    const document = { version: 1, blocks: PRESETS, remedies, networks: networks(), settings }
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
    return
  }
  const lines = (items: { name: string; text: string }[]) =>
    items.map(({ name, text }) => `  ${name.padEnd(26)}${text}`)
  const blocks = PRESETS.map(({ name, title, description }) => ({ name, text: `${title}. ${description}` }))
  const notes = remedies.map(({ name, definition }) => ({ name, text: definition }))
  const composed = networks().map(({ name, parameters, description }) => ({
    name,
    text: `${description} ${parameters.toLocaleString('en')} parameters.`,
  }))
  const text = ['Blocks', ...lines(blocks), 'Remedies', ...lines(notes), 'Networks', ...lines(composed)]
  process.stdout.write(`${text.join('\n')}\n`)
}

const networks = () =>
  NETWORKS.map(({ name, title, description, changes }) => {
    const [parameters] = parameterCounts({ ...defaultExperiment(), ...changes })
    return { name, title, description, parameters, changes }
  })

// Started by hand rather than by the launcher.
if (require.main === module) void main(process.argv.slice(2)).then((code) => (process.exitCode = code))
