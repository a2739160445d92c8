import type { Backend } from '../backend'
import {
  addEvaluation,
  copyOfEvaluations,
  noEvaluations,
  outcomeAt,
  type Evaluations,
  type Shattering,
  type TrainedSeries,
} from '../../../shared/network/results'
import { endsEarly, evaluationInterval, learningRateAt } from '../../../shared/network/schedule'
import type { EvaluatedEvent, TrainEvent, TrainFrame } from '../../../shared/protocol/jobs/train'
import type { XlaChoice } from '../../../shared/runs/computed'
import type { Experiment } from '../../../shared/settings/experiment'
import type { Runner } from '../compile'
import type { TrainingState } from './checkpoint/training-state'
import { KeptFrames } from './kept-frames'
import type { PreparedSeries } from './prepared-series'
import { drawOnce, type TrainableParameters } from './trainable-parameters'
import { TrainableSeries } from './trainable-series'
import { Batches } from './training-batches'
import { shatteringOf } from './shattering'
import { blocksPassed, evaluate, takeStatistics } from './training-evaluation'
import { FailureReport } from './training-failures'
import type { Mode } from './training-step'
import { SegmentedSteps } from './training-segments'
import { WholeSteps, type Prepare, type Steps } from './training-steps'
import { measuredXla, wantedXla } from './training-xla'

/** At which evaluations gradients are measured: at every one, at the first and the last, at none. */
export type ShatteringPlan = 'always' | 'ends' | 'never'

/** How steps are computed. */
export interface StepsWay {
  /** Blocks of a segment, where steps go through in segments (`SegmentedSteps`); null: they are whole. */
  segment: number | null
  /** Whether XLA compiles them: as measurements say where it is to be tried. Segments are never compiled by it. */
  xla: boolean | 'measured'
}

/** From here on steps that nobody watches leave their statistics out: the first ones do not wait for their graph. */
const FIRST_PLAIN_STEP = 100
/** Trainings of so many steps have none: what they would save is less than it takes to compile them. */
const FEWEST_STEPS = 600

/**
 * The networks of every series, trained side by side, step for step on the same batches, with all that is known of how
 * they did. What a step does depends on the variables of `networks` and on `step` alone.
 */
export class Training {
  /** Updates made. */
  step = 0
  readonly networks: TrainableSeries[] = []
  /** By series. */
  evaluations: Evaluations[]
  kept: KeptFrames
  private failures: FailureReport
  /** Those of the series that are not given up; null: none are made yet. */
  private steps: Steps | null = null
  private choice: XlaChoice | null = null
  /** Of one that goes on from a checkpoint: steps are computed as they were, since the two round otherwise. */
  private isDecided = false
  private readonly batches: Batches
  private readonly interval: number
  private readonly begun = performance.now()
  /** Of the part before the checkpoint that it goes on from. */
  private secondsBefore = 0

  /**
   * @param experiment as `trainingExperiment` makes it
   * @param emit told of failures, and once more of all that a checkpoint holds
   * @param drawn told of each block whose parameters are drawn; may throw
   */
  constructor(
    backend: Backend,
    private readonly experiment: Experiment,
    private readonly prepared: readonly PreparedSeries[],
    private readonly emit: (event: TrainEvent) => void,
    private readonly shattering: ShatteringPlan = 'never',
    private readonly way: StepsWay = { segment: null, xla: false },
    drawn?: () => void,
  ) {
    this.interval = evaluationInterval(experiment)
    this.evaluations = prepared.map(noEvaluations)
    this.kept = new KeptFrames(this.mostEvaluations)
    this.batches = new Batches(experiment)
    try {
      const numbers = prepared.length > 1 ? drawOnce() : undefined
      for (const one of prepared)
        this.networks.push(new TrainableSeries(backend, one, experiment, numbers, drawn))
    } catch (error) {
      this.dispose()
      throw error
    }
    this.failures = new FailureReport(this.networks, experiment, emit)
  }

  private get mostEvaluations(): number {
    return Math.ceil(this.experiment.steps / this.interval) + 1
  }

  /** What became of compiling steps by XLA; null: it was not tried. */
  get xla(): XlaChoice | null {
    return this.choice
  }

  /** What it knows between two steps, beside the arrays of its networks. */
  get state(): TrainingState {
    return {
      step: this.step,
      seconds: this.secondsBefore + (performance.now() - this.begun) / 1000,
      frames: this.kept.state,
      failures: this.failures.state,
      evaluations: this.evaluations.map(copyOfEvaluations),
      xla: this.xla,
      series: this.networks.map((network) => network.state),
    }
  }

