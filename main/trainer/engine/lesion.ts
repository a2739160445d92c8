import type { Backend } from '../backend'
import type { Experiment } from '../../../shared/experiment'
import { InputError } from '../../../shared/errors'
import { outputShape, planNetwork, type PlannedBlock } from '../../../shared/plan'
import { sameShape, shapeText } from '../../../shared/shape'
import { intactStart, lesionOrder, lesionsOf, type Lesion, type LesionSet } from '../../../shared/lesion'
import type {
  LesionEvent,
  LesionOutcome,
  LesionResult,
  LesionSeries,
  SeriesGraph,
} from '../../../shared/protocol'
import { summarisePoint } from '../../../shared/statistics'
import { createProgram, type Compiled, type Program } from '../compile'
import { Stopped, type ControlBuffer } from './control'
import { WEIGHT_BUDGET_BYTES, checkMemory, wholeMemory } from './memory'
import { forwardPlanned } from './planned'
import { seriesGraphs } from '../../../shared/series'
import { Progress } from './progress'
import { take, waitForTurn } from './run'
import { deviceStatus, firstStream } from './signal'
import type { Tensor, TfModule } from './tensor-math'
import { Weights } from './weights'

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
  checkMemory(wholeMemory(experiment))
  const { tf } = backend
  const graphs = seriesGraphs(experiment)
  const plans = graphs.map((graph) => planNetwork(graph, experiment))
  const all = lesionsOf(set, experiment.blocks)
  const lesions = all.filter((lesion) =>
    plans.every((plan) => problemOf(plan, lesionOrder(lesion, plan.length)) === null),
  )
  if (!lesions.length) refuse(plans, all)
  emit({ type: 'lesion-started', device: deviceStatus(backend), experiment, lesions, series: graphs })
  const orders = lesions.map((lesion) => lesionOrder(lesion, experiment.blocks))
  const steps = orders.reduce((sum, order) => sum + order.length - intactStart(order), experiment.blocks)
  const progress = new Progress(graphs.length * steps, 'blocks', emit)
  const weights = new Weights(tf, experiment, WEIGHT_BUDGET_BYTES)
  const input = firstStream(tf, experiment, weights)
  const series: LesionSeries[] = []
  try {
    const run = { backend, experiment, control, progress, weights, input, lesions, orders }
    graphs.forEach((graph, i) => {
      const outcomes: LesionOutcome[] = []
      series.push({ ...graph, outcomes })
      measureSeries(run, graph, plans[i], outcomes)
    })
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

/** Why blocks in this order do not make a network; null: they do. */
function problemOf(plan: PlannedBlock[], order: number[]): string | null {
  let shape = plan[0].place.input
  for (const k of order) {
    const { input } = plan[k - 1].place
    if (!sameShape(input, shape)) {
      return `block ${k} takes ${shapeText(input)}, and what would reach it is ${shapeText(shape)}`
    }
    shape = outputShape(plan[k - 1])
  }
  const top = outputShape(plan[plan.length - 1])
  return sameShape(shape, top)
    ? null
    : `the network would end with ${shapeText(shape)}, not ${shapeText(top)}`
}

function refuse(plans: PlannedBlock[][], lesions: Lesion[]): never {
  const problems = plans.map((plan) => problemOf(plan, lesionOrder(lesions[0], plan.length)))
  throw new InputError(
    'lesion',
    problems.find((problem) => problem !== null)!,
    'Blocks that change the stream’s shape must stay: choose others.',
  )
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

function measureSeries(run: Run, header: SeriesGraph, plan: PlannedBlock[], outcomes: LesionOutcome[]): void {
  const { backend, experiment, orders, input } = run
  const { tf } = backend
  const programs: Program[] = []
  const steps = new Map<PlannedBlock, Compiled>()
  for (const block of new Set(plan)) {
    const program = createProgram(backend)
    programs.push(program)
    const step = ([h, ...flat]: Tensor[]) => [forwardPlanned(tf, block, h, flat).output]
    steps.set(block, program.define('forward through a block', step))
  }
  const through = (h: Tensor, k: number) => forward(run, header, plan[k - 1], steps.get(plan[k - 1])!, h, k)
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
        take(tf.tidy(() => meanCosine(tf, intact[experiment.blocks], h, experiment.batch))),
      )
      if (h !== intact[start]) h.dispose()
      outcomes.push({ cosine: { mean, low, high } })
    }
  } finally {
    intact.slice(1).forEach((state) => state.dispose())
    run.weights.releaseTransient()
    programs.forEach((program) => program.dispose())
  }
}

function forward(
  run: Run,
  { block, remedy }: SeriesGraph,
  planned: PlannedBlock,
  step: Compiled,
  h: Tensor,
  k: number,
): Tensor {
  const { weights, progress } = run
  waitForTurn(run)
  const [next] = step([h, ...weights.block(planned, k)])
  weights.releaseTransient()
  progress.tick(`${block} / ${remedy}: block ${k}`)
  return next
}

/** Mean over samples of the cosine between those of a and b [R, B × positions, N]; [R]. Undefined, NaN, where a row is zero or not finite. */
function meanCosine(tf: TfModule, a: Tensor, b: Tensor, batch: number): Tensor {
  // Divided by its largest entry first, a row's norm stays within range.
  const unit = (stream: Tensor) => {
    const h = stream.shape[1] === batch ? stream : tf.reshape(stream, [stream.shape[0], batch, -1])
    const scaled = tf.div(h, tf.max(tf.abs(h), 2, true))
    return tf.div(scaled, tf.sqrt(tf.sum(tf.square(scaled), 2, true)))
  }
  return tf.mean(tf.sum(tf.mul(unit(a), unit(b)), 2), 1)
}
