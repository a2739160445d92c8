import type { Backend } from '../backend'
import { InputError } from '../../../shared/base/errors'
import type { Experiment } from '../../../shared/settings/experiment'
import { noEvaluations, outcomeAt } from '../../../shared/network/results'
import { endsEarly, evaluationInterval, learningRateAt } from '../../../shared/network/schedule'
import type { Place, TrainEvent, TrainFrame } from '../../../shared/protocol/protocol'
import type { TrainResult } from '../../../shared/protocol/jobs/train'
import { MOST_TRAINED_NUMBERS } from '../../../shared/network/trained-weights'
import { keepTraining, resumeTraining } from './checkpoint/training-checkpoint'
import type { TrainingState } from './checkpoint/training-state'
import { Stopped, takeTurn, isPaused, type ControlBuffer } from './control'
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
  /** Where checkpoints are kept, and whether training goes on from one; null: none are kept. */
  place?: Place | null
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
  { weights = false, after, place = null, prepared = prepareSeries(experiment) }: TrainOptions = {},
): TrainResult {
  checkLabels(experiment)
  checkMemory(trainMemory(experiment, prepared))
  const headers = seriesHeaders(experiment, prepared)
  const networks: TrainableSeries[] = []
  let step = 0
  let failures: FailureReport | null = null
  const interval = evaluationInterval(experiment)
  let evaluations = headers.map(noEvaluations)
  const most = Math.ceil(experiment.steps / interval) + 1
  let kept = new KeptFrames(most)
  const batches = new Batches(experiment)
  // Patience is decided by evaluations, whatever is done afterwards.
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
  const isEvaluatedNow = () => evaluations[0].step.at(-1) === step
  const frameOf = (outputs: Float32Array[]): TrainFrame => ({
    type: 'frame',
    step,
    learningRate: learningRateAt(step, experiment),
    series: outputs.map((values, i) => networks[i].frame(values)),
  })
  const keep = (frame: TrainFrame) => {
    kept.add(frame)
    emit(frame)
  }
  /** Between two steps. */
  const state = (): TrainingState => ({
    step,
    batches: batches.position,
    frames: kept.state,
    failures: failures!.state,
    evaluations: structuredClone(evaluations),
    series: networks.map((network) => network.state),
  })
  const goOnFrom = (before: TrainingState) => {
    step = before.step
    batches.position = before.batches
    kept = new KeptFrames(most, before.frames)
    evaluations = before.evaluations
    replay(before, emit)
  }
  const keeper = keepTraining(place, experiment, networks, emit)
  /** What has been learned, whether all of training went by or not. */
  const finish = () => {
    // What follows is no part of training: it goes on as if it had not been looked at here.
    const before = state()
    if (isEvaluated && !isEvaluatedNow()) evaluateAll()
    const { x, y } = batches.next()
    const rate = learningRateAt(step, experiment)
    keep(frameOf(networks.map((network) => network.advance('look', x, y, rate))))
    keeper?.now(step, () => before)
  }
  try {
    for (const { plan } of prepared) networks.push(new TrainableSeries(backend, plan, experiment))
    if (weights) checkSize(networks)
    emit({ type: 'started', device: deviceStatus(backend), experiment, series: headers })
    const before = resumeTraining(place, experiment, networks)
    failures = new FailureReport(networks, experiment, emit, before?.failures)
    if (before) goOnFrom(before)
    const progress = new Progress(experiment.steps, 'steps', emit, step)
    let lastFrame = -Infinity
    for (let isFirst = true; step < experiment.steps; step++) {
      const paused = isPaused(control)
      if (paused) keeper?.now(step, state)
      else keeper?.look(step, state)
      takeTurn(control)
      if (paused) progress.skipTime()
      const isDue = step % interval === 0
      const learningRate = learningRateAt(step, experiment)
      if (isFirst) {
        isFirst = false
        const { x, y } = new Batches(experiment).next()
        const outputs = networks.map((network) => network.record(x, y, learningRate))
        // The picture before the first step does not wait until all is compiled.
        if (step === 0) keep(frameOf(outputs))
      }
      if (isDue && isEvaluated && !isEvaluatedNow()) {
        progress.say(`evaluating after ${step} of ${experiment.steps} steps`)
        evaluateAll()
      }
      if (isDue && endsEarly(evaluations, experiment.patience)) break
      const { x, y } = batches.next()
      const now = performance.now()
      const isProbed = step > 0 && (isDue || paused || now - lastFrame >= FRAME_INTERVAL_MS)
      const mode = isProbed ? 'probed step' : 'step'
      const outputs = networks.map((network) => network.advance(mode, x, y, learningRate))
      if (isProbed) {
        lastFrame = now
        if (isDue) keep(frameOf(outputs))
        else emit(frameOf(outputs))
      }
      if (isProbed && isDue) networks.forEach((network, i) => network.giveUpLost(outputs[i]))
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

/** Tells again what was told before the checkpoint. */
function replay({ evaluations, frames, failures }: TrainingState, emit: (event: TrainEvent) => void): void {
  evaluations[0].step.forEach((step, at) => {
    const series = evaluations.map(({ train, test }) => ({
      train: { loss: train.loss[at], error: train.error[at] },
      test: { loss: test.loss[at], error: test.error[at] },
    }))
    emit({ type: 'evaluated', step, learningRate: evaluations[0].learningRate[at], series })
  })
  frames.frames.forEach(emit)
  failures.found.forEach((failure) => failure && emit({ type: 'non-finite', ...failure }))
}
