import { evaluatedSamples } from '../../shared/network/schedule'
import type { Experiment } from '../../shared/settings/experiment'
import { defaultLesionSettings, type LesionSettings } from '../../shared/settings/lesion'
import { countOfEach, deletionCounts } from '../../shared/lesion/lesion'
import type { LesionResult } from '../../shared/lesion/results'
import type { RunDocument } from '../../shared/runs/run'
import type { Connection } from '../base/connection'
import { surveyCost, trainingCost } from './cost'
import { isTrained } from './lesion-asked'
import { NOT_KEPT, keepingOf, type Keeping } from './keeping'
import { trainerJob } from './parts'
import { questionKey } from './question'
import { Task, type Expected, type TaskRun } from './task.svelte'

export type Side = 'residual' | 'plain'
export type Chart = 'each' | 'random'
type Results = Partial<Record<Side, LesionResult>>

/** A lesion of the user's own, as the request takes it. */
export type OneLesionKind = 'delete' | 'duplicate' | 'permute'

interface OneResult {
  results: Results
  networks: number
  /** Ids of the runs that they are: one for each side. */
  runs: string[]
  error: string | null
}

const SIDES: readonly Side[] = ['residual', 'plain']

/**
 * A survey of lesions, each block in turn and random deletions, as two jobs of the trainer: networks with skip
 * connections, then without. Beside it, a lesion of the user's own.
 */
export class LesionRun {
  readonly survey = new Task()
  readonly #single = new Task()
  #results = $state.raw<Results>({})
  #part = $state(0)
  #settings = $state.raw<LesionSettings | null>(null)
  #experiment = $state.raw<Experiment | null>(null)
  #depth = $state(0)
  #networks = $state(0)
  #seconds = $state(0)
  #one = $state.raw<Omit<OneResult, 'error'>>({ results: {}, networks: 0, runs: [] })
  #keeping = $state.raw<Partial<Record<Side, Keeping>>>({})

  constructor(private readonly connection: Connection) {}

