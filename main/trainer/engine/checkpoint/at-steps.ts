import type { Backend } from '../../backend'
import { InputError } from '../../../../shared/base/errors'
import type { TrainEvent } from '../../../../shared/protocol/jobs/train'
import type { Experiment } from '../../../../shared/settings/experiment'
import type { LookedStep } from '../../../../shared/shatter/steps'
import type { ControlBuffer } from '../control'
import type { PreparedSeries } from '../prepared-series'
import type { RunFolder } from '../run-folder'
import { trainNetworks } from '../train'
import type { TrainableSeries } from '../trainable-series'
import { keptTraining } from './training-checkpoint'
import { isImported, type TrainingState } from './training-state'

/** The networks of a run as they were after so many updates. */
export interface AtStep {
  /** Updates; null: they came from elsewhere, and nobody knows. */
  step: number | null
  /** Whether they are trained again, rather than read from the run's checkpoint. */
  isReplayed: boolean
}

interface Trained {
  backend: Backend
  /** As `trainingExperiment` makes it. */
  experiment: Experiment
  prepared: readonly PreparedSeries[]
  /** Whether XLA compiled the steps that they were trained by. */
  xla: boolean
  control: ControlBuffer
  emit: (event: TrainEvent) => void
}

/**
 * Which networks of a run are meant, by ascending steps.
 * @throws InputError for steps that the run has not made, that cannot be trained again, and a damaged checkpoint
 */
export function stepsOf(kept: TrainingState, wanted: readonly LookedStep[]): AtStep[] {
  const { step: last } = kept
  const imported = isImported(kept)
  const beyond = wanted.find((step) => step !== 'last' && step > last)
  const other = wanted.find((step) => step !== 'last' && (step !== last || last === 0))
  if (imported && other !== undefined)
    throw new InputError(
      '--steps',
      `these networks were trained elsewhere, and how is not known: they cannot be trained again up to step ${other}`,
      'Give last, or name a run that the lab has trained.',
    )
  if (beyond !== undefined)
    throw new InputError(
      '--steps',
      `the run’s networks have made ${last} updates, and step ${beyond} is beyond them`,
      `Give steps from 0 to ${last}, or last.`,
    )
  const steps = [...new Set(wanted.map((step) => (step === 'last' ? last : step)))].sort((a, b) => a - b)
  return steps.map((step) => ({ step: imported && step === 0 ? null : step, isReplayed: step !== last }))
}

/** @throws InputError where there is no checkpoint, or a damaged one */
export async function keptOrRefused(
  place: RunFolder,
  experiment: Experiment,
  series: number,
): Promise<TrainingState> {
  const kept = await keptTraining(place, experiment, series)
  if (kept) return kept
  throw new InputError('run', 'it has no trained networks any more', 'Name a training that has begun.')
}

/**
 * Hands over the networks of all series as they were after each number of updates, one after the other, to be left as
 * they are: those before the checkpoint trained once more from the run's seed, which gives them to the last bit on the
 * device and program that trained them, and then those of the checkpoint.
 * @param steps as `stepsOf` gives them @returns false if it was stopped on the way
 * @throws InputError when the networks do not fit
 */
export async function lookAtSteps(
  trained: Trained,
  place: RunFolder,
  steps: readonly AtStep[],
  look: (networks: readonly TrainableSeries[], at: AtStep) => Promise<void>,
): Promise<boolean> {
  const replayed = steps.filter(({ isReplayed }) => isReplayed)
  if (replayed.length && !(await replay(trained, replayed, look))) return false
  const kept = steps.find(({ isReplayed }) => !isReplayed)
  if (!kept) return true
  const { backend, experiment, prepared, control, emit } = trained
  const after = (networks: readonly TrainableSeries[]) => look(networks, kept)
  return (await trainNetworks(backend, experiment, control, emit, { prepared, place, after, isPart: true }))
    .finished
}

/** Trains networks from the run's seed, and hands them over on the way. */
async function replay(
  { backend, experiment, prepared, xla, control, emit }: Trained,
  steps: readonly AtStep[],
  look: (networks: readonly TrainableSeries[], at: AtStep) => Promise<void>,
): Promise<boolean> {
  const visit = async (networks: readonly TrainableSeries[], step: number) => {
    const at = steps.find((one) => one.step === step)
    if (at) await look(networks, at)
  }
  const until = steps[steps.length - 1].step!
  // Patience did not end the run before these steps: what it looks at need not be evaluated again.
  const patient: Experiment = { ...experiment, patience: 0 }
  const options = { prepared, xla, until, between: visit, after: visit, isPart: true }
  return (await trainNetworks(backend, patient, control, emit, options)).finished
}

/**
 * Whether networks that were trained again have the losses that the run's evaluation found at that step, to the last
 * bit; null: it was not evaluated then.
 * @param series the place of the networks' series @param loss on training samples, by network
 */
export function agreesWithRun(
  { evaluations }: TrainingState,
  series: number,
  step: number | null,
  loss: readonly number[],
): boolean | null {
  const { step: steps, train } = evaluations[series]
  const at = step === null ? -1 : steps.indexOf(step)
  return at < 0 ? null : loss.every((value, i) => Object.is(value, train.loss[at][i]))
}
