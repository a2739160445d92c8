import { InputError } from '../base/errors'
import { parseExperiment, trainingExperiment } from '../experiment/experiment'
import type { Experiment, SettingKey } from '../settings/experiment'
import { defaultSweep } from '../settings/sweep'
import type { SweepCommand, SweepSettings } from '../settings/sweep-section'
import { setting } from '../settings/table'
import { isAskedInTraining } from '../settings/training-groups'
import { ACTS } from './asked'
import { pointKey, sweepId } from './identity'
import { pointsOf, sweptSettings, type SweepPoint, type SweptSetting } from './points'

/** A point with the experiment that is run there. */
export interface ScreenPoint extends SweepPoint {
  key: string
  experiment: Experiment
}

/** What the screen asks a sweep for; its id and its points' keys are those of the same sweep on the command line. */
export interface ScreenSweep {
  id: string
  command: SweepCommand
  swept: SweptSetting[]
  points: ScreenPoint[]
}

/** What is swept by an experiment; a map of stability where it says nothing. */
export const sweepOf = ({ sweep }: Experiment): SweepSettings => sweep ?? defaultSweep()

/** What is measured or trained at the points: the chosen blocks, without those that are compared with them. */
export function sweepBase(document: Experiment): Experiment {
  const { sweep: _, draft: __, ...rest } = document
  return { ...rest, compare: [] }
}

/** Every point of the experiment's sweep, checked. @throws InputError with the first that cannot be run */
export function screenSweep(document: Experiment): ScreenSweep {
  const { command, swept: texts } = sweepOf(document)
  const base = sweepBase(document)
  const swept = sweptSettings(
    ({ key }) => texts[key],
    ({ label }) => label,
  )
  for (const { key } of swept) checkActs(command, key, document)
  const planned = pointsOf(swept).map((point) => {
    // A number of steps decides against epochs, as on the command line.
    const epochs = point.settings.steps === undefined ? {} : { epochs: 0 }
    const experiment = parseExperiment({ ...base, ...epochs, ...point.settings }, '')
    const asked = {
      experiment: command === 'train' ? trainingExperiment(experiment) : experiment,
      beside: {},
    }
    return { point: { ...point, experiment, key: pointKey(command, asked) }, asked }
  })
  return {
    id: sweepId(command, planned[0].asked, swept),
    command,
    swept,
    points: planned.map(({ point }) => point),
  }
}

function checkActs(command: SweepCommand, key: SettingKey, document: Experiment): void {
  const own = setting(key)
  if (document.network && (key === 'blocks' || key === 'width'))
    throw new InputError(
      own.label,
      'the network’s stages say it already',
      'Choose a single stage, or sweep another.',
    )
  const acts =
    command === 'train'
      ? isAskedInTraining(key, document) && (key === 'steps' || ACTS.train!(own, document))
      : ACTS.signal!(own, document)
  if (acts) return
  const what =
    command === 'train' ? 'changes nothing about how these networks learn' : 'acts in training alone'
  throw new InputError(own.label, `it ${what}`, 'Sweep another setting, or do something else at each point.')
}
