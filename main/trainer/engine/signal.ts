import type { Backend } from '../backend'
import type { Experiment } from '../../../shared/settings/experiment'
import { seriesTitle } from '../../../shared/network/series-names'
import { STREAM } from '../../../shared/numerics/random-streams'
import { outputShape, type PlannedBlock } from '../../../shared/network/plan'
import type { SeriesResult } from '../../../shared/signal/results'
import { PENDING_THEORY, type SeriesHeader } from '../../../shared/theory/series'
import type { SignalEvent } from '../../../shared/protocol/protocol'
import type { SignalResult } from '../../../shared/protocol/jobs/signal'
import { positions } from '../../../shared/numerics/shape'
import { emptySummary } from '../../../shared/numerics/statistics'
import { createProgram, type Compiled, type Program } from '../compile'
import { Stopped, type ControlBuffer } from './control'
import { deviceStatus } from './device-status'
import { findBackwardNonFinite, findForwardNonFinite } from './first-non-finite'
import { firstStream } from './first-stream'
import {
  ACTIVATION_BUDGET_BYTES,
  WEIGHT_BUDGET_BYTES,
  checkMemory,
  replicasAtOnce,
  signalMemory,
} from './memory'
import { prepareSeries } from './prepared-series'
import { backwardPlanned, forwardPlanned } from './planned-block'
import { Progress, waitForTurn, waitForTurnNow } from './progress'
import { SignalRecord } from './signal-record'
import { normalTensor, takeValues } from './tensor-values'
import { forwardStatistics, linearNodes, safeMeanSquare, weightGradientSquare } from './statistics'
import type { Tensor, TfModule } from './tensor'
import type { TheoryNews } from './series-theory'
import { theoriesHere, type AskTheories } from './theories'
import { Weights } from './weights'

/**
 * Draws the networks of every series and measures how the signal goes through them: forward block by block,
 * then backward from an independent standard normal gradient per sample and value at the top. Backward
 * computes each block's forward pass once more, so only the h_k are kept: a thousand blocks fit into memory.
 * Replicas that do not fit together are measured in parts.
 * Theory comes from elsewhere meanwhile: its events stand anywhere among the others, and the result has all of it.
 * @param budget bytes for the activations of the replicas that are measured together
 * @throws InputError when the networks do not fit; a stop is no error (finished: false)
 */
export async function measureSignal(
  backend: Backend,
  experiment: Experiment,
  control: ControlBuffer,
  emit: (event: SignalEvent) => void,
  budget = ACTIVATION_BUDGET_BYTES,
  askTheories: AskTheories = theoriesHere,
): Promise<SignalResult> {
  const prepared = prepareSeries(experiment)
  checkMemory(signalMemory(experiment, prepared))
  const headers = prepared.map(({ series }): SeriesHeader => ({ ...series, theory: PENDING_THEORY }))
  emit({ type: 'started', device: deviceStatus(backend), experiment, series: headers })
  const results = headers.map((header) => emptyResult(header, experiment.blocks))
  const plans = prepared.map(({ plan }) => plan)
  const sizes = plans.map((plan) => replicasAtOnce(plan, experiment, budget))
  const parts = sizes.map((size) => Math.ceil(experiment.replicas / size))
  const total = parts.reduce((sum, count) => sum + 2 * count * experiment.blocks, 0)
  const progress = new Progress(total, 'blocks', emit)
  const networks = new ReplicaParts(backend.tf, experiment)
  const theories = askTheories(experiment, prepared)
  const take = (news: readonly TheoryNews[]) =>
    news.forEach(({ series, theory, isWhole }) => {
      results[series].theory = theory
      if (!isWhole) emit({ type: 'theory', series, theory })
    })
  const turn = async () => {
    take(theories.come())
    await waitForTurn({ control, progress })
  }
  try {
    for (const [series, plan] of plans.entries()) {
      const started = performance.now()
      const measured = new SignalRecord(results[series], series, experiment.replicas, emit)
      const run = { backend, turn, progress, plan, measured }
      await measureSignalSeries(run, experiment, networks, sizes[series])
      results[series].seconds = (performance.now() - started) / 1000
    }
    const turnNow = () => waitForTurnNow({ control, progress })
    take(await theories.rest(turnNow, () => progress.say('Waiting for theory')))
    return { finished: true, series: results }
  } catch (error) {
    if (error instanceof Stopped) return { finished: false, series: results }
    throw error
  } finally {
    theories.end()
    networks.dispose()
  }
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
    seconds: 0,
  }
}

