import type { Experiment, SettingKey } from '../../../../shared/settings/experiment'
import type { SweepSettings } from '../../../../shared/settings/sweep-section'
import { isSwept } from '../../../../shared/settings/swept-values'
import { SETTINGS, isNumberSetting, setting, type Setting } from '../../../../shared/settings/table'
import { pointKey, sweepId } from '../../../../shared/sweep/identity'
import {
  parseShard,
  pointsOf,
  pointsOfShard,
  sweptSettings,
  type Shard,
  type SweepPoint,
  type SweptSetting,
} from '../../../../shared/sweep/points'
import { sweepName } from '../../../../shared/sweep/run-sweep'
import type { OptionTexts } from '../command'
import { camelCase, readExperiment } from '../options'
import type { Asked, RunCommand } from '../run-command'

/** A point with what is asked for there. */
export interface PlannedPoint extends SweepPoint {
  key: string
  asked: Asked
}

/** What options ask a sweep for, checked at every point of the shard before anything is computed. */
export interface SweepPlan {
  id: string
  name: string | null
  command: string
  /** Of the first point. */
  experiment: Experiment
  swept: SweptSetting[]
  /** Of the whole sweep. */
  size: number
  /** Null: all of it. */
  shard: Shard | null
  /** Those of the shard. */
  points: PlannedPoint[]
}

/** @throws InputError with the first point that cannot be run, where the others can */
export function planSweep(command: RunCommand, options: OptionTexts): SweepPlan {
  const { shard: shardText, name: nameText, ...given } = options
  const shard = typeof shardText === 'string' ? parseShard(shardText, '--shard') : null
  const name = typeof nameText === 'string' ? sweepName(nameText, '--name') : null
  const fromFile = sweptInFile(given)
  const own = { ...given, ...fromFile?.options }
  const swept = sweptSettings(
    (one) => fromFile?.swept[one.key] ?? textOf(own, one),
    ({ option }) => `--${option}`,
  )
  const all = pointsOf(swept)
  const ask = ({ settings }: SweepPoint) => command.ask({ ...own, ...optionsOf(settings) })
  const first = ask(all[0])
  const points = shard ? pointsOfShard(all, shard) : all
  return {
    id: sweepId(command.name, first, swept),
    ...{ name, command: command.name, experiment: first.experiment, swept, size: all.length, shard },
    points: points.map((point) => {
      const asked = point.index === 0 ? first : ask(point)
      return { ...point, asked, key: pointKey(command.name, asked) }
    }),
  }
}

const textOf = (options: OptionTexts, { option }: Setting): string | undefined => {
  const text = options[camelCase(option)]
  return typeof text === 'string' ? text : undefined
}

/**
 * What an experiment's file sweeps, as the screen does it: the chosen blocks alone. Null where the command line says
 * itself what is swept, or the file says nothing.
 */
function sweptInFile(given: OptionTexts): { swept: SweepSettings['swept']; options: OptionTexts } | null {
  const isSweptHere = SETTINGS.some((one) => isNumberSetting(one) && isSwept(textOf(given, one) ?? ''))
  if (isSweptHere || typeof given.experiment !== 'string') return null
  const { sweep } = readExperiment(given.experiment)
  if (!sweep) return null
  const settled = Object.keys(sweep.swept).filter(
    (key) => textOf(given, setting(key as SettingKey)) !== undefined,
  )
  const swept = Object.fromEntries(Object.entries(sweep.swept).filter(([key]) => !settled.includes(key)))
  return { swept, options: given.compare === undefined ? { compare: '' } : {} }
}

/** As they stand on the command line. */
const optionsOf = (settings: SweepPoint['settings']): OptionTexts =>
  Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      camelCase(setting(key as SettingKey).option),
      String(value),
    ]),
  )
