import type { Backend } from '../backend'
import { autocorrelation } from '../../../shared/numerics/autocorrelation'
import type { Experiment } from '../../../shared/settings/experiment'
import { seriesTitle } from '../../../shared/network/series-names'
import { STREAM } from '../../../shared/numerics/random-streams'
import { backwardBlock, forwardBlock } from '../../../shared/block/interpreter'
import type { ShatterEvent } from '../../../shared/protocol/protocol'
import type { ShatterNetwork, ShatterResult, ShatterSeries } from '../../../shared/shatter/results'
import {
  bandOf,
  correlationTheory,
  gridOf,
  lastLag,
  noiseReferences,
  shatterExperiment,
} from '../../../shared/shatter/shatter'
import type { ShatterSettings } from '../../../shared/settings/shatter'
import { shatterNetworks } from '../../../shared/shatter/networks'
import { summarisePoint } from '../../../shared/numerics/statistics'
import { createProgram, type Compiled } from '../compile'
import { Stopped, type ControlBuffer } from './control'
import { WEIGHT_BUDGET_BYTES, checkMemory, shatterMemory } from './memory'
import { prepareSeries } from './prepared-series'
import { Progress, waitForTurn } from './progress'
import { normalTensor, takeValues } from './tensor-values'
import { deviceStatus } from './device-status'
import { tensorMath } from './tensor-math'
import type { Tensor } from './tensor'
import { Weights, byNode } from './weights'

/**
 * Networks of one input: y(x) and dy/dx over a line of points, and the gradient correlation of the same
 * blocks between independent Gaussian inputs. Both derivatives hold statistics over the batch constant.
 * @throws InputError when the networks do not fit; a stop is no error (finished: false)
 */
export async function measureShatter(
  backend: Backend,
  given: Experiment,
  settings: ShatterSettings,
  control: ControlBuffer,
  emit: (event: ShatterEvent) => void,
): Promise<ShatterResult> {
  const experiment = shatterExperiment(given)
  const networks = shatterNetworks(experiment, settings)
  checkMemory(shatterMemory(experiment, prepareSeries(experiment), settings))
  const { tf } = backend
  const x = [...gridOf(settings)]
  const references = noiseReferences(settings, experiment.seed)
  const device = deviceStatus(backend)
  emit({ type: 'shatter-started', device, experiment, settings, series: networks, x, references })
  // How parameters start may depend on the depth, which some references have of their own.
  const drawn = new Map<number, Weights>()
  const weightsOf = (blocks: number): Weights => {
    const weights = drawn.get(blocks) ?? new Weights(tf, { ...experiment, blocks }, WEIGHT_BUDGET_BYTES)
    drawn.set(blocks, weights)
    return weights
  }
  // The line and the independent inputs, each forward and backward.
  const passes = experiment.batch > 1 ? 4 : 2
  const depths = networks.reduce((sum, { blocks }) => sum + blocks, 0)
  const progress = new Progress(passes * depths, 'blocks', emit)
  const outer = weightsOf(experiment.blocks)
  const [stem, head] = [outer.stem(1), outer.head(1)]
  const run = { backend, settings, control, progress, stem, head }
  const series: ShatterSeries[] = []
  const result = { x, references, series }
  try {
    for (const [i, network] of networks.entries()) {
      const { blocks } = network
      const own = { ...run, experiment: { ...experiment, blocks }, weights: weightsOf(blocks) }
      const one = await measureShatterSeries(own, network)
      series.push(one)
      emit({ type: 'shattered', series: i, result: one })
    }
    return { finished: true, ...result }
  } catch (error) {
    if (error instanceof Stopped) return { finished: false, ...result }
    throw error
  } finally {
    ;[stem, head].forEach((tensor) => tensor.dispose())
    drawn.forEach((weights) => weights.dispose())
  }
}

/** A change of y smaller than this share of it is rounding. */
const RESOLUTION = 1e-5

const largest = (values: Float32Array) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)

interface Run {
  backend: Backend
  experiment: Experiment
  settings: ShatterSettings
  control: ControlBuffer
  progress: Progress
  weights: Weights
  /** [R, 1, N] and [R, N, 1]. */
  stem: Tensor
  head: Tensor
}

interface Steps {
  /** [h_{k-1}, …parameters] → [h_k, mean of h_k per replica]. */
  forward: Compiled
  /** [h_{k-1}, g_k, …parameters] → [g_{k-1}]. */
  backward: Compiled
}

async function measureShatterSeries(run: Run, series: ShatterNetwork): Promise<ShatterSeries> {
  const program = createProgram(run.backend)
  try {
    const steps = defineSteps(run, series, (name, step) => program.define(name, step))
    const line = await measureLine(run, series, steps)
    return {
      ...series,
      ...line,
      ...(await measureCorrelation(run, series, steps)),
      ...correlationTheory(series.graph, run.experiment),
    }
  } finally {
    run.weights.releaseTransient()
    program.dispose()
  }
}

function defineSteps(
  { backend: { tf }, experiment: { width } }: Run,
  { graph }: ShatterNetwork,
  define: (name: string, step: (inputs: Tensor[]) => Tensor[]) => Compiled,
): Steps {
  const math = tensorMath(tf)
  return {
    forward: define('forward through a block', ([h, ...flat]) => {
      const { output } = forwardBlock(math, graph, byNode(graph, width, flat), h)
      return [output, tf.mean(output, [1, 2])]
    }),
    backward: define('backward through a block, statistics held constant', ([h, gradient, ...flat]) => {
      const parameters = byNode(graph, width, flat)
      const trace = forwardBlock(math, graph, parameters, h)
      return [backwardBlock(math, graph, parameters, trace, gradient, true).input]
    }),
  }
}

