import type { Backend } from '../backend'
import { checkLabels } from '../../../shared/experiment/experiment'
import { InputError } from '../../../shared/base/errors'
import { dataSetOf } from '../../../shared/data/samples'
import { targetDeviation } from '../../../shared/data/targets'
import type { Experiment } from '../../../shared/settings/experiment'
import type { StartedEvent, TrainEvent } from '../../../shared/protocol/protocol'
import type { TrainResult } from '../../../shared/protocol/jobs/train'
import { MOST_TRAINED_NUMBERS } from '../../../shared/network/trained-weights'
import { keepTraining, resumeTraining } from './checkpoint/training-checkpoint'
import { Stopped, takeTurn, isPaused, type ControlBuffer } from './control'
import { FramePace } from './frame-pace'
import { checkMemory, gigabytes } from './memory'
import type { TrainableSeries } from './trainable-series'
import { Training, type ShatteringPlan, type StepsWay } from './training'
import type { Prepare } from './training-steps'
import { prepareSeries, type PreparedSeries } from './prepared-series'
import type { RunFolder } from './run-folder'
import { seriesHeaders } from './series-theory'
import { Progress, telling } from './progress'
import { trainingWay, type TrainingWay } from './training-memory'
import { deviceStatus } from './device-status'

/** What training does beside training. */
export interface TrainOptions {
  /** The experiment's series, where they are planned already. */
  prepared?: readonly PreparedSeries[]
  /** The first replica's trained parameters in the result. */
  weights?: boolean
  /** Updates after which training ends, if that is before the experiment's end. */
  until?: number
  /** Where checkpoints are kept, and whether training goes on from one; null: none are kept. */
  place?: RunFolder | null
  /** Gradients are measured at the first and the last evaluation, also where the experiment does not say so. */
  shatteringAtEnds?: boolean
  /** Of another job, which says itself how it starts: `started` is not told, for which theory would be computed. */
  isPart?: boolean
  /** How steps go through the blocks; left out: as depth and memory ask for. */
  way?: TrainingWay
  /**
   * Whether XLA compiles the steps; left out: as measured where the backend would have it tried, and the choice is kept
   * with the networks.
   */
  xla?: StepsWay['xla']
  /** Instead of the evaluations: what is done with the trained networks before they go. @param step updates made */
  after?: (networks: readonly TrainableSeries[], step: number) => Promise<void>
  /** Looks at the networks before each step, and leaves them as they are. @param step updates made */
  between?: (networks: readonly TrainableSeries[], step: number) => Promise<void>
}

/**
 * Trains the networks of every series side by side, step for step on the same batches, by the experiment's optimizer
 * and schedule on the loss of the chosen data set (`lossOf`). Networks: a He linear stem (where samples have
 * positions, a convolution), the blocks, the mean over positions, a He linear head, all replicas in one batched
 * computation. They are evaluated (on `evaluatedSamples`) before the first step, every so many and after the last,
 * also after a stop. A frame holds the statistics before the update that its step counts.
 * @throws InputError when the networks do not fit or cannot be trained; a stop is no error
 */
