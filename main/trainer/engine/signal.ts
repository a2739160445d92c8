import type { Backend } from '../backend'
import { MNIST1D_LENGTH, type Experiment } from '../../../shared/experiment'
import { STREAM } from '../../../shared/initialisation'
import { backwardBlock, forwardBlock } from '../../../shared/interpreter'
import type { BackwardPoint, SeriesHeader, SeriesResult, SignalEvent } from '../../../shared/protocol'
import { emptySummary, setPoint, summarisePoint } from '../../../shared/statistics'
import { createProgram, type Compiled } from '../compile'
import { Stopped, type ControlBuffer } from './control'
import { findBackwardNonFinite, findForwardNonFinite } from './first-non-finite'
import { WEIGHT_BUDGET_BYTES, checkMemory, signalMemory } from './memory'
import { dataBatch, linearNodes, seriesHeaders } from './networks'
import { Progress } from './progress'
import { normalTensor, take, waitForTurn } from './run'
import { forwardStatistics, safeMeanSquare, readForward, weightGradientSquare } from './statistics'
import { tensorMath, type Tensor, type TfModule } from './tensor-math'
import { Weights, byNode } from './weights'

export interface SignalResult {
  finished: boolean
  series: SeriesResult[]
}

/**
 * Draws the networks of every series and measures how the signal goes through them: forward block by block, then backward from an
 * independent standard normal gradient per sample and unit at the top (trap 5 of the science reference). Backward computes each block's
 * forward pass once more, so only the h_k are kept: a thousand blocks fit into memory.
 * @throws InputError when the networks do not fit; a stop is no error (finished: false)
 */
export function measureSignal(
  backend: Backend,
  experiment: Experiment,
  control: ControlBuffer,
  emit: (event: SignalEvent) => void,
): SignalResult {
  checkMemory(signalMemory(experiment))
  const { tf } = backend
  const headers = seriesHeaders(experiment)
  emit({ type: 'started', device: deviceStatus(backend), experiment, series: headers })
  const results = headers.map((header) => emptyResult(header, experiment.blocks))
  const progress = new Progress(headers.length * 2 * experiment.blocks, 'blocks', emit)
  const weights = new Weights(tf, experiment, WEIGHT_BUDGET_BYTES)
  const input = firstStream(tf, experiment, weights)
  try {
    headers.forEach((_, i) =>
      measureSeries({ backend, experiment, control, emit, progress, weights, input }, results[i], i),
    )
    return { finished: true, series: results }
  } catch (error) {
    if (error instanceof Stopped) return { finished: false, series: results }
    throw error
  } finally {
    input.dispose()
    weights.dispose()
  }
}

export const deviceStatus = ({ kind, device }: Backend) => ({ backend: kind, ...device })

interface Run {
  backend: Backend
  experiment: Experiment
  control: ControlBuffer
  emit: (event: SignalEvent) => void
  progress: Progress
  weights: Weights
  input: Tensor
}

function emptyResult(header: SeriesHeader, blocks: number): SeriesResult {
  const stream = () => emptySummary(blocks + 1)
  return {
    ...header,
    q: stream(),
    v: stream(),
    m: stream(),
    p: stream(),
    weightGradientNorm2: emptySummary(blocks),
  }
}

/** h_0 [R, B, N]: Gaussian noise (every replica its own) or the data's first batch (the same for all), through the stem. */
export function firstStream(tf: TfModule, experiment: Experiment, weights: Weights): Tensor {
  const { replicas, batch, width, input, stem } = experiment
  return tf.tidy(() => {
    const x =
      input === 'normal'
        ? normalTensor(tf, experiment, STREAM.input)
        : tf.tile(tf.tensor(dataBatch(experiment).x, [1, batch, MNIST1D_LENGTH]), [replicas, 1, 1])
    if (stem === 'none') return x
    return tf.matMul(x, weights.stem(input === 'normal' ? width : MNIST1D_LENGTH))
  })
}

function measureSeries(run: Run, result: SeriesResult, series: number): void {
  const program = createProgram(run.backend)
  const steps = defineSteps(run, result, (name, step) => program.define(name, step))
  const states: Tensor[] = [run.input]
  try {
    const finite = forwardPass(run, result, series, steps, states)
    backwardPass(run, result, series, steps, states, finite)
  } finally {
    states.slice(1).forEach((state) => state.dispose())
    run.weights.releaseTransient()
    program.dispose()
  }
}

interface Steps {
  /** [h_0] → [statistics]. */
  look: Compiled
  /** [h_{k-1}, …parameters] → [h_k, statistics]. */
  forward: Compiled
  /** [h_{k-1}, g_k, …parameters] → [g_{k-1}, mean square of g_{k-1} and squared norm of the weight gradients]. */
  backward: Compiled
}

