import { isGridData } from '../data/batch'
import { describedData, type DataChoice } from '../data/data-sets'
import type { Experiment } from '../settings/experiment'
import type { Evaluations } from './results'

/** Full batches in one pass over the training samples. */
export const batchesPerEpoch = (batch: number, choice: DataChoice = {}): number =>
  Math.floor(describedData(choice).training / batch)

/** The most samples that networks are evaluated on, but for MNIST-1D, where it is all of both parts. */
const MOST_EVALUATED = { vectors: { training: 4000, test: 10_000 }, grids: { training: 1000, test: 2000 } }

/** How many samples of each part networks are evaluated on: the first ones, all where there are no more. */
export function evaluatedSamples(choice: DataChoice & { input?: Experiment['input'] }) {
  const { training, test } = describedData(choice)
  const most = MOST_EVALUATED[isGridData(choice) ? 'grids' : 'vectors']
  if (choice.data === undefined || choice.data === 'mnist1d') return { training, test }
  return { training: Math.min(training, most.training), test: Math.min(test, most.test) }
}

/** How many updates a training makes. */
export function trainingSteps({
  steps,
  epochs,
  batch,
  ...choice
}: Pick<Experiment, 'steps' | 'epochs' | 'batch'> & DataChoice): number {
  return epochs ? Math.max(1, epochs * batchesPerEpoch(batch, choice)) : steps
}

/** Evaluations of a training of which the experiment does not say how many, and what comes between two at least. */
const EVALUATIONS = 20
const FEWEST_STEPS = 10

/** Steps from one evaluation to the next. @param steps of the whole training */
export function evaluationInterval({
  steps,
  evaluateEvery,
}: Pick<Experiment, 'steps' | 'evaluateEvery'>): number {
  return evaluateEvery || Math.max(FEWEST_STEPS, Math.ceil(steps / EVALUATIONS))
}

/** Evaluations of a whole training: before the first step, every so many and after the last. */
export const evaluationCount = (experiment: Pick<Experiment, 'steps' | 'evaluateEvery'>): number =>
  1 + Math.ceil(experiment.steps / evaluationInterval(experiment))

/** One cycle's rise, as a share of training; what it starts and ends at, as shares of the learning rate. */
const ONE_CYCLE = { rise: 0.3, start: 1 / 25, end: 1 / 250_000 }

/** From a at 0 to b at 1 along half a cosine. */
const alongCosine = (a: number, b: number, share: number) =>
  b + ((a - b) * (1 + Math.cos(Math.PI * share))) / 2

/**
 * What the learning rate is multiplied by at a step. PyTorch's MultiStepLR, CosineAnnealingLR with T_max = T,
 * OneCycleLR with total_steps = T and its defaults (without its cycle of momentum), each times LinearLR's warm-up as
 * ChainedScheduler does it.
 * @param step 0 .. steps - 1
 */
export function rateFactor(
  step: number,
  { schedule, milestones, decay, warmup, steps }: RateSettings,
): number {
  const warm = warmup ? Math.min(1, (step + 1) / warmup) : 1
  return warm * { constant: () => 1, step: byMilestones, cosine, 'one-cycle': oneCycle }[schedule]()

  function byMilestones() {
    return decay ** milestones.filter((share) => step >= Math.round(share * steps)).length
  }
  function cosine() {
    return alongCosine(1, 0, step / steps)
  }
  function oneCycle() {
    const peak = ONE_CYCLE.rise * steps - 1
    if (step <= peak) return alongCosine(ONE_CYCLE.start, 1, step / peak)
    const share = steps - 1 > peak ? (step - peak) / (steps - 1 - peak) : 1
    return alongCosine(1, ONE_CYCLE.end, share)
  }
}

type RateSettings = Pick<Experiment, 'schedule' | 'milestones' | 'decay' | 'warmup' | 'steps'>

/** The learning rate of the update after `step` updates; after the last, that of the last. */
export function learningRateAt(step: number, experiment: RateSettings & Pick<Experiment, 'learningRate'>) {
  return experiment.learningRate * rateFactor(Math.min(step, experiment.steps - 1), experiment)
}

/**
 * Whether training ends early: in the last `patience` evaluations no series had a mean test loss below all its earlier
 * ones (Prechelt 1998).
 */
export function endsEarly(evaluations: readonly Evaluations[], patience: number): boolean {
  if (!patience) return false
  return evaluations.every(({ test }) => {
    const means = test.loss.map((losses) => losses.reduce((sum, loss) => sum + loss, 0) / losses.length)
    let best = Infinity
    let at = 0
    means.forEach((mean, i) => {
      if (mean < best) [best, at] = [mean, i]
    })
    return means.length - 1 - at >= patience
  })
}