  /** Goes on from a checkpoint whose arrays the networks have already, and tells all again that was told before it. */
  goOnFrom(before: TrainingState): void {
    this.step = before.step
    this.secondsBefore = before.seconds
    this.choice = before.xla
    this.isDecided = true
    this.forgetSteps()
    this.kept = new KeptFrames(this.mostEvaluations, before.frames)
    this.failures = new FailureReport(this.networks, this.experiment, this.emit, before.failures)
    this.evaluations = before.evaluations
    before.evaluations[0].step.forEach((step, at) => {
      const series = before.evaluations.map(({ train, test, shattering }) => ({
        train: { loss: train.loss[at], error: train.error[at] },
        test: { loss: test.loss[at], error: test.error[at] },
        ...measured(shattering?.[at]),
      }))
      this.emit({ type: 'evaluated', step, learningRate: before.evaluations[0].learningRate[at], series })
    })
    before.frames.frames.forEach(this.emit)
    before.failures.found.forEach((failure) => failure && this.emit({ type: 'non-finite', ...failure }))
  }

  /** Whether the networks are to be evaluated before the next step. */
  get isDue(): boolean {
    return this.step % this.interval === 0
  }

  /** Whether the evaluations say that training is to end early. */
  get endsEarly(): boolean {
    return endsEarly(this.evaluations, this.experiment.patience)
  }

  /**
   * Records the steps, and leaves all as it was: to be called once, before the first step.
   * @param show told the picture before the first step, which does not wait until all is compiled
   * @param prepare told what is prepared
   * @param say told what else is done before
   */
  async record(
    show: (frame: TrainFrame) => void,
    prepare?: Prepare,
    say: (what: string) => void = () => {},
  ): Promise<void> {
    const { x, y } = this.batches.at(0)
    await this.decide(x, y, say)
    const outputs = await this.recorded('probed step', x, y, prepare)
    if (this.step === 0) {
      const frame = this.frame(outputs)
      this.kept.add(frame)
      show(frame)
    }
    if (this.hasPlainSteps) await this.recorded('step', x, y, prepare)
  }

  /** Whether XLA compiles the steps. */
  private async decide(x: Float32Array, y: Float32Array, say: (what: string) => void): Promise<void> {
    const { experiment, step, way } = this
    const xla = this.isDecided ? (this.choice?.used ?? false) : way.xla
    const series = this.running.map(({ parameters }) => parameters)
    if (xla === false || way.segment !== null || !series.length) return
    const trial = {
      ...{ steps: experiment.steps - step, graphs: this.hasPlainSteps ? 2 : 1, size: experiment, say },
      blocks: series.reduce((sum, { plan }) => sum + plan.length, 0),
      make: (runner: Runner) => new WholeSteps(series, runner),
      look: (steps: Steps) => steps.run('look', x, y, step),
    }
    const choice = xla === 'measured' ? await measuredXla(trial) : await wantedXla(trial)
    // What was measured at its beginning still tells why.
    this.choice = choice?.used ? (this.choice ?? choice) : choice
    this.isDecided = true
  }

  /** Steps without statistics take less time, but the time to compile them once more: in short trainings more of it. */
  private get hasPlainSteps(): boolean {
    return this.experiment.steps > FEWEST_STEPS
  }

  /**
   * One step of all networks on the next batch.
   * @param isWatched whether somebody wants its frame; one that is due to be evaluated has one always
   * @returns its frame, if it has one
   */
  async advance(isWatched: boolean): Promise<TrainFrame | null> {
    const isShown = this.step > 0 && (this.isDue || isWatched)
    const isProbed = isShown || !this.hasPlainSteps || this.step < FIRST_PLAIN_STEP
    const { x, y } = this.batches.at(this.step)
    const mode = isProbed ? 'probed step' : 'step'
    const outputs = await this.update(mode, x, y)
    const frame = isShown ? this.frame(outputs) : null
    if (frame && this.isDue) {
      this.kept.add(frame)
      // Only what depends on no clock decides whether networks are given up.
      await this.giveUpLost(outputs, x, y)
    }
    await this.failures.look(this.step, outputs, x)
    this.step++
    return frame
  }

  /** What the next step would show, without an update. */
  async look(): Promise<TrainFrame> {
    const { x, y } = this.batches.at(this.step)
    return this.frame(await this.ofAll((steps) => steps.run('look', x, y, this.step)))
  }

  private async update(mode: Mode, x: Float32Array, y: Float32Array): Promise<Float32Array[]> {
    const started = performance.now()
    const outputs = await this.ofAll((steps) => steps.run(mode, x, y, this.step))
    const { running } = this
    const share = (performance.now() - started) / running.length
    running.forEach((network) => network.updated(share))
    return outputs
  }

