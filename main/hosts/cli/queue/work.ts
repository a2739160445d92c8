import { InputError } from '../../../../shared/base/errors'
import type { QueueWork } from '../../../../shared/queue/entry'
import { screenSweep } from '../../../../shared/sweep/screen-plan'
import { parseExperiment } from '../../../../shared/experiment/experiment'
import { setting } from '../../../../shared/settings/table'
import type { SweepCommand } from '../../../../shared/settings/sweep-section'
import { ownCommand } from '../../../files/program'
import type { OptionTexts } from '../command'
import { asDocument, type RunJob } from '../job'
import { camelCase } from '../options'
import type { RunCommand } from '../run-command'
import { planSweep } from '../sweep/plan'

/** What a command asks the trainer for is known, and nothing is computed. */
class Asked extends Error {
  constructor(readonly request: Record<string, unknown>) {
    super('Asked.')
  }
}

/** The job that a command would begin, as an entry of the queue. @param name of its run @throws InputError */
export async function workOf(command: RunCommand, options: OptionTexts, name?: string): Promise<QueueWork> {
  if (options.regions === true)
    throw new InputError('--regions', 'linear regions are counted without the trainer', 'Run shatter itself.')
  const asked = command.ask(options)
  if (command.name === 'order') return { kind: 'order', experiment: asDocument(asked.experiment) }
  const job: RunJob = (type, settings, _needed, keep) => {
    // A run is called so; that it is kept says the queue.
    throw new Asked({ type, ...settings, ...(keep?.name !== undefined && { name: keep.name }) })
  }
  try {
    await asked.carryOut({ keep: true, ...(name !== undefined && { name }) }, job)
  } catch (error) {
    if (error instanceof Asked) return { kind: 'job', request: error.request }
    throw error
  }
  throw new Error(`"${command.name}" asks for no job of the trainer.`)
}

/** The sweep that a command's options ask for, as an entry of the queue. @throws InputError */
export function sweepWorkOf(command: RunCommand, options: OptionTexts): QueueWork {
  const plan = planSweep(command, options)
  const texts = plan.swept.map(({ key }) => [key, String(options[camelCase(setting(key).option)])])
  const experiment = {
    ...plan.experiment,
    sweep: {
      command: command.name as SweepCommand,
      swept: Object.fromEntries(texts) as Record<string, string>,
    },
  }
  // The queue reads the sweep out of the experiment: it is the same one, or it is not taken.
  const { id } = screenSweep(parseExperiment(experiment, ''))
  if (id !== plan.id)
    throw new InputError('sweep', 'the queue has no words for this one', `Run ${ownCommand('sweep')} itself.`)
  return { kind: 'sweep', experiment: asDocument(experiment), name: plan.name }
}
