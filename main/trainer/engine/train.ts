import type { Backend } from '../backend'
import { InputError } from '../../../shared/base/errors'
import type { Experiment } from '../../../shared/settings/experiment'
import { noEvaluations, outcomeAt } from '../../../shared/network/results'
import { endsEarly, evaluationInterval, learningRateAt } from '../../../shared/network/schedule'
import type { TrainEvent, TrainFrame } from '../../../shared/protocol/protocol'
import type { TrainResult } from '../../../shared/protocol/jobs/train'
import { MOST_TRAINED_NUMBERS } from '../../../shared/network/trained-weights'
import { Stopped, checkpoint, isPaused, type ControlBuffer } from './control'
import { KeptFrames } from './kept-frames'
import { checkMemory, trainMemory } from './memory'
import { TrainableSeries } from './trainable-series'
import { Batches } from './training-batches'
import { evaluate } from './training-evaluation'
import { FailureReport } from './training-failures'
import { prepareSeries, type PreparedSeries } from './prepared-series'
import { seriesHeaders } from './series-theory'
import { Progress } from './progress'
import { deviceStatus } from './device-status'

/** Frames go to the screen at its rate, not at the step's. */
const FRAME_INTERVAL_MS = 1000 / 15

/** What training does beside training. */
export interface TrainOptions {
  /** The experiment's series, where they are planned already. */
  prepared?: readonly PreparedSeries[]
  /** The first replica's trained parameters in the result. */
  weights?: boolean
  /** Instead of the evaluations: what is done with the trained networks before they go. */
  after?: (networks: readonly TrainableSeries[]) => void
}

/** @throws InputError where there is nothing to train on */
export function checkLabels({ input }: Experiment): void {
  if (input !== 'images') return
  throw new InputError(
    'input',
    'Gaussian images have no labels to train on',
    'Use input "sequence" with 1-D convolutions, or measure these networks only.',
  )
}

/**
 * Trains the networks of every series side by side, step for step on the same batches, by SGD with momentum
 * (PyTorch's form: velocity = momentum × velocity + gradient; parameter -= rate × velocity) on the
 * cross-entropy of MNIST-1D. Networks: a He linear stem (on sequences a convolution), the blocks, the mean
 * over positions, a He linear head, all replicas in one batched computation. A frame holds the statistics
 * before the update that its step counts.
 * @throws InputError when the networks do not fit or cannot be trained; a stop is no error
 */
export function trainNetworks(
  backend: Backend,
  experiment: Experiment,
  control: ControlBuffer,
  emit: (event: TrainEvent) => void,
  { weights = false, after, prepared = prepareSeries(experiment) }: TrainOptions = {},
): TrainResult {
  checkLabels(experiment)
  checkMemory(trainMemory(experiment, prepared))
  const headers = seriesHeaders(experiment, prepared)
  const networks: TrainableSeries[] = []
  let step = 0
  let failures: FailureReport | null = null
  const interval = evaluationInterval(experiment)
  const evaluations = headers.map(noEvaluations)
  const kept = new KeptFrames(Math.ceil(experiment.steps / interval) + 1)
  // Patience is decided by evaluations, whatever is done afterwards.
  const batches = new Batches(experiment)
  const isEvaluated = !after || experiment.patience > 0
  const result = (finished: boolean): TrainResult => ({
    finished,
    steps: step,
    series: networks.map((network, i) => ({
      block: headers[i].block,
      remedy: headers[i].remedy,
      skip: experiment.skip,
      parameters: network.size,
      evaluations: evaluations[i],
      train: outcomeAt(evaluations[i].train, -1),
      test: outcomeAt(evaluations[i].test, -1),
      failure: failures?.found[i] ?? null,
      seconds: network.milliseconds / 1000,
      ...(weights ? { weights: network.trained() } : {}),
    })),
    frames: kept.frames,
  })
  const evaluateAll = () => {
    const learningRate = learningRateAt(step, experiment)
    const series = networks.map(evaluate)
    series.forEach(({ train, test }, i) => {
      evaluations[i].step.push(step)
      evaluations[i].learningRate.push(learningRate)
      evaluations[i].train.loss.push(train.loss)
      evaluations[i].train.error.push(train.error)
      evaluations[i].test.loss.push(test.loss)
      evaluations[i].test.error.push(test.error)
    })
    emit({ type: 'evaluated', step, learningRate, series })
  }
  /** What has been learned, whether all of training went by or not. */
  const finish = () => {
    if (isEvaluated && evaluations[0].step.at(-1) !== step) evaluateAll()
    const frame = lastPicture(networks, batches, step, learningRateAt(step, experiment))
    kept.add(frame)
    emit(frame)
  }
  try {
    for (const { plan } of prepared) networks.push(new TrainableSeries(backend, plan, experiment))
    if (weights) checkSize(networks)
    emit({ type: 'started', device: deviceStatus(backend), experiment, series: headers })
    const progress = new Progress(experiment.steps, 'steps', emit)
    failures = new FailureReport(networks, experiment, emit)
    let lastFrame = -Infinity
    for (; step < experiment.steps; step++) {
      const paused = isPaused(control)
      checkpoint(control)
      if (paused) progress.skipTime()
      const isDue = step % interval === 0
      if (isDue && isEvaluated) {
        progress.say(`evaluating after ${step} of ${experiment.steps} steps`)
        evaluateAll()
        if (endsEarly(evaluations, experiment.patience)) break
      }
      const { x, y } = batches.next()
      const learningRate = learningRateAt(step, experiment)
      const now = performance.now()
      // Each kind of step is recorded the first time, operation by operation, and rounds otherwise than the compiled
      // graph does from then on: which steps these are must not depend on the clock, or the same seed would give
      // another training. Step 0 is probed, being evaluated; step 1 is not, unless every step is.
      const isLook = step !== 1 && (paused || now - lastFrame >= FRAME_INTERVAL_MS)
      const mode = isDue || isLook ? 'probed step' : 'step'
      const outputs = networks.map((network) => network.advance(mode, x, y, learningRate))
      if (mode === 'probed step') {
        lastFrame = now
        const series = outputs.map((values, i) => networks[i].frame(values))
        const frame: TrainFrame = { type: 'frame', step, learningRate, series }
        if (isDue) kept.add(frame)
        emit(frame)
      }
      failures.look(step, outputs, x)
      progress.tick(`training, step ${step + 1} of ${experiment.steps}`)
    }
    finish()
    after?.(networks)
    return result(true)
  } catch (error) {
    if (!(error instanceof Stopped)) throw error
    if (step > 0 && !after) finish()
    return result(false)
  } finally {
    networks.forEach((network) => network.dispose())
  }
}

/** @throws InputError when the trained parameters would be too many to send */
function checkSize(networks: TrainableSeries[]): void {
  const numbers = networks.reduce((sum, network) => sum + network.size, 0)
  if (numbers <= MOST_TRAINED_NUMBERS) return
  throw new InputError(
    'weights',
    `the trained networks have ${numbers.toLocaleString('en')} parameters, ` +
      `and at most ${MOST_TRAINED_NUMBERS.toLocaleString('en')} can be handed over`,
    'Lower the depth, the width or the number of curves.',
  )
}

/** After the last update: measured on one more batch, without another update. */
function lastPicture(
  networks: TrainableSeries[],
  batches: Batches,
  step: number,
  learningRate: number,
): TrainFrame {
  const { x, y } = batches.next()
  return {
    type: 'frame',
    step,
    learningRate,
    series: networks.map((network) => network.frame(network.advance('look', x, y, learningRate))),
  }
}