  private recorded(mode: Mode, x: Float32Array, y: Float32Array, prepare?: Prepare): Promise<Float32Array[]> {
    return this.ofAll((steps) => steps.record(mode, x, y, prepare))
  }

  private get running(): TrainableSeries[] {
    return this.networks.filter(({ lost }) => !lost)
  }

  /** By series, also those that are given up. @param compute those of the others */
  private async ofAll(compute: (steps: Steps) => Promise<Float32Array[]>): Promise<Float32Array[]> {
    const { running } = this
    if (running.length) this.steps ??= this.newSteps(running.map(({ parameters }) => parameters))
    const computed = running.length ? await compute(this.steps!) : []
    return this.networks.map(({ lost }) => lost ?? computed.shift()!)
  }

  private newSteps(series: readonly TrainableParameters[]): Steps {
    const { segment } = this.way
    if (segment !== null) return new SegmentedSteps(series, segment)
    return new WholeSteps(series, this.choice?.used ? 'xla' : 'kernels')
  }

  /** Networks that are given up cost the others no time: steps without them are recorded. */
  private async giveUpLost(outputs: Float32Array[], x: Float32Array, y: Float32Array): Promise<void> {
    const before = this.running.length
    this.networks.forEach((network, i) => network.giveUpLost(outputs[i]))
    if (this.running.length === before) return
    this.forgetSteps()
    await this.recorded('probed step', x, y)
    if (this.hasPlainSteps) await this.recorded('step', x, y)
  }

  private forgetSteps(): void {
    this.steps?.dispose()
    this.steps = null
  }

  private frame(outputs: Float32Array[]): TrainFrame {
    const series = outputs.map((values, i) => this.networks[i].frame(values))
    return { type: 'frame', step: this.step, learningRate: this.learningRate, series }
  }

  private get learningRate(): number {
    return learningRateAt(this.step, this.experiment)
  }

  /**
   * The networks as they are, on all samples; once for each step.
   * @param isLast whether no other comes after it
   * @param tell makes of the number of blocks to pass who is told of each; that may throw
   */
  async evaluate(isLast = false, tell?: (blocks: number) => () => void): Promise<EvaluatedEvent | null> {
    const { step, learningRate } = this
    const isEnd = step === 0 || isLast
    const isMeasured = this.shattering === 'always' || (this.shattering === 'ends' && isEnd)
    if (this.evaluations[0].step.at(-1) === step) {
      if (isMeasured) await this.measureLast()
      return null
    }
    const passed = tell?.(this.networks.reduce((sum, network) => sum + blocksPassed(network), 0))
    const series: EvaluatedEvent['series'] = []
    for (const network of this.networks) {
      const outcomes = await evaluate(network, passed)
      series.push({ ...outcomes, ...(isMeasured ? { shattering: await shatteringOf(network) } : {}) })
    }
    series.forEach((outcomes, i) => {
      const shattering = this.shattering === 'never' ? {} : { shattering: outcomes.shattering ?? null }
      addEvaluation(this.evaluations[i], { step, learningRate, ...outcomes, ...shattering })
    })
    return { type: 'evaluated', step, learningRate, series }
  }

  /** Gradients at the last evaluation, where it was not known to be the last. */
  private async measureLast(): Promise<void> {
    for (const [i, { step, shattering }] of this.evaluations.entries()) {
      if (!shattering || shattering[step.length - 1]) continue
      await takeStatistics(this.networks[i])
      shattering[step.length - 1] = await shatteringOf(this.networks[i])
    }
  }

  /** @param weights with the first network's parameters */
  async results(weights: boolean): Promise<TrainedSeries[]> {
    const trained = weights ? await Promise.all(this.networks.map((network) => network.trained())) : null
    return this.networks.map((network, i) => ({
      block: this.prepared[i].series.block,
      remedy: this.prepared[i].series.remedy,
      skip: this.experiment.skip,
      parameters: network.size,
      evaluations: this.evaluations[i],
      train: outcomeAt(this.evaluations[i].train, -1),
      test: outcomeAt(this.evaluations[i].test, -1),
      failure: this.failures.found[i],
      seconds: network.milliseconds / 1000,
      ...(trained ? { weights: trained[i] } : {}),
    }))
  }

  dispose(): void {
    this.forgetSteps()
    this.networks.forEach((network) => network.dispose())
  }
}

const measured = (shattering: Shattering | null | undefined) => (shattering ? { shattering } : {})
