import type { Backend } from '../backend'
import type { Experiment } from '../../../shared/experiment'
import { forwardBlock } from '../../../shared/interpreter'
import { intactStart, lesionOrder, lesionsOf, type Lesion, type LesionSet } from '../../../shared/lesion'
import type {
  LesionEvent,
  LesionOutcome,
  LesionResult,
  LesionSeries,
  SeriesGraph,
} from '../../../shared/protocol'
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
 * Networks at initialisation with and without lesions: the cosine between the two h_L of every sample, averaged over the batch. Statistics over
 * the batch are each network's own. What both have in common before the first change runs once.
 * @throws InputError when the networks do not fit; a stop is no error (finished: false, with the lesions that were done)
 */
export function measureLesion(
  backend: Backend,
  experiment: Experiment,
  set: LesionSet,
  control: ControlBuffer,
  emit: (event: LesionEvent) => void,
): LesionResult {
  checkMemory(signalMemory(experiment))
  const { tf } = backend
  const graphs = seriesGraphs(experiment)
  const lesions = lesionsOf(set, experiment.blocks)
  emit({ type: 'lesion-started', device: deviceStatus(backend), experiment, lesions, series: graphs })
  const orders = lesions.map((lesion) => lesionOrder(lesion, experiment.blocks))
  const steps = orders.reduce((sum, order) => sum + order.length - intactStart(order), experiment.blocks)
  const progress = new Progress(graphs.length * steps, 'blocks', emit)
  const weights = new Weights(tf, experiment, WEIGHT_BUDGET_BYTES)
  const input = firstStream(tf, experiment, weights)
  const series: LesionSeries[] = []
  try {
    const run = { backend, experiment, control, progress, weights, input, lesions, orders }
    for (const graph of graphs) {
      const outcomes: LesionOutcome[] = []
      series.push({ ...graph, outcomes })
      measureSeries(run, graph, outcomes)
    }
    return { finished: true, lesions, series }
  } catch (error) {
    const found = series.filter(({ outcomes }) => outcomes.length > 0)
    if (error instanceof Stopped) return { finished: false, lesions, series: found }
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
  lesions: Lesion[]
  /** Blocks of each changed network. */
  orders: number[][]
}

function measureSeries(run: Run, header: SeriesGraph, outcomes: LesionOutcome[]): void {
  const { backend, experiment, orders, input } = run
  const { tf } = backend
  const program = createProgram(backend)
  const step = program.define('forward through a block', ([h, ...flat]) => [
    forwardBlock(tensorMath(tf), header.graph, byNode(header.graph, experiment.width, flat), h).output,
  ])
  const through = (h: Tensor, k: number) => forward(run, header, step, h, k)
  /** h_0..h_L of the intact network. */
  const intact = [input]
  try {
    for (let k = 1; k <= experiment.blocks; k++) intact.push(through(intact[k - 1], k))
    for (const order of orders) {
      const start = intactStart(order)
      let h = intact[start]
      for (const k of order.slice(start)) {
        const next = through(h, k)
        if (h !== intact[start]) h.dispose()
        h = next
      }
      const { mean, low, high } = summarisePoint(
        take(tf.tidy(() => meanCosine(tf, intact[experiment.blocks], h))),
      )
      if (h !== intact[start]) h.dispose()
      outcomes.push({ cosine: { mean, low, high } })
    }
  } finally {
    intact.slice(1).forEach((state) => state.dispose())
    run.weights.releaseTransient()
    program.dispose()
  }
}

function forward(
  run: Run,
  { block, remedy, graph }: SeriesGraph,
  step: Compiled,
  h: Tensor,
  k: number,
): Tensor {
  const { weights, progress } = run
  waitForTurn(run)
  const [next] = step([h, ...weights.block(graph, k)])
  weights.releaseTransient()
  progress.tick(`${block} / ${remedy}: block ${k}`)
  return next
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
