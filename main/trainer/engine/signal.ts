import type { Backend } from '../backend'
import { dataBatch, usesMnist1d } from '../../../shared/data/batch'
import type { Experiment } from '../../../shared/settings/experiment'
import { STREAM } from '../../../shared/numerics/random-streams'
import { inputShape, outputShape, stemOf, type PlannedBlock } from '../../../shared/network/plan'
import type { BackwardPoint, SeriesResult } from '../../../shared/signal/results'
import type { SeriesHeader } from '../../../shared/theory/series'
import type { SignalEvent } from '../../../shared/protocol/protocol'
import type { SignalResult } from '../../../shared/protocol/jobs/signal'
import { positions } from '../../../shared/numerics/shape'
import { emptySummary, setPoint, summarisePoint } from '../../../shared/numerics/statistics'
import { createProgram, type Compiled, type Program } from '../compile'
import { Stopped, type ControlBuffer } from './control'
import { findBackwardNonFinite, findForwardNonFinite } from './first-non-finite'
import {
  ACTIVATION_BUDGET_BYTES,
  WEIGHT_BUDGET_BYTES,
  checkMemory,
  replicasAtOnce,
  signalMemory,
} from './memory'
import { prepareSeries } from './prepared-series'
import { seriesHeaders } from './series-theory'
import { backwardPlanned, forwardPlanned } from './planned'
import { Progress } from './progress'
import { normalTensor, take, waitForTurn } from './run'
import {
  forwardPoint,
  forwardStatistics,
  gatherForward,
  linearNodes,
  nothingGathered,
  safeMeanSquare,
  weightGradientSquare,
  type Gathered,
} from './statistics'
import type { Tensor, TfModule } from './tensor'
import { Weights } from './weights'

/**
 * Draws the networks of every series and measures how the signal goes through them: forward block by block, then backward from an
 * independent standard normal gradient per sample and value at the top (trap 5 of the science reference). Backward computes each block's
 * forward pass once more, so only the h_k are kept: a thousand blocks fit into memory. Replicas that do not fit together are measured in parts.
 * @param budget bytes for the activations of the replicas that are measured together
 * @throws InputError when the networks do not fit; a stop is no error (finished: false)
 */
export function measureSignal(
  backend: Backend,
  experiment: Experiment,
  control: ControlBuffer,
  emit: (event: SignalEvent) => void,
  budget = ACTIVATION_BUDGET_BYTES,
): SignalResult {
  const prepared = prepareSeries(experiment)
  checkMemory(signalMemory(experiment, prepared))
  const headers = seriesHeaders(experiment, prepared)
  emit({ type: 'started', device: deviceStatus(backend), experiment, series: headers })
  const results = headers.map((header) => emptyResult(header, experiment.blocks))
  const plans = prepared.map(({ plan }) => plan)
  const sizes = plans.map((plan) => replicasAtOnce(plan, experiment, budget))
  const parts = sizes.map((size) => Math.ceil(experiment.replicas / size))
  const total = parts.reduce((sum, count) => sum + 2 * count * experiment.blocks, 0)
  const progress = new Progress(total, 'blocks', emit)
  const networks = new Networks(backend.tf, experiment)
  try {
    headers.forEach((_, series) => {
      const started = performance.now()
      const measured = new Measured(results[series], series, experiment.replicas, emit)
      const run = { backend, control, emit, progress, plan: plans[series], measured }
      measureSeries(run, experiment, networks, sizes[series])
      results[series].seconds = (performance.now() - started) / 1000
    })
    return { finished: true, series: results }
  } catch (error) {
    if (error instanceof Stopped) return { finished: false, series: results }
    throw error
  } finally {
    networks.dispose()
  }
}

export const deviceStatus = ({ kind, device }: Backend) => ({ backend: kind, ...device })

function emptyResult(header: SeriesHeader, blocks: number): SeriesResult {
  const stream = () => emptySummary(blocks + 1)
  return {
    ...header,
    q: stream(),
    v: stream(),
    m: stream(),
    p: stream(),
    weightGradientNorm2: emptySummary(blocks),
    seconds: 0,
  }
}

/**
 * h_0 [R, B × positions, N]: Gaussian noise (every replica its own) or the data's first batch (the same for all), through the stem; the caller
 * disposes of it.
 */
export function firstStream(tf: TfModule, experiment: Experiment, weights: Weights): Tensor {
  const { replicas, batch, seed } = experiment
  const shape = inputShape(experiment)
  const rows = batch * positions(shape)
  return tf.tidy(() => {
    const x = usesMnist1d(experiment)
      ? tf.tile(tf.tensor(dataBatch(experiment).x, [1, rows, shape.units]), [replicas, 1, 1])
      : normalTensor(tf, { replicas, batch: rows, width: shape.units, seed }, STREAM.input, weights.first)
    const stem = stemOf(experiment)
    return stem ? forwardPlanned(tf, stem, x, weights.stemParameters(stem)).output : x
  })
}

/** Some replicas: their weights and h_0. */
interface Part {
  experiment: Experiment
  first: number
  weights: Weights
  input: Tensor
}

