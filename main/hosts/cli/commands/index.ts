import type { CliCommand, CliGroup } from '../command'
import { code } from './code'
import { data } from './data'
import { depth } from './depth'
import { exportCommand } from './export'
import { importCommand } from './import'
import { figure } from './figure'
import { lesion } from './lesion'
import { order } from './order'
import { paths } from './paths'
import { presets } from './presets'
import { queue } from './queue'
import { report } from './report'
import { runs } from './runs'
import { runtime } from './runtime'
import { serve } from './serve'
import { shatter } from './shatter'
import { signal } from './signal'
import { sweep } from './sweep'
import { theory } from './theory'
import { train } from './train'

/** All commands, in the order in which help lists them. */
export const COMMANDS: readonly (CliCommand | CliGroup)[] = [
  signal,
  theory,
  order,
  paths,
  lesion,
  shatter,
  train,
  depth,
  sweep,
  queue,
  runs,
  data,
  exportCommand,
  importCommand,
  figure,
  code,
  report,
  presets,
  runtime,
  serve,
]