  result(side: Side): LesionResult | null {
    return this.#results[side] ?? null
  }
  /** The run that a side belongs to: each is one of its own. */
  keeping(side: Side): Keeping {
    return this.#keeping[side] ?? NOT_KEPT
  }
  /** Settings of what is shown. */
  get settings(): LesionSettings | null {
    return this.#settings
  }
  /** Whose networks are shown. */
  get experiment(): Experiment | null {
    return this.#experiment
  }
  /** Networks of each curve. */
  get networks(): number {
    return this.#networks
  }
  get depth(): number {
    return this.#depth
  }
  /** Seconds that all parts took which have ended. */
  get seconds(): number {
    return this.#seconds
  }
  /** Which networks are measured, while it runs. */
  get part(): Side {
    return SIDES[this.#part]
  }
  /** Whether anything has ever been asked for. */
  get isRequested(): boolean {
    return this.survey.isAsked
  }

  isStale(experiment: Experiment): boolean {
    return !this.survey.asks(keyOf(experiment))
  }

  /** Seconds that a survey is to take; null where none of untrained, or of trained, networks was finished yet. */
  secondsFor(experiment: Experiment): number | null {
    return this.survey.secondsFor(expectedOf(experiment))
  }

  start(experiment: Experiment): Promise<void> {
    // The trainer is for what was asked last.
    this.#single.stop()
    const work = async (run: TaskRun) => {
      for (const [part, side] of SIDES.entries()) {
        this.#part = part
        const reply = await trainerJob(run, this.connection, surveyOf(experiment, side))
        // Everything on the screen belongs to one request.
        if (part === 0) this.#begin(experiment)
        this.#add(side, reply, keepingOf(reply))
        if (!reply.finished) return { finished: false, seconds: this.#seconds }
      }
      return { finished: true, seconds: this.#seconds }
    }
    return this.survey.start(keyOf(experiment), work, expectedOf(experiment))
  }

  #begin(experiment: Experiment) {
    this.#results = {}
    this.#keeping = {}
    this.#seconds = 0
    this.#settings = lesionSettings(experiment)
    this.#experiment = experiment
    this.#depth = experiment.blocks
    this.#networks = networksOf(experiment)
  }

  #add(side: Side, result: LesionResult & { seconds: number }, keeping: Keeping) {
    this.#results = { ...this.#results, [side]: result }
    this.#keeping = { ...this.#keeping, [side]: keeping }
    this.#seconds += result.seconds
  }

  /**
   * Lesions of the library, as they were found: those of residual networks, of plain ones, or both. A single lesion is
   * the user's own; the survey beside it stays.
   */
  show(documents: readonly RunDocument[]): void {
    const [{ entry, experiment }] = documents
    this.#single.stop()
    this.#single.cancel()
    if (isSingle(documents[0])) {
      const results = documents.map((one) => [sideOf(one.experiment), one.result as LesionResult])
      const networks = networksIn(documents[0])
      const runs = documents.map((one) => one.entry.id)
      this.#one = { results: Object.fromEntries(results) as Results, networks, runs }
      return
    }
    this.survey.finished(keyOf(experiment), entry)
    this.#begin(experiment)
    for (const one of documents) {
      const side = sideOf(one.experiment)
      const result = { ...(one.result as LesionResult), seconds: one.entry.seconds }
      this.#add(side, result, { run: one.entry.id, problem: null })
    }
  }

  /** What came of the last lesion of the user's own. */
  get one(): OneResult {
    return { ...this.#one, error: this.#single.error?.message ?? null }
  }

  /** One lesion of residual and plain networks; it waits for the survey, if that is running. */
  try(experiment: Experiment, lesion: Partial<Record<OneLesionKind, unknown[]>>): Promise<void> {
    const networks = networksOf(experiment)
    this.#one = { results: {}, networks, runs: [] }
    return this.#single.start(`${keyOf(experiment)}${JSON.stringify(lesion)}`, async (run) => {
      for (const side of SIDES) {
        const reply = await trainerJob(run, this.connection, requestOf(experiment, side, lesion))
        if (!reply.finished) return { finished: false, seconds: reply.seconds }
        const kept = keepingOf(reply).run
        const runs = [...this.#one.runs, ...(kept === null ? [] : [kept])]
        this.#one = { results: { ...this.#one.results, [side]: reply }, networks, runs }
      }
    })
  }

  stop(): void {
    this.#single.stop()
    this.survey.stop()
  }
}

const sideOf = ({ skip }: Pick<Experiment, 'skip'>): Side => (skip === 'on' ? 'residual' : 'plain')

/** Whether a run is of one lesion, and of no survey. */
function isSingle({ result }: RunDocument): boolean {
  const { lesions = [], each = 0 } = (result ?? {}) as Partial<LesionResult>
  return each === 0 && lesions.length === 1
}

/** Networks of each curve of a run. */
function networksIn({ experiment, result }: RunDocument): number {
  return isTrained(result as LesionResult) ? experiment.trainReplicas : experiment.replicas
}

function requestOf(experiment: Experiment, side: Side, lesion: Record<string, unknown>) {
  const { replicas, batch, training, statistics } = lesionSettings(experiment)
  const skip = side === 'residual' ? 'on' : 'off'
  // Training has its own numbers of networks and samples, the experiment's.
  const own = training ? {} : { replicas, batch }
  const document = { ...experiment, skip, ...own } as unknown as Record<string, unknown>
  return {
    type: 'lesion' as const,
    experiment: document,
    lesion,
    training,
    ...(training ? { statistics } : {}),
  }
}

function surveyOf(experiment: Experiment, side: Side) {
  const { kind, draws } = lesionSettings(experiment)
  return requestOf(experiment, side, { each: kind, random: draws })
}

/** The jobs of a survey, as the queue takes them: residual networks, then plain ones. */
export const surveyJobs = (experiment: Experiment) => SIDES.map((side) => surveyOf(experiment, side))

/** Networks of each curve. */
const networksOf = (experiment: Experiment) => {
  const { training, replicas } = lesionSettings(experiment)
  return training ? experiment.trainReplicas : replicas
}

export const lesionSettings = (experiment: Experiment): LesionSettings =>
  experiment.lesion ?? defaultLesionSettings()

/** A survey of both sides. Training counts, too. */
function expectedOf(experiment: Experiment): Expected {
  const { kind, draws, batch, training } = lesionSettings(experiment)
  const { blocks, seed } = experiment
  const each = countOfEach({ set: 'survey', kind, draws, seed }, blocks)
  const changed = each + draws * deletionCounts(blocks).length
  const { training: learned, test } = evaluatedSamples(experiment)
  const samples = training ? learned + test : batch
  const measured = surveyCost({ ...experiment, replicas: networksOf(experiment), batch: samples }, changed)
  // Whatever it is evaluated for on the way, gradients are not measured then.
  const trained = training ? trainingCost({ ...experiment, shattering: 'off' }) : 0
  return { kind: training ? 'trained' : 'untrained', cost: SIDES.length * (measured + trained) }
}

/** What the lesions depend on: the view sets the skip connection, replicas and batch itself. */
function keyOf(experiment: Experiment): string {
  const asks = lesionSettings(experiment)
  const { replicas, batch, training } = asks
  const both: Experiment = { ...experiment, skip: 'on' }
  return training
    ? questionKey({ experiment: both, dependsOn: 'training', asks })
    : questionKey({ experiment: { ...both, replicas, batch }, dependsOn: 'measuring', asks })
}
