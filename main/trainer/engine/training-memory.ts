import type { Experiment } from '../../../shared/settings/experiment'
import { describedData } from '../../../shared/data/data-sets'
import { MOST_HELD_BYTES, isRegression, outputsOf, valuesOf } from '../../../shared/data/description'
import type { PlannedBlock } from '../../../shared/network/plan'
import { positions } from '../../../shared/numerics/shape'
import { availableMemory } from './machine-memory'
import {
  BASE_BYTES,
  FLOAT_BYTES,
  evaluatedAtOnce,
  needs,
  replicasOverTraining,
  samplesOverTraining,
  type Evaluated,
} from './memory'
import { OPTIMIZERS } from './optimizer'
import type { PreparedSeries } from './prepared-series'

/**
 * Steps of series with more operations than this in their blocks, all together, go through in segments: to record and
 * load them whole takes longer than in proportion (a thousand narrow residual blocks twenty seconds, five series of
 * them minutes). A step in segments takes longer, since it computes forward twice and by many small graphs (of a
 * hundred narrow blocks 1.5 times, of a thousand three times): where many steps follow, more is recorded whole.
 */
const MOST_WHOLE_OPERATIONS = 1000
const MOST_OF_LONG_TRAININGS = 5000
/** Steps from which the recording of a thousand narrow blocks is made up for. */
const MANY_STEPS = 100
/** Segments of fewer blocks are mostly calls, unless their values would be as many bytes as below. */
const FEWEST_BLOCKS = 8
const FEW_BYTES = 2 ** 28
/** A sample's place in an epoch. */
const ORDER_BYTES = 4

/** How a training's steps go through the blocks. */
export interface TrainingWay {
  /** Blocks of a segment (`SegmentedSteps`); null: steps are whole. */
  segment: number | null
  /** What training needs this way, in bytes. */
  bytes: number
  /** What it would need with whole steps, where only that speaks against them; else null. */
  instead: number | null
}

/**
 * Whole steps where they are recorded in reasonable time and fit into memory; else segments. The networks are the same
 * to the last bit either way.
 * @param available bytes
 */
export function trainingWay(
  experiment: Experiment,
  prepared: readonly PreparedSeries[],
  available = availableMemory(),
): TrainingWay {
  const plans = prepared.map(({ plan }) => plan)
  const operations = sum(plans.flatMap((plan) => plan.map(({ graph }) => graph.nodes.length)))
  const fixed = BASE_BYTES + sampleBytes(experiment) + evaluationBytes(experiment, plans)
  const whole = fixed + wholeBytes(experiment, plans)
  const isSmall =
    operations <= (experiment.steps < MANY_STEPS ? MOST_WHOLE_OPERATIONS : MOST_OF_LONG_TRAININGS)
  if (isSmall && whole <= available) return { segment: null, bytes: whole, instead: null }
  const segment = segmentLength(experiment, plans)
  const bytes = fixed + segmentedBytes(experiment, plans, segment)
  if (bytes >= whole) return { segment: null, bytes: whole, instead: null }
  return { segment, bytes, instead: isSmall ? whole : null }
}

/** What training needs, in bytes: the way that it goes. */
export const trainMemory = (experiment: Experiment, prepared: readonly PreparedSeries[]): number =>
  trainingWay(experiment, prepared).bytes

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0)
const most = (values: number[]) => values.reduce((a, b) => Math.max(a, b), 0)

type Plans = readonly (readonly PlannedBlock[])[]

const slotsOf = (experiment: Experiment) => OPTIMIZERS[experiment.optimizer].slots(experiment).length

/** Every series' parameters, gradients, what the optimizer remembers, and one step's activations. */
function wholeBytes(experiment: Experiment, plans: Plans): number {
  const { batch, replicas } = experiment
  const each = plans.map((plan) => {
    const { weights, trained } = needs(plan, batch)
    return (3 + Math.max(1, slotsOf(experiment))) * weights + trained
  })
  return replicas * sum(each)
}

/** Parameters, what the optimizer remembers, segments' inputs, and the values of one segment at a time. */
function segmentedBytes(experiment: Experiment, plans: Plans, length: number): number {
  const { batch, replicas, clip } = experiment
  const each = plans.map((plan) => {
    const { weights, largest, streams, trained, working } = needs(plan, batch)
    // Gradients of all blocks are kept where they wait for their norm. What is drawn is held once more at the start.
    const held = (2 + slotsOf(experiment) + (clip ? 1 : 0)) * weights
    return held + 3 * length * largest + streams / length + Math.min(length * working, trained)
  })
  return replicas * sum(each)
}

/**
 * Blocks of a segment: as many as make its values as large as all segments' inputs, so that both grow with the square
 * root of the depth (Chen et al. 2016, section 4.1).
 */
function segmentLength({ batch, replicas }: Experiment, plans: Plans): number {
  const each = plans.map((plan) => needs(plan, batch))
  const streams = sum(each.map((one) => one.streams))
  const values = sum(each.map((one, i) => one.trained / plans[i].length))
  const fewest = Math.min(FEWEST_BLOCKS, Math.floor(FEW_BYTES / (replicas * values)))
  return Math.max(1, fewest, Math.round(Math.sqrt(streams / values)))
}

/** The blocks of one series at a time. */
const evaluationBytes = (experiment: Experiment, plans: Plans): number =>
  most(
    plans.map((plan) =>
      Math.max(
        experiment.replicas * needs(plan, evaluatedAtOnce(plan, experiment)).working,
        replicasOverTraining(plan, experiment) * needs(plan, samplesOverTraining(plan, experiment)).working,
      ),
    ),
  )

/**
 * The data set itself, where it is more than a few megabytes: a byte a value, or four. Of what is not held in memory,
 * labels or targets alone; and either way the order of an epoch.
 */
function sampleBytes(experiment: Evaluated): number {
  const description = describedData(experiment)
  const { origin, training, test } = description
  if (origin === 'generated' || origin === 'carried') return 0
  const bytes = positions(description.shape) > 1 ? 1 : FLOAT_BYTES
  const values = bytes * (training + test) * valuesOf(description)
  const labels = (training + test) * (isRegression(description) ? FLOAT_BYTES * outputsOf(description) : 1)
  return (values <= MOST_HELD_BYTES ? values : 0) + labels + ORDER_BYTES * training
}