export async function trainNetworks(
  backend: Backend,
  experiment: Experiment,
  control: ControlBuffer,
  emit: (event: TrainEvent) => void,
  {
    weights = false,
    after,
    between,
    until = Infinity,
    place = null,
    shatteringAtEnds = false,
    isPart = false,
    prepared = prepareSeries(experiment),
    way = trainingWay(experiment, prepared),
    xla = !isPart && place && !place.isReadOnly && backend.triesXla ? 'measured' : false,
  }: TrainOptions = {},
): Promise<TrainResult> {
  checkLabels(experiment)
  checkMemory(way.bytes)
  const { patience } = experiment
  // Networks that are only looked at are trained no further, also where their training was stopped.
  const steps = place?.isReadOnly ? 0 : Math.min(experiment.steps, until)
  // Patience is decided by evaluations, whatever is done afterwards.
  const isEvaluated = !after || patience > 0
  const atEvaluations = experiment.shattering === 'on' ? 'always' : shatteringAtEnds ? 'ends' : 'never'
  // Nobody hears what evaluations find where something else is done with the networks.
  const shattering = after ? 'never' : atEvaluations
  if (!isPart) emit(startedEvent(backend, experiment, prepared))
  const steppedBy = { segment: way.segment, xla }
  const training = drawn(backend, experiment, prepared, control, emit, shattering, steppedBy)
  if (!training) return { finished: false, steps: 0, series: [], frames: [] }
  const { networks } = training
  const keeper = keepTraining(place, experiment, networks, emit)
  const state = () => training.state
  const result = async (finished: boolean): Promise<TrainResult> => ({
    finished,
    steps: training.step,
    series: await training.results(weights),
    frames: training.kept.frames,
    ...(training.xla && { xla: training.xla }),
  })
  const evaluate = async (isLast = false) => {
    const what = `evaluating after ${training.step} of ${steps} steps`
    const tell = (blocks: number) => {
      const message = (done: number) => `${what}, pass ${counted(done)} of ${counted(blocks)} through a block`
      return telling(blocks, 'passes', message, emit, isLast ? null : control)
    }
    const event = await training.evaluate(isLast, tell)
    if (event) emit(event)
  }
  /** What has been learned, whether all of training went by or not. */
  const finish = async () => {
    // What follows is no part of training: it goes on as if it had not been looked at here.
    const before = state()
    if (isEvaluated) await evaluate(true)
    const frame = await training.look()
    training.kept.add(frame)
    emit(frame)
    await keeper?.now(training.step, () => before)
  }
  try {
    if (weights) checkSize(networks)
    const before = await resumeTraining(place, experiment, networks)
    if (before) training.goOnFrom(before)
    const progress = new Progress(steps, 'steps', emit, training.step)
    const pace = new FramePace()
    for (let isFirst = true; training.step < steps; isFirst = false) {
      const paused = isPaused(control)
      if (paused) await keeper?.now(training.step, state)
      else await keeper?.look(training.step, state)
      await takeTurn(control)
      if (paused) progress.skipTime()
      if (isFirst) await training.record(emit, preparing(way, progress), (what) => progress.say(what))
      if (between) {
        await between(networks, training.step)
        progress.skipTime()
      }
      if (isEvaluated && training.isDue) {
        progress.say(`evaluating after ${training.step} of ${steps} steps`)
        await evaluate()
        if (training.endsEarly) break
      }
      const now = performance.now()
      const frame = await training.advance(paused || pace.isDue(now))
      pace.took(performance.now() - now, frame !== null, now)
      if (frame) emit(frame)
      progress.tick(`training, step ${training.step} of ${steps}`)
    }
    await finish()
    await after?.(networks, training.step)
    return await result(true)
  } catch (error) {
    if (!(error instanceof Stopped)) throw error
    if (training.step > 0 && !after) await finish()
    return await result(false)
  } finally {
    training.dispose()
  }
}

const counted = (count: number) => count.toLocaleString('en')

/** The networks, told of while they are drawn; null: it is stopped meanwhile. */
function drawn(
  backend: Backend,
  experiment: Experiment,
  prepared: readonly PreparedSeries[],
  control: ControlBuffer,
  emit: (event: TrainEvent) => void,
  shattering: ShatteringPlan,
  way: StepsWay,
): Training | null {
  const blocks = prepared.reduce((sum, { plan }) => sum + plan.length, 0)
  const message = (done: number) => `preparing, drawing block ${counted(done)} of ${counted(blocks)}`
  const tell = telling(blocks, 'blocks', message, emit, control)
  try {
    return new Training(backend, experiment, prepared, emit, shattering, way, tell)
  } catch (error) {
    if (error instanceof Stopped) return null
    throw error
  }
}

/** Says what is prepared, and, where memory asks for it, that values are computed twice. */
function preparing({ bytes, instead }: TrainingWay, progress: Progress): Prepare {
  const why =
    instead === null
      ? ''
      : ` (values are computed twice, in ${gigabytes(bytes)}: kept, they would need ${gigabytes(instead)})`
  return (part, parts) => progress.say(`preparing the steps, part ${part} of ${parts}${why}`)
}

function startedEvent(
  backend: Backend,
  experiment: Experiment,
  prepared: readonly PreparedSeries[],
): StartedEvent {
  const device = deviceStatus(backend)
  const series = seriesHeaders(experiment, prepared)
  const deviation = targetDeviation(dataSetOf(experiment))
  return { type: 'started', device, experiment, series, targetDeviation: deviation }
}

/** @throws InputError when the trained parameters would be too many to send */
function checkSize(networks: readonly TrainableSeries[]): void {
  const numbers = networks.reduce((sum, network) => sum + network.size, 0)
  if (numbers <= MOST_TRAINED_NUMBERS) return
  throw new InputError(
    'weights',
    `the trained networks have ${numbers.toLocaleString('en')} parameters, ` +
      `and at most ${MOST_TRAINED_NUMBERS.toLocaleString('en')} can be handed over`,
    'Lower the depth, the width or the number of curves.',
  )
}
