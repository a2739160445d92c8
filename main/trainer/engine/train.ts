import type { Backend } from '../backend'
import { InputError } from '../../../shared/base/errors'
import { MNIST1D_LENGTH, mnist1d } from '../../../shared/data/mnist1d'
import type { Experiment } from '../../../shared/settings/experiment'
import type { Outcome, TrainedSeries } from '../../../shared/network/results'
import type { TrainEvent, TrainFrame } from '../../../shared/protocol/protocol'
import type { TrainResult } from '../../../shared/protocol/jobs/train'
import { summarisePoint } from '../../../shared/numerics/statistics'
import { MOST_TRAINED_NUMBERS } from '../../../shared/network/trained-weights'
import { Stopped, checkpoint, isPaused, type ControlBuffer } from './control'
import { EVALUATED_SAMPLES, checkMemory, trainMemory } from './memory'
import { TrainableSeries } from './trainable-series'
import { Batches, oneHot } from './training-batches'
import { FailureReport } from './training-failures'
import { prepareSeries, type PreparedSeries } from './prepared-series'
import { seriesHeaders } from './series-theory'
import { Progress } from './progress'
import { deviceStatus } from './device-status'

/** Frames go to the screen at its rate, not at the step's. */
const FRAME_INTERVAL_MS = 1000 / 15

/**
 * Whether the first two steps are probed. Each kind of step is recorded the first time, operation by operation, and
 * rounds otherwise than the compiled graph does from then on: which steps these are must not depend on the clock, or
 * the same seed would give another training.
 */
const RECORDED = [true, false]

/** What training does beside training. */
export interface TrainOptions {
  /** The experiment's series, where they are planned already. */
  prepared?: readonly PreparedSeries[]
  /** The first replica's trained parameters in the result. */
  weights?: boolean
  /** Instead of the evaluation: what is done with the trained networks before they go. */
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
  const outcomes = headers.map((): Pick<TrainedSeries, 'train' | 'test'> => ({ train: null, test: null }))
  const result = (finished: boolean): TrainResult => ({
    finished,
    steps: step,
    series: networks.map((network, i) => ({
      block: headers[i].block,
      remedy: headers[i].remedy,
      ...outcomes[i],
      failure: failures?.found[i] ?? null,
      seconds: network.milliseconds / 1000,
      ...(weights ? { weights: network.trained() } : {}),
    })),
  })
  try {
    for (const { plan } of prepared) networks.push(new TrainableSeries(backend, plan, experiment))
    if (weights) checkSize(networks)
    emit({ type: 'started', device: deviceStatus(backend), experiment, series: headers })
    const batches = new Batches(experiment)
    const progress = new Progress(experiment.steps + networks.length * EVALUATIONS, 'steps', emit)
    failures = new FailureReport(networks, experiment, emit)
    let lastFrame = -Infinity
    for (; step < experiment.steps; step++) {
      const paused = isPaused(control)
      checkpoint(control)
      if (paused) progress.skipTime()
      const { x, y } = batches.next()
      const now = performance.now()
      const probed = step < RECORDED.length ? RECORDED[step] : now - lastFrame >= FRAME_INTERVAL_MS || paused
      const outputs = networks.map((network) => network.advance(probed ? 'probed step' : 'step', x, y))
      if (probed) {
        lastFrame = now
        emit({ type: 'frame', step, series: outputs.map((values, i) => networks[i].frame(values)) })
      }
      failures.look(step, outputs, x)
      progress.tick(`training, step ${step + 1} of ${experiment.steps}`)
    }
    emit(lastPicture(networks, batches, step))
    if (after) {
      after(networks)
      return result(true)
    }
    networks.forEach((network, i) => {
      outcomes[i] = evaluate(network, () => {
        progress.tick(`evaluating, series ${i + 1} of ${networks.length}`)
        checkpoint(control)
      })
    })
    return result(true)
  } catch (error) {
    if (error instanceof Stopped) return result(false)
    throw error
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

/** Times that a thousand samples are evaluated. */
const EVALUATIONS = 5

/** On all training samples and on the test samples, a thousand at a time. @param onPart after each thousand */
function evaluate(network: TrainableSeries, onPart: () => void): Pick<TrainedSeries, 'train' | 'test'> {
  const { x, y, xTest, yTest } = mnist1d()
  const over = (inputs: Float64Array, labels: Uint8Array): Outcome => {
    const parts: ReturnType<TrainableSeries['evaluate']>[] = []
    for (let at = 0; at < labels.length; at += EVALUATED_SAMPLES) {
      const end = Math.min(at + EVALUATED_SAMPLES, labels.length)
      const values = Float32Array.from(inputs.subarray(at * MNIST1D_LENGTH, end * MNIST1D_LENGTH))
      parts.push(network.evaluate(values, oneHot(labels.subarray(at, end))))
      onPart()
    }
    const mean = (key: 'loss' | 'error') =>
      parts[0][key].map((_, r) => parts.reduce((sum, part) => sum + part[key][r] / parts.length, 0))
    return { loss: summarisePoint(mean('loss')), error: summarisePoint(mean('error')) }
  }
  return { train: over(x, y), test: over(xTest, yTest) }
}

/** After the last update: measured on one more batch, without another update. */
function lastPicture(networks: TrainableSeries[], batches: Batches, step: number): TrainFrame {
  const { x, y } = batches.next()
  return {
    type: 'frame',
    step,
    series: networks.map((network) => network.frame(network.advance('look', x, y))),
  }
}