/** Weights and inputs of replicas; those of the last part are kept, so that series that are measured whole share them. */
class Networks {
  private part: Part | null = null

  constructor(
    private readonly tf: TfModule,
    private readonly experiment: Experiment,
  ) {}

  replicas(first: number, count: number): Part {
    if (this.part?.first === first && this.part.experiment.replicas === count) return this.part
    this.dispose()
    const experiment = { ...this.experiment, replicas: count }
    const weights = new Weights(this.tf, experiment, WEIGHT_BUDGET_BYTES, first)
    return (this.part = { experiment, first, weights, input: firstStream(this.tf, experiment, weights) })
  }

  dispose(): void {
    this.part?.input.dispose()
    this.part?.weights.dispose()
    this.part = null
  }
}

/** What is known of a series' blocks so far, over the replicas measured so far. */
class Measured {
  private readonly forward: Gathered[]
  private readonly p: number[][]
  private readonly norms: number[][]
  private forwardFailure = Infinity
  private backwardFailure = 0

  constructor(
    readonly result: SeriesResult,
    private readonly series: number,
    private readonly replicas: number,
    private readonly emit: (event: SignalEvent) => void,
  ) {
    this.forward = result.q.mean.map(nothingGathered)
    this.p = result.p.mean.map(() => [])
    this.norms = result.weightGradientNorm2.mean.map(() => [])
  }

  /** @param values as `forwardStatistics` makes them; gives for each replica whether all activations are finite */
  addForward(k: number, values: Float32Array, replicas: number): boolean[] {
    const finite = gatherForward(this.forward[k], values, replicas)
    const point = forwardPoint(this.forward[k])
    for (const quantity of ['q', 'v', 'm'] as const) setPoint(this.result[quantity], k, point[quantity])
    this.emit({ type: 'forward', series: this.series, block: k, point })
    // Nothing will be added: thousands of replicas and blocks would fill the memory.
    if (this.forward[k].q.length === this.replicas) this.forward[k] = nothingGathered()
    return finite
  }

  addGradient(k: number, p: Float32Array): void {
    this.p[k].push(...p)
    setPoint(this.result.p, k, summarisePoint(this.p[k]))
  }

  addNorms(k: number, norms: Float32Array): void {
    this.norms[k - 1].push(...norms)
    setPoint(this.result.weightGradientNorm2, k - 1, summarisePoint(this.norms[k - 1]))
  }

  /** Everything known of the gradient at block k; null at k = 0: no weights. */
  emitBackward(k: number): void {
    const point: BackwardPoint = {
      p: summarisePoint(this.p[k]),
      weightGradientNorm2: k > 0 ? summarisePoint(this.norms[k - 1]) : null,
    }
    this.emit({ type: 'backward', series: this.series, block: k, point })
  }

  /** Says where the forward signal first stops being finite; once, unless a later part fails earlier. */
  lookForward(k: number, replicas: number, find: () => Found): void {
    if (k === 0 || k >= this.forwardFailure || Number.isFinite(this.result.q.mean[k])) return
    this.forwardFailure = k
    this.tell(k, this.result.q.mean[k - 1], replicas, find())
  }

  /** And the backward signal, from the top down. */
  lookBackward(k: number, replicas: number, find: () => Found): void {
    if (k <= this.backwardFailure || Number.isFinite(this.result.p.mean[k - 1])) return
    this.backwardFailure = k
    this.tell(k, this.result.p.mean[k], replicas, find())
  }

  private tell(block: number, before: number, replicas: number, found: Found): void {
    this.emit({ type: 'non-finite', series: this.series, block, before, replicas, ...found })
  }
}

type Found = ReturnType<typeof findForwardNonFinite>

interface Run {
  backend: Backend
  control: ControlBuffer
  progress: Progress
  plan: PlannedBlock[]
  measured: Measured
}

function measureSeries(run: Run, experiment: Experiment, networks: Networks, atOnce: number): void {
  const programs: Program[] = []
  const compiled = new Map<PlannedBlock, Steps>()
  const stepsOf = (block: PlannedBlock) => {
    const steps = compiled.get(block) ?? defineSteps(run, experiment, block, programs)
    compiled.set(block, steps)
    return steps
  }
  try {
    for (let first = 0; first < experiment.replicas; first += atOnce) {
      const part = networks.replicas(first, Math.min(atOnce, experiment.replicas - first))
      const states = [part.input]
      try {
        const finite = forwardPass(run, part, stepsOf, states)
        backwardPass(run, part, stepsOf, states, finite)
      } finally {
        states.slice(1).forEach((state) => state.dispose())
        part.weights.releaseTransient()
      }
    }
  } finally {
    programs.forEach((program) => program.dispose())
  }
}

interface Steps {
  /** [h_k] → [statistics]. */
  look: Compiled
  /** [h_{k-1}, …parameters] → [h_k, statistics]. */
  forward: Compiled
  /** [h_{k-1}, g_k, …parameters] → [g_{k-1}, mean square of g_{k-1} and squared norm of the weight gradients]. */
  backward: Compiled
}

