import type { Backend } from '../backend'
import type { Experiment } from '../../../shared/experiment'
import { forwardBlock } from '../../../shared/interpreter'
import { intactStart, lesionOrder, type Lesion } from '../../../shared/lesion'
import type { LesionEvent, LesionResult, LesionSeries, SeriesGraph } from '../../../shared/protocol'
import { summarisePoint } from '../../../shared/statistics'
import { createProgram, type Compiled } from '../compile'
import { Stopped, type ControlBuffer } from './control'
import { WEIGHT_BUDGET_BYTES, checkMemory, signalMemory } from './memory'
import { seriesGraphs } from '../../../shared/series'
import { Progress } from './progress'
import { take, waitForTurn } from './run'
import { deviceStatus, firstStream } from './signal'
import { tensorMath, type Tensor, type TfModule } from './tensor-math'
import { Weights, byNode } from './weights'

/**
 * Networks at initialisation with and without a lesion: the cosine between the two h_L of every sample, averaged over the batch. Statistics over
 * the batch are each network's own. What both have in common before the first change runs once.
 * @throws InputError when the networks do not fit; a stop is no error (finished: false)
 */
export function measureLesion(
  backend: Backend,
  experiment: Experiment,
  lesion: Lesion,
  control: ControlBuffer,
  emit: (event: LesionEvent) => void,
): LesionResult {
  checkMemory(signalMemory(experiment))
  const { tf } = backend
  const graphs = seriesGraphs(experiment)
  emit({ type: 'lesion-started', device: deviceStatus(backend), experiment, lesion, series: graphs })
  const order = lesionOrder(lesion, experiment.blocks)
  const steps = experiment.blocks + order.length - intactStart(order)
  const progress = new Progress(graphs.length * steps, 'blocks', emit)
  const weights = new Weights(tf, experiment, WEIGHT_BUDGET_BYTES)
  const input = firstStream(tf, experiment, weights)
  const series: LesionSeries[] = []
  try {
    const run = { backend, experiment, control, progress, weights, input, order }
    for (const graph of graphs) series.push(measureSeries(run, graph))
    return { finished: true, series }
  } catch (error) {
    if (error instanceof Stopped) return { finished: false, series }
    throw error
  } finally {
    input.dispose()
    weights.dispose()
  }
}

interface Run {
  backend: Backend
  experiment: Experiment
  control: ControlBuffer
  progress: Progress
  weights: Weights
  input: Tensor
  /** Blocks of the changed network. */
  order: number[]
}

function measureSeries(run: Run, header: SeriesGraph): LesionSeries {
  const { backend, experiment, order, input } = run
  const { tf } = backend
  const program = createProgram(backend)
  const step = program.define('forward through a block', ([h, ...flat]) => [
    forwardBlock(tensorMath(tf), header.graph, byNode(header.graph, experiment.width, flat), h).output,
  ])
  const start = intactStart(order)
  const whole = Array.from({ length: experiment.blocks }, (_, i) => i + 1)
  const states = new Set<Tensor>()
  const through = (h: Tensor, blocks: number[]) => pass(run, header, step, states, h, blocks)
  try {
    const common = through(input, whole.slice(0, start))
    const intact = through(common, whole.slice(start))
    const changed = through(common, order.slice(start))
    const { mean, low, high } = summarisePoint(take(tf.tidy(() => meanCosine(tf, intact, changed))))
    return { ...header, cosine: { mean, low, high } }
  } finally {
    states.forEach((state) => state.dispose())
    run.weights.releaseTransient()
    program.dispose()
  }
}

/** From h through some blocks; what lies in between is disposed of, h and the result stay in `states`. */
function pass(
  run: Run,
  { block, remedy, graph }: SeriesGraph,
  step: Compiled,
  states: Set<Tensor>,
  h: Tensor,
  blocks: number[],
): Tensor {
  const { weights, progress } = run
  let current = h
  for (const k of blocks) {
    waitForTurn(run)
    const [next] = step([current, ...weights.block(graph, k)])
    states.add(next)
    if (current !== h) {
      states.delete(current)
      current.dispose()
    }
    current = next
    weights.releaseTransient()
    progress.tick(`${block} / ${remedy}: block ${k}`)
  }
  return current
}

/** Mean over samples of the cosine between rows of a and b [R, B, N]; [R]. Undefined, NaN, where a row is zero or not finite. */
function meanCosine(tf: TfModule, a: Tensor, b: Tensor): Tensor {
  // Divided by its largest entry first, a row's norm stays within range.
  const unit = (h: Tensor) => {
    const scaled = tf.div(h, tf.max(tf.abs(h), 2, true))
    return tf.div(scaled, tf.sqrt(tf.sum(tf.square(scaled), 2, true)))
  }
  return tf.mean(tf.sum(tf.mul(unit(a), unit(b)), 2), 1)
}
