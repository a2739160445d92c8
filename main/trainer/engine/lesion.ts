import { type LesionJob, passesOf, measureLesionSeries } from './lesion-series'
import type { Backend } from '../backend'
import { trainingExperiment } from '../../../shared/experiment/experiment'
import type { Experiment } from '../../../shared/settings/experiment'
import type { LesionStatistics } from '../../../shared/settings/lesion'
import { InputError } from '../../../shared/base/errors'
import { outputShape, type PlannedBlock } from '../../../shared/network/plan'
import { sameShape, shapeText } from '../../../shared/numerics/shape'
import {
  countOfEach,
  lesionOrder,
  lesionsOf,
  type Lesion,
  type LesionSet,
} from '../../../shared/lesion/lesion'
import type { LesionEvent } from '../../../shared/protocol/protocol'
import type { LesionResult, LesionSeries } from '../../../shared/lesion/results'
import { Stopped, type ControlBuffer } from './control'
import { InitialBlocks } from './lesion-initial'
import { lesionsOfTrained } from './lesion-trained'
import { WEIGHT_BUDGET_BYTES, checkMemory, wholeMemory } from './memory'
import { prepareSeries, type PreparedSeries } from './prepared-series'
import type { RunFolder } from './run-folder'
import { Progress } from './progress'
import { deviceStatus } from './device-status'
import { firstStream } from './first-stream'
import { Weights } from './weights'

/**
 * Networks with and without lesions: the cosine between the two h_L (of trained networks the logits on the
 * test samples, with loss and accuracy on these and on the training samples) of every sample, averaged over the batch.
 * What both have in common before the first change runs once. Lesions that would change the stream's shape are left
 * out.
 * @param training trains the networks first, as the experiment says: whose statistics over the batch their norms take
 *   with changed blocks; null: networks at initialisation, where those are each network's own
 * @param place of the trained networks that are taken in place of training them; null: none are
 * @throws InputError when the networks do not fit, or no lesion leaves a network; a stop is no error
 * (finished: false, with what was done)
 */
export async function measureLesion(
  backend: Backend,
  given: Experiment,
  set: LesionSet,
  training: LesionStatistics | null,
  control: ControlBuffer,
  emit: (event: LesionEvent) => void,
  place: RunFolder | null = null,
): Promise<LesionResult> {
  const experiment = training ? trainingExperiment(given) : given
  const prepared = prepareSeries(experiment)
  const graphs = prepared.map(({ series }) => series)
  const plans = prepared.map(({ plan }) => plan)
  const all = lesionsOf(set, experiment.blocks)
  const fits = (lesion: Lesion) =>
    plans.every((plan) => problemOf(plan, lesionOrder(lesion, plan.length)) === null)
  const lesions = all.filter(fits)
  if (!lesions.length) refuse(plans, all)
  const each = all.slice(0, countOfEach(set, experiment.blocks)).filter(fits).length
  emit({ type: 'lesion-started', device: deviceStatus(backend), experiment, lesions, series: graphs })
  const series: LesionSeries[] = graphs.map((graph) => ({ ...graph, outcomes: [], intact: null }))
  const orders = lesions.map((lesion) => lesionOrder(lesion, experiment.blocks))
  const run = { backend, experiment, control, orders, emit, place }
  const result = (finished: boolean) => ({
    finished,
    lesions,
    each,
    series: series.filter(({ outcomes }) => outcomes.length > 0),
  })
  try {
    const finished = training
      ? await lesionsOfTrained(run, series, prepared, training)
      : await lesionsOfInitial(run, series, prepared)
    return result(finished)
  } catch (error) {
    if (error instanceof Stopped) return result(false)
    throw error
  }
}

async function lesionsOfInitial(
  job: LesionJob,
  series: LesionSeries[],
  prepared: readonly PreparedSeries[],
): Promise<boolean> {
  const { backend, experiment } = job
  checkMemory(wholeMemory(experiment, prepared))
  const weights = new Weights(backend.tf, experiment, WEIGHT_BUDGET_BYTES)
  const input = firstStream(backend.tf, experiment, weights)
  const progress = new Progress(series.length * passesOf(job), 'blocks', job.emit)
  try {
    for (const [i, one] of series.entries()) {
      const blocks = new InitialBlocks(backend, experiment, prepared[i].plan, weights, input)
      try {
        await measureLesionSeries({ ...job, progress }, blocks, one)
      } finally {
        blocks.dispose()
      }
    }
    return true
  } finally {
    input.dispose()
    weights.dispose()
  }
}

/** Why blocks in this order do not make a network; null: they do. */
function problemOf(plan: PlannedBlock[], order: number[]): string | null {
  let shape = plan[0].place.input
  for (const k of order) {
    const { input } = plan[k - 1].place
    if (!sameShape(input, shape)) {
      return `block ${k} takes ${shapeText(input)}, and what would reach it is ${shapeText(shape)}`
    }
    shape = outputShape(plan[k - 1])
  }
  const top = outputShape(plan[plan.length - 1])
  return sameShape(shape, top)
    ? null
    : `the network would end with ${shapeText(shape)}, not ${shapeText(top)}`
}

function refuse(plans: PlannedBlock[][], lesions: Lesion[]): never {
  const problems = plans.map((plan) => problemOf(plan, lesionOrder(lesions[0], plan.length)))
  throw new InputError(
    'lesion',
    problems.find((problem) => problem !== null)!,
    'Blocks that change the stream’s shape must stay: choose others.',
  )
}