/** Of one kind of block. */
function defineSteps(
  { backend }: Run,
  { batch }: Experiment,
  block: PlannedBlock,
  programs: Program[],
): Steps {
  const { tf } = backend
  const { graph } = block
  const program = createProgram(backend)
  programs.push(program)
  return {
    look: program.define('statistics of the input', ([h]) => [forwardStatistics(tf, graph, null, h, batch)]),
    forward: program.define('forward through a block', ([h, ...flat]) => {
      const trace = forwardPlanned(tf, block, h, flat)
      return [trace.output, forwardStatistics(tf, graph, trace, trace.output, batch)]
    }),
    backward: program.define('backward through a block', ([h, gradient, ...flat]) => {
      const trace = forwardPlanned(tf, block, h, flat)
      const back = backwardPlanned(tf, block, trace, gradient, flat)
      const ofWeights = linearNodes(graph).flatMap((id) => back.parameters.get(id)?.slice(0, 1) ?? [])
      // The loss is a mean over the batch; the gradient at the top is one sample's.
      const norm2 = tf.div(weightGradientSquare(tf, ofWeights, h.shape[0]), tf.scalar(batch ** 2))
      return [back.input, tf.concat([safeMeanSquare(tf)(back.input), norm2])]
    }),
  }
}

type StepsOf = (block: PlannedBlock) => Steps

/** Measures h_0..h_L, and keeps them in `states`; gives for each k and replica whether all activations are finite. */
function forwardPass(run: Run, part: Part, stepsOf: StepsOf, states: Tensor[]): boolean[][] {
  const { backend, plan, measured, progress } = run
  const { experiment, weights } = part
  const { replicas } = experiment
  const finite: boolean[][] = []
  for (let k = 0; k <= plan.length; k++) {
    waitForTurn(run)
    const parameters = k > 0 ? weights.block(plan[k - 1], k) : []
    const outputs =
      k > 0
        ? stepsOf(plan[k - 1]).forward([states[k - 1], ...parameters])
        : stepsOf(plan[0]).look([part.input])
    finite.push(measured.addForward(k, take(outputs[outputs.length - 1]), replicas))
    if (k > 0) states.push(outputs[0])
    measured.lookForward(k, experiment.replicas, () =>
      findForwardNonFinite(backend, plan[k - 1], states[k - 1], parameters),
    )
    weights.releaseTransient()
    if (k > 0) progress.tick(progressText(run, part, `forward, block ${k}`))
  }
  return finite
}

function progressText({ plan, measured }: Run, { first, experiment }: Part, what: string): string {
  const { block, remedy } = measured.result
  const networks = first > 0 ? `, networks from ${first + 1} to ${first + experiment.replicas}` : ''
  return `${block} / ${remedy}: ${what} of ${plan.length}${networks}`
}

/**
 * Measures the gradients from the top down. Below activations that are not finite no gradient is defined, whatever an implementation's ReLU
 * makes of NaN: those replicas are NaN from there on.
 */
function backwardPass(run: Run, part: Part, stepsOf: StepsOf, states: Tensor[], finite: boolean[][]): void {
  const { backend, plan, measured, progress } = run
  const { experiment, weights, first } = part
  const { replicas, batch, seed } = experiment
  const { tf } = backend
  const blocks = plan.length
  const shape = outputShape(plan[blocks - 1])
  const top = { replicas, batch: batch * positions(shape), width: shape.units, seed }
  let gradient = normalTensor(tf, top, STREAM.topGradient, first)
  const topSquares = take(tf.tidy(() => safeMeanSquare(tf)(gradient)))
  const lost = finite[blocks].map((isFinite) => !isFinite)
  const unlessLost = (values: Float32Array) => values.map((value, r) => (lost[r] ? NaN : value))
  const scaled = (squares: Float32Array) => unlessLost(squares.map((square, r) => square / topSquares[r]))
  measured.addGradient(blocks, scaled(topSquares))
  try {
    for (let k = blocks; k >= 1; k--) {
      waitForTurn(run)
      finite[k - 1].forEach((isFinite, r) => (lost[r] ||= !isFinite))
      const parameters = weights.block(plan[k - 1], k)
      const [next, statistics] = stepsOf(plan[k - 1]).backward([states[k - 1], gradient, ...parameters])
      const values = take(statistics)
      measured.addNorms(k, unlessLost(values.subarray(replicas)))
      measured.emitBackward(k)
      measured.addGradient(k - 1, scaled(values.subarray(0, replicas)))
      measured.lookBackward(k, replicas, () =>
        lost.some(Boolean)
          ? { quantity: 'gradient', operation: 'activations that are not finite' }
          : findBackwardNonFinite(backend, plan[k - 1], states[k - 1], gradient, parameters),
      )
      gradient.dispose()
      gradient = next
      weights.releaseTransient()
      progress.tick(progressText(run, part, `backward, block ${k}`))
    }
    measured.emitBackward(0)
  } finally {
    gradient.dispose()
  }
}
