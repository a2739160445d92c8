import * as fs from 'node:fs'
import { parseBlockGraph } from '../../../shared/block/file'
import { PRESET_NAMES, presetNamed } from '../../../shared/block/presets'
import { networkNamed } from '../../../shared/experiment/preset-networks'
import { convolutional } from '../../../shared/block/convolutional'
import { numberOrText } from '../../../shared/base/decimal'
import { choice } from '../../../shared/base/check'
import { DATA_SETS } from '../../../shared/data/data-sets'
import { openDataStore } from '../../data/store'
import { dataFolder } from '../../files/data-folder'
import { readDocument } from '../../../shared/base/document'
import { InputError } from '../../../shared/base/errors'
import { readTextFile } from '../../files/read'
import {
  COMMAND_LINE,
  checkLabels,
  checkTrainingSamples,
  checkTogether,
  parseExperiment,
  withLabels,
} from '../../../shared/experiment/experiment'
import { checkSetting } from '../../../shared/settings/check-setting'
import { SETTINGS, defaultExperiment, type Setting } from '../../../shared/settings/table'
import type { Experiment } from '../../../shared/settings/experiment'
import { parseNetwork } from '../../../shared/settings/network'
import { JSON_OPTION, type CommandOption, type OptionTexts } from './command'

/**
 * The options of an experiment, from the one table of settings.
 * @param defaults the command's own
 * @param training whether the command trains: only then are training's settings options of it, and not in a file alone
 */
export function experimentOptions(defaults: Partial<Experiment> = {}, training = false): CommandOption[] {
  const settings = SETTINGS.filter(({ key, group }) => training || group !== 'training' || key === 'data')
  const ofSettings = settings.map((s): CommandOption => [
    `--${s.option} <${placeholder(s)}>`,
    `${s.definition}${defaultText(s, defaults)}`,
  ])
  return [
    ...ofSettings,
    [
      '--network <NAME|FILE>',
      'a preset network (see presets), or a JSON file with stages; options given beside it win',
    ],
    ['--experiment <FILE>', 'experiment file; options given beside it win'],
    JSON_OPTION,
  ]
}

function placeholder(s: Setting): string {
  if (s.type === 'choice') return s.choices.map((choice) => choice.value).join('|')
  if (s.type === 'blocks') return 'NAME|FILE,…'
  if (s.type === 'remedies') return 'a,b'
  if (s.type === 'numbers') return 'X,…'
  return s.type === 'integer' ? 'N' : 'X'
}

function defaultText(s: Setting, defaults: Partial<Experiment>): string {
  const given = defaults[s.key] ?? s.default
  const value = Array.isArray(given) ? given.join(',') : String(given)
  return value ? ` Default: ${value}.` : ''
}

/**
 * `--experiment FILE`, then the options given on the command line over it; a number of steps decides against a file's
 * epochs.
 * @param defaults the command's own, where no file is given
 * @param complete what the command adds by itself, before all is checked together
 * @throws InputError
 */
export function experimentFromOptions(
  options: OptionTexts,
  defaults: Partial<Experiment> = {},
  complete: (experiment: Experiment) => Experiment = (experiment) => experiment,
): Experiment {
  const file = options.experiment
  const base = typeof file === 'string' ? readExperiment(file) : { ...defaultExperiment(), ...defaults }
  const changes = SETTINGS.flatMap((s) => {
    const text = options[camelCase(s.option)]
    if (typeof text !== 'string') return []
    return s.key === 'data' ? dataChanges(text) : [[s.key, parseOption(s, text)]]
  })
  if (options.steps !== undefined && options.epochs === undefined) changes.push(['epochs', 0])
  if (options.steps !== undefined && options.epochs !== undefined) {
    throw new InputError('--epochs', 'the number of steps says it already', 'Leave --epochs or --steps out.')
  }
  const network = typeof options.network === 'string' ? networkChanges(options.network) : {}
  const { network: stages, ...rest } = { ...base, ...network, ...Object.fromEntries(changes) }
  for (const key of ['blocks', 'width']) {
    if (!stages || typeof options[key] !== 'string') continue
    throw new InputError(
      `--${key}`,
      `the network’s stages say it already`,
      `Leave --${key} out, or the stages.`,
    )
  }
  return checkTogether(complete(stages ? { ...rest, network: stages } : rest), COMMAND_LINE)
}

