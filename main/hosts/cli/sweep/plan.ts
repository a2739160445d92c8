import type { Experiment, SettingKey } from '../../../../shared/settings/experiment'
import { setting } from '../../../../shared/settings/table'
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
import { camelCase } from '../options'
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
  const { shard: shardText, name: nameText, ...own } = options
  const shard = typeof shardText === 'string' ? parseShard(shardText, '--shard') : null
  const name = typeof nameText === 'string' ? sweepName(nameText, '--name') : null
  const swept = sweptSettings(
    ({ option }) => {
      const text = own[camelCase(option)]
      return typeof text === 'string' ? text : undefined
    },
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

/** As they stand on the command line. */
const optionsOf = (settings: SweepPoint['settings']): OptionTexts =>
  Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      camelCase(setting(key as SettingKey).option),
      String(value),
    ]),
  )
