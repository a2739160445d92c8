import { EXPERIMENT_FILE, commandText, needsFile, quote } from '../experiment/command-line'
import type { Experiment, SettingKey } from '../settings/experiment'
import { plainValues } from '../settings/swept-values'
import { SETTINGS, defaultOf } from '../settings/table'
import { sweepBase, sweepOf } from './screen-plan'

/** The command line of an experiment's sweep: it finds the same points done, or does them. */
export function sweepCommand(document: Experiment): string {
  const { command, swept } = sweepOf(document)
  const base = sweepBase(document)
  const keys = Object.keys(swept) as SettingKey[]
  const own = SETTINGS.filter(({ key }) => keys.includes(key))
  // At its default a setting is left out, for its values to be said instead.
  const defaults = Object.fromEntries(own.map((s) => [s.key, defaultOf(s)]))
  const epochs = keys.includes('steps') ? { epochs: 0 } : {}
  const one = commandText(
    needsFile(base) ? base : { ...base, ...epochs, ...defaults },
    EXPERIMENT_FILE,
    command,
  )
  const options = own.map(({ key, option }) => `--${option} ${quote(plainValues(swept[key]!))}`)
  return [one.replace(` ${command}`, ` sweep ${command}`), ...options].join(' ')
}
