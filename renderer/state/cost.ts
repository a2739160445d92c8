import { describedData } from '../../shared/data/data-sets'
import { outputsOf } from '../../shared/data/description'
import { trainingExperiment } from '../../shared/experiment/experiment'
import { evaluationCount } from '../../shared/network/schedule'
import type { Experiment } from '../../shared/settings/experiment'
import { SHATTERING } from '../../shared/shatter/shatter'
import { largestStep, type LookedStep } from '../../shared/shatter/steps'
import { lookedSamples } from '../../shared/shatter/trained'
import { workOf } from './network-outline'

/**
 * The one estimate of what a run costs. Its unit is a multiplication of one forward pass over everything that is asked
 * (all curves, networks and inputs): weights times inputs. Backward passes, about three times as much again, are left
 * out everywhere alike.
 */

/** Costs up to which a view works by itself; beyond, the user presses play. A few seconds on two cores. */
const MOST_UNASKED = 4e10

export const runsByItself = (cost: number): boolean => cost <= MOST_UNASKED

/** Cost of a measurement of the signal, and of anything else that runs each network once over its batch. */
export const measurementCost = workOf

/**
 * Cost of training: as many batches as updates, over the networks that are trained, and the gradients that evaluations
 * measure, of every output.
 * @param shatteringAtEnds the first and the last evaluation measure them, also where the experiment does not say so
 */
export function trainingCost(given: Experiment, shatteringAtEnds = false): number {
  const experiment = trainingExperiment(given)
  const { batch, steps, shattering } = experiment
  const measurements = shattering === 'on' ? evaluationCount(experiment) : shatteringAtEnds ? 2 : 0
  const measured = SHATTERING.points + SHATTERING.samples * outputsOf(describedData(experiment))
  return (workOf(experiment) / batch) * (batch * steps + measured * measurements)
}

/** What measuring gradients at every evaluation adds to training, as a share of its cost without. */
export function shatteringShare(experiment: Experiment): number {
  const without = trainingCost({ ...experiment, shattering: 'off' })
  return trainingCost({ ...experiment, shattering: 'on' }) / without - 1
}

/**
 * Cost of networks of one input on a line of points, and of a batch of inputs.
 * @param networks of the picture, references included
 */
export function lineCost(experiment: Experiment, networks: number, points: number): number {
  const { blocks, width, replicas, batch } = experiment
  return networks * blocks * width ** 2 * replicas * (points + batch)
}

/**
 * Cost of trained networks at so many points of a line between two samples, of the correlation of their gradients and
 * of their evaluation, at each of the steps; and of training them again up to the largest that has a number.
 */
export function sampleLineCost(given: Experiment, points: number, steps: readonly LookedStep[]): number {
  const experiment = trainingExperiment(given)
  const { batch } = experiment
  const looked = lookedSamples(experiment, points).all
  return (workOf(experiment) / batch) * (steps.length * looked + largestStep(steps) * batch)
}

/** Cost of a survey of lesions: each of so many changed networks, and the intact one, runs once. */
export function surveyCost(experiment: Experiment, changed: number): number {
  return (changed + 1) * measurementCost(experiment)
}

/** Inputs on which the regions of the line are counted, in all networks together. */
const LINE_INPUTS = 60_000

/** Cost of linear regions, plain and residual. @param size points a side of the picture in the plane */
export function regionsCost({ blocks, width }: Experiment, size: number): number {
  return blocks * width ** 2 * (2 * size ** 2 + LINE_INPUTS)
}

/** Cost of all points of a sweep. */
export function sweepCost(command: 'signal' | 'train', experiments: readonly Experiment[]): number {
  const cost = command === 'train' ? trainingCost : measurementCost
  return experiments.reduce((sum, experiment) => sum + cost(experiment), 0)
}