/** y and dy/dx at every point: of the first network as they are, of all as dy/dx's autocorrelation. */
async function measureLine(
  run: Run,
  series: ShatterNetwork,
  steps: Steps,
): Promise<Pick<ShatterSeries, 'acf' | 'curve'>> {
  const { experiment, settings, stem, head } = run
  const { tf } = run.backend
  const x = Float32Array.from(gridOf(settings))
  const start = tf.tidy(() =>
    tf.matMul(tf.tile(tf.tensor(x, [1, x.length, 1]), [experiment.replicas, 1, 1]), stem),
  )
  const { top, bottom, finite } = await throughBlocks(run, series, steps, start, 'along the line')
  const [y, slope] = [tf.matMul(top, head), tf.matMul(bottom, stem, false, true)]
  tf.dispose([top, bottom])
  return curvesOf(await takeValues(y), await takeValues(slope), finite, settings)
}

/**
 * What networks' y and derivative say, [R, points] each: of the first one as they are, of all as the derivative's
 * autocorrelation. @param finite per network, whether all activations are
 */
export function curvesOf(
  y: Float32Array,
  slope: Float32Array,
  finite: readonly boolean[],
  settings: ShatterSettings,
): Pick<ShatterSeries, 'acf' | 'curve'> {
  const { points } = settings
  const [from, to] = settings.range
  const networks = finite.map((isFinite, r) => {
    const own = (values: Float32Array) => values.slice(r * points, (r + 1) * points)
    // An activation that is not finite leaves no derivative, whatever an implementation's ReLU makes of NaN.
    return { y: own(y), slope: isFinite ? own(slope) : new Float32Array(points).fill(NaN) }
  })
  const curves = networks.map((one) => {
    // y that varies less than float32 resolves has no derivative that could be trusted.
    const isFlat = largest(one.slope) * (to - from) < RESOLUTION * largest(one.y)
    return autocorrelation(isFlat ? new Float32Array(points) : one.slope, lastLag(settings))
  })
  const curve = { y: [...networks[0].y], slope: [...networks[0].slope] }
  return { acf: bandOf(curves), curve }
}

/**
 * The gradient correlation (Balduzzi et al. 2017, The shattered gradients problem, section 3): of the gradients g_a at
 * h_0 of B independent Gaussian inputs, the mean inner product of different ones over
 * the mean of |g_a|², per network. Σ_{a≠b} g_a · g_b = |Σ g_a|² - Σ |g_a|².
 */
async function measureCorrelation(
  run: Run,
  series: ShatterNetwork,
  steps: Steps,
): Promise<Pick<ShatterSeries, 'correlation' | 'correlationBand'>> {
  const { experiment } = run
  const { batch } = experiment
  const { tf } = run.backend
  if (batch < 2) return { correlation: null, correlationBand: null }
  const start = normalTensor(tf, experiment, STREAM.input)
  const { top, bottom, finite } = await throughBlocks(run, series, steps, start, 'between inputs')
  const values = await takeValues(
    tf.tidy(() => {
      // Only ratios count: scaled, so that squares stay in range.
      const g = tf.div(bottom, tf.max(tf.abs(bottom), [1, 2], true))
      const own = tf.sum(tf.square(g), [1, 2])
      const all = tf.sum(tf.square(tf.sum(g, 1)), 1)
      return tf.div(tf.sub(all, own), tf.mul(own, tf.scalar(batch - 1)))
    }),
  )
  ;[top, bottom].forEach((tensor) => tensor.dispose())
  const { mean, low, high } = summarisePoint(values.map((value, r) => (finite[r] ? value : NaN)))
  return { correlation: mean, correlationBand: { low, high } }
}

/**
 * h_0 [R, B, N] to h_L (`top`), and the derivative of the networks' y, sample by sample, back to h_0
 * (`bottom`). Takes `start` over. `finite`: per replica, whether all activations are.
 */
async function throughBlocks(
  { backend: { tf }, experiment, weights, control, progress, head }: Run,
  network: ShatterNetwork,
  steps: Steps,
  start: Tensor,
  what: string,
): Promise<{ top: Tensor; bottom: Tensor; finite: boolean[] }> {
  const { blocks, replicas } = experiment
  const { graph, reference } = network
  const name = reference ?? seriesTitle(network)
  const states = [start]
  const finite = new Array<boolean>(replicas).fill(true)
  let gradient: Tensor | null = null
  try {
    for (let k = 1; k <= blocks; k++) {
      await waitForTurn({ control, progress })
      const [next, means] = steps.forward([states[k - 1], ...weights.block(graph, k)])
      states.push(next)
      const values = await takeValues(means)
      values.forEach((mean, r) => (finite[r] &&= Number.isFinite(mean)))
      weights.releaseTransient()
      progress.tick(`${name}, ${what}: forward, block ${k} of ${blocks}`)
    }
    // dy/dh_L is the readout's row, the same for all samples.
    gradient = tf.tidy(() => tf.tile(tf.transpose(head, [0, 2, 1]), [1, start.shape[1]!, 1]))
    for (let k = blocks; k >= 1; k--) {
      await waitForTurn({ control, progress })
      const [below]: Tensor[] = steps.backward([states[k - 1], gradient, ...weights.block(graph, k)])
      gradient.dispose()
      gradient = below
      weights.releaseTransient()
      progress.tick(`${name}, ${what}: backward, block ${k} of ${blocks}`)
    }
    const result = { top: states.pop()!, bottom: gradient, finite }
    gradient = null
    return result
  } finally {
    gradient?.dispose()
    states.forEach((state) => state.dispose())
  }
}