function defineSteps(
  { backend, experiment }: Run,
  { graph }: SeriesResult,
  define: (name: string, step: (inputs: Tensor[]) => Tensor[]) => Compiled,
): Steps {
  const { tf } = backend
  const math = tensorMath(tf)
  const { width, replicas, batch } = experiment
  return {
    look: define('statistics of the input', ([h]) => [forwardStatistics(tf, graph, null, h)]),
    forward: define('forward through a block', ([h, ...flat]) => {
      const trace = forwardBlock(math, graph, byNode(graph, width, flat), h)
      return [trace.output, forwardStatistics(tf, graph, trace, trace.output)]
    }),
    backward: define('backward through a block', ([h, gradient, ...flat]) => {
      const parameters = byNode(graph, width, flat)
      const trace = forwardBlock(math, graph, parameters, h)
      const back = backwardBlock(math, graph, parameters, trace, gradient)
      const ofWeights = linearNodes(graph).flatMap((id) => back.parameters.get(id)?.slice(0, 1) ?? [])
      // The loss is a mean over the batch; the gradient at the top is one sample's.
      const norm2 = tf.div(weightGradientSquare(tf, ofWeights, replicas), tf.scalar(batch ** 2))
      return [back.input, tf.concat([safeMeanSquare(tf)(back.input), norm2])]
    }),
  }
}

/** Measures h_0..h_L into `result` and `states`; gives for each k and replica whether all activations are finite. */
function forwardPass(
  run: Run,
  result: SeriesResult,
  series: number,
  steps: Steps,
  states: Tensor[],
): boolean[][] {
  const { backend, experiment, emit, weights, progress } = run
  const { blocks, width, replicas } = experiment
  const finite: boolean[][] = []
  let reported = false
  for (let k = 0; k <= blocks; k++) {
    waitForTurn(run)
    const parameters = k > 0 ? weights.block(result.graph, k) : []
    const outputs = k > 0 ? steps.forward([states[k - 1], ...parameters]) : steps.look([run.input])
    const { point, activationsFinite } = readForward(take(outputs[outputs.length - 1]), replicas)
    finite.push(activationsFinite)
    if (k > 0) states.push(outputs[0])
    for (const quantity of ['q', 'v', 'm'] as const) setPoint(result[quantity], k, point[quantity])
    emit({ type: 'forward', series, block: k, point })
    if (!reported && k > 0 && !Number.isFinite(point.q.mean)) {
      reported = true
      const found = findForwardNonFinite(backend, result.graph, width, states[k - 1], parameters)
      emit({ type: 'non-finite', series, block: k, before: result.q.mean[k - 1], replicas, ...found })
    }
    weights.releaseTransient()
    if (k > 0) progress.tick(`${result.block} / ${result.remedy}: forward, block ${k} of ${blocks}`)
  }
  return finite
}

/**
 * Measures the gradients from the top down. Below activations that are not finite no gradient is defined, whatever an implementation's ReLU
 * makes of NaN: those replicas are NaN from there on.
 */
function backwardPass(
  run: Run,
  result: SeriesResult,
  series: number,
  steps: Steps,
  states: Tensor[],
  finite: boolean[][],
): void {
  const { backend, experiment, emit, weights, progress } = run
  const { replicas, blocks, width } = experiment
  const { tf } = backend
  let gradient = normalTensor(tf, experiment, STREAM.topGradient)
  const top = take(tf.tidy(() => safeMeanSquare(tf)(gradient)))
  const lost = finite[blocks].map((isFinite) => !isFinite)
  const pointOf = (squares: Float32Array): BackwardPoint => ({
    p: summarisePoint(squares.map((square, r) => (lost[r] ? NaN : square / top[r]))),
    weightGradientNorm2: null,
  })
  let reported = false
  let point = pointOf(top)
  setPoint(result.p, blocks, point.p)
  try {
    for (let k = blocks; k >= 1; k--) {
      waitForTurn(run)
      finite[k - 1].forEach((isFinite, r) => (lost[r] ||= !isFinite))
      const parameters = weights.block(result.graph, k)
      const [next, statistics] = steps.backward([states[k - 1], gradient, ...parameters])
      const values = take(statistics)
      point.weightGradientNorm2 = summarisePoint(
        values.subarray(replicas).map((norm, r) => (lost[r] ? NaN : norm)),
      )
      setPoint(result.weightGradientNorm2, k - 1, point.weightGradientNorm2)
      emit({ type: 'backward', series, block: k, point })
      point = pointOf(values.subarray(0, replicas))
      setPoint(result.p, k - 1, point.p)
      if (!reported && !Number.isFinite(point.p.mean)) {
        reported = true
        const found = lost.some(Boolean)
          ? { quantity: 'gradient' as const, operation: 'activations that are not finite' }
          : findBackwardNonFinite(backend, result.graph, width, states[k - 1], gradient, parameters)
        emit({ type: 'non-finite', series, block: k, before: result.p.mean[k], replicas, ...found })
      }
      gradient.dispose()
      gradient = next
      weights.releaseTransient()
      progress.tick(`${result.block} / ${result.remedy}: backward, block ${k} of ${blocks}`)
    }
    emit({ type: 'backward', series, block: 0, point })
  } finally {
    gradient.dispose()
  }
}