/** As `experimentFromOptions`, for a command whose networks learn. @throws InputError where there are no labels */
export function trainedFromOptions(options: OptionTexts): Experiment {
  const experiment = experimentFromOptions(options, {}, (given) => {
    // Nothing is measured apart from the networks that learn: whoever says how many means these.
    const { replicas, seeds } = options
    const own = replicas !== undefined && seeds === undefined
    return withLabels(own ? { ...given, trainReplicas: given.replicas } : given)
  })
  checkLabels(experiment, '--input')
  checkTrainingSamples(experiment, COMMAND_LINE)
  return experiment
}

/** A data set that the program knows, or one of the user's own with its description. */
function dataChanges(name: string): [keyof Experiment, unknown][] {
  const own = openDataStore(dataFolder())
    .list()
    .find((one) => one.name === name && one.origin === 'own')
  if (own) return [['data', name], ['ownData', own]] // prettier-ignore
  const names = [
    ...DATA_SETS.map((one) => one.name),
    ...openDataStore(dataFolder())
      .list()
      .map((one) => one.name),
  ]
  return [['data', choice(name, '--data', [...new Set(names)])]]
}

/** What a preset network sets, or a file with stages. */
function networkChanges(name: string): Partial<Experiment> {
  if (!isFile(name)) return networkNamed(name).changes
  return { network: parseNetwork(readJson(name, '--network'), name) }
}

/** Commander's name for an option's value. */
export const camelCase = (option: string) =>
  option.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())

/** The first of these options that was given, "--width"; how the output is written does not count. */
export function firstGiven(texts: OptionTexts, options: readonly CommandOption[]): string | undefined {
  const flags = options.map(([flags]) => flags.split(' ')[0])
  return flags.find((flag) => flag !== '--json' && texts[camelCase(flag.slice(2))] !== undefined)
}

/** The document in `--experiment FILE`. @throws InputError */
export function readExperiment(file: string): Experiment {
  return parseExperiment(readJson(file, '--experiment'), file)
}

function readJson(file: string, where: string): unknown {
  let text: string
  try {
    text = readTextFile(file)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const what =
      code === 'ENOENT' ? `there is no file ${file}` : `${file} cannot be read (${code ?? message})`
    throw new InputError(where, what, 'Give the path of a JSON file that can be read.')
  }
  return readDocument(text, file, 'Save it from the workbench again, or mend it by hand.')
}

function parseOption(s: Setting, text: string): unknown {
  const where = `--${s.option}`
  switch (s.type) {
    case 'integer':
    case 'number':
      return checkSetting(s, numberOrText(text), where)
    case 'choice':
      return checkSetting(s, text, where)
    case 'numbers':
      return checkSetting(s, list(text).map(numberOrText), where)
    case 'remedies':
      return checkSetting(s, list(text), where)
    case 'blocks':
      return list(text).map((name) => blockNamed(name, where))
  }
}

const list = (text: string) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)

/** A preset's name, that of its convolutional form, or the path of a block graph's file. */
function blockNamed(name: string, where: string) {
  if (PRESET_NAMES.includes(name)) return name
  const [, linear, dimensions] = /^(.+)-conv(-1d)?$/.exec(name) ?? []
  if (PRESET_NAMES.includes(linear)) return convolutional(presetNamed(linear), dimensions ? 1 : 2)
  return isFile(name) ? parseBlockGraph(readJson(name, where), name) : presetNamed(name, where).name
}

const isFile = (name: string) =>
  name.endsWith('.json') || name.includes('/') || name.includes('\\') || fs.existsSync(name)

/** One line, whatever an error message holds. */
export function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, ' ')
}
