import { orderExperiments, orderedBlocks } from '../../shared/order/set'
import type { Experiment } from '../../shared/settings/experiment'
import { defaultOrder, type OrderSettings } from '../../shared/settings/order'
import { SETTINGS } from '../../shared/settings/table'
import { measurementCost, trainingCost } from './cost'
import { problemOf } from './mends'
import { questionKey } from './question'

/** A set of orderings to be measured, and trained if that is asked. */
export interface OrderQuestion {
  experiment: Experiment
  order: OrderSettings
}

/** One job of a set: a seed's measurement, or its training. */
export interface OrderStep {
  kind: 'signal' | 'train'
  seed: number
  experiment: Experiment
  /** Multiplications, roughly. */
  weight: number
}

/** Cost of one multiplication in the backward pass and the recomputed forward, beside the forward pass's one. */
const PASSES = { signal: 4, train: 3 }

export const orderSettings = (experiment: Experiment): OrderSettings => experiment.order ?? defaultOrder()

/** Why the set cannot be measured with the experiment's settings; null: it can. */
export const orderProblem = (experiment: Experiment, order: OrderSettings): string | null =>
  orderedBlocks(order, experiment).blocks.length
    ? problemOf(orderExperiments(experiment, order)[0])
    : 'Choose at least one ordering.'

/** The measurement or the training of each seed, in the order of the seeds. */
export const stepsOf = (kind: OrderStep['kind'], { experiment, order }: OrderQuestion): OrderStep[] =>
  orderExperiments(experiment, order).map((one, seed) => {
    const cost = kind === 'signal' ? measurementCost(one) : trainingCost(one)
    return { kind, seed, experiment: one, weight: PASSES[kind] * cost }
  })

const measuredKey = (experiment: Experiment) => questionKey({ experiment, dependsOn: 'measuring' })

/** Whether what is shown was measured as is asked. */
export function isSameMeasurement(shown: OrderQuestion, asked: OrderQuestion): boolean {
  const [first] = orderExperiments(asked.experiment, asked.order)
  return shown.order.seeds === asked.order.seeds && measuredKey(shown.experiment) === measuredKey(first)
}

const trainingSettings = SETTINGS.filter(({ group }) => group === 'training').map(({ key }) => key)
const trainingKey = (experiment: Experiment) => questionKey({ experiment, dependsOn: trainingSettings })

/** Whether what is shown was trained as is asked, if a training is. */
export const isSameTraining = (shown: OrderQuestion, asked: OrderQuestion): boolean =>
  !asked.order.train || (shown.order.train && trainingKey(shown.experiment) === trainingKey(asked.experiment))