/** Some replicas: their weights and h_0. */
interface Part {
  experiment: Experiment
  first: number
  weights: Weights
  input: Tensor
}

/**
 * Weights and inputs of replicas; those of the last part are kept, so that series that are measured whole
 * share them.
 */
class ReplicaParts {
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

interface Run {
  backend: Backend
  /** Before each block: waits while the job is paused. @throws Stopped */
  turn: () => Promise<void>
  progress: Progress
  plan: PlannedBlock[]
  measured: SignalRecord
}

async function measureSignalSeries(
  run: Run,
  experiment: Experiment,
  networks: ReplicaParts,
  atOnce: number,
): Promise<void> {
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
        const finite = await forwardPass(run, part, stepsOf, states)
        await backwardPass(run, part, stepsOf, states, finite)
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

/** The compiled steps of one kind of block. */
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
async function forwardPass(run: Run, part: Part, stepsOf: StepsOf, states: Tensor[]): Promise<boolean[][]> {
  const { backend, plan, measured, progress } = run
  const { experiment, weights } = part
  const { replicas } = experiment
  const finite: boolean[][] = []
  for (let k = 0; k <= plan.length; k++) {
    await run.turn()
    const parameters = k > 0 ? weights.block(plan[k - 1], k) : []
    const outputs =
      k > 0
        ? stepsOf(plan[k - 1]).forward([states[k - 1], ...parameters])
        : stepsOf(plan[0]).look([part.input])
    if (k > 0) states.push(outputs[0])
    finite.push(measured.addForward(k, await takeValues(outputs[outputs.length - 1]), replicas))
    await measured.lookForward(k, experiment.replicas, () =>
      findForwardNonFinite(backend, plan[k - 1], states[k - 1], () => parameters),
    )
    weights.releaseTransient()
    if (k > 0) progress.tick(progressText(run, part, `forward, block ${k}`))
  }
  return finite
}

function progressText({ plan, measured }: Run, { first, experiment }: Part, what: string): string {
  const networks = first > 0 ? `, networks from ${first + 1} to ${first + experiment.replicas}` : ''
  return `${seriesTitle(measured.result)}: ${what} of ${plan.length}${networks}`
}

/**
 * Measures the gradients from the top down. Below activations that are not finite no gradient is defined,
 * whatever an implementation's ReLU makes of NaN: those replicas are NaN from there on.
 */
async function backwardPass(
  run: Run,
  part: Part,
  stepsOf: StepsOf,
  states: Tensor[],
  finite: boolean[][],
): Promise<void> {
  const { backend, plan, measured, progress } = run
  const { experiment, weights, first } = part
  const { replicas, batch, seed } = experiment
  const { tf } = backend
  const blocks = plan.length
  const shape = outputShape(plan[blocks - 1])
  const top = { replicas, batch: batch * positions(shape), width: shape.units, seed }
  let gradient = normalTensor(tf, top, STREAM.topGradient, first)
  const topSquares = await takeValues(tf.tidy(() => safeMeanSquare(tf)(gradient)))
  const lost = finite[blocks].map((isFinite) => !isFinite)
  const unlessLost = (values: Float32Array) => values.map((value, r) => (lost[r] ? NaN : value))
  const scaled = (squares: Float32Array) => unlessLost(squares.map((square, r) => square / topSquares[r]))
  measured.addGradient(blocks, scaled(topSquares))
  try {
    for (let k = blocks; k >= 1; k--) {
      await run.turn()
      finite[k - 1].forEach((isFinite, r) => (lost[r] ||= !isFinite))
      const parameters = weights.block(plan[k - 1], k)
      const [next, statistics] = stepsOf(plan[k - 1]).backward([states[k - 1], gradient, ...parameters])
      const values = await takeValues(statistics)
      measured.addNorms(k, unlessLost(values.subarray(replicas)))
      measured.emitBackward(k)
      measured.addGradient(k - 1, scaled(values.subarray(0, replicas)))
      await measured.lookBackward(k, replicas, async () =>
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
