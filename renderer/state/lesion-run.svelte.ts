import type { Experiment } from '../../shared/experiment/experiment'
import { defaultLesionSettings, type LesionSettings } from '../../shared/settings/lesion'
import type { LesionResult } from '../../shared/protocol/protocol'
import type { Connection } from '../base/connection'
import { JobState } from './job-state.svelte'
import { measuredKey, trainedKey } from './measure-trigger'

export type Side = 'residual' | 'plain'
export type Chart = 'each' | 'random'
type Results = Partial<Record<Side, LesionResult>>

/** A lesion of the user's own, as the request takes it. */
export type OneLesionKind = 'delete' | 'duplicate' | 'permute'

interface OneResult {
  results: Results
  networks: number
  error: string | null
}

const SIDES: readonly Side[] = ['residual', 'plain']

/** Two jobs, one after the other: networks with skip connections and without; both with each block in turn and random deletions. */
export class LesionRun {
  readonly job: JobState<'lesion'>
  #results = $state.raw<Results>({})
  #key = $state<string | null>(null)
  #part = $state(0)
  #settings = $state.raw<LesionSettings | null>(null)
  #experiment = $state.raw<Experiment | null>(null)
  #depth = $state(0)
  #networks = $state(0)
  #seconds = $state(0)
  #one = $state.raw<OneResult>({ results: {}, networks: 0, error: null })
  #generation = 0

  readonly #single: JobState<'lesion'>

  constructor(connection: Connection) {
    this.job = new JobState(connection)
    this.#single = new JobState(connection)
  }

  result(side: Side): LesionResult | null {
    return this.#results[side] ?? null
  }
  /** Of what is shown. */
  get settings(): LesionSettings | null {
    return this.#settings
  }
  /** Whose networks are shown. */
  get experiment(): Experiment | null {
    return this.#experiment
  }
  /** Of each curve. */
  get networks(): number {
    return this.#networks
  }
  get depth(): number {
    return this.#depth
  }
  /** Of all parts that have ended. */
  get seconds(): number {
    return this.#seconds
  }
  /** Which networks are measured, while it runs. */
  get part(): Side {
    return SIDES[this.#part]
  }
  /** Whether anything has ever been asked for. */
  get isRequested(): boolean {
    return this.#key !== null
  }

  isStale(experiment: Experiment): boolean {
    return this.#key !== keyOf(experiment)
  }

  async start(experiment: Experiment): Promise<void> {
    const generation = ++this.#generation
    const settings = lesionSettings(experiment)
    this.#key = keyOf(experiment)
    for (const [part, side] of SIDES.entries()) {
      this.#part = part
      const lesion = { each: settings.kind, random: settings.draws }
      await this.job.start(requestOf(experiment, side, lesion))
      if (generation !== this.#generation || this.job.error) return
      if (part === 0) {
        // Everything on the screen belongs to one request.
        this.#results = {}
        this.#seconds = 0
        this.#settings = settings
        this.#experiment = experiment
        this.#depth = experiment.blocks
        this.#networks = networksOf(experiment)
      }
      this.#results = { ...this.#results, [side]: this.job.reply! }
      this.#seconds += this.job.reply!.seconds
      if (!this.job.reply!.finished) return
    }
  }

  /** What came of the last lesion of the user's own. */
  get one(): OneResult {
    return this.#one
  }

  /** One lesion of residual and plain networks; it waits for the survey, if that is running. */
  async try(experiment: Experiment, lesion: Partial<Record<OneLesionKind, unknown[]>>): Promise<void> {
    const generation = ++this.#generation
    this.#one = { results: {}, networks: networksOf(experiment), error: null }
    for (const [part, side] of SIDES.entries()) {
      this.#part = part
      await this.#single.start(requestOf(experiment, side, lesion))
      if (generation !== this.#generation) return
      if (this.#single.error) this.#one = { ...this.#one, error: this.#single.error.message }
      if (this.#single.error || !this.#single.reply!.finished) return
      this.#one = { ...this.#one, results: { ...this.#one.results, [side]: this.#single.reply! } }
    }
  }

  stop(): void {
    this.#single.stop()
    this.job.stop()
  }
}

function requestOf(experiment: Experiment, side: Side, lesion: Record<string, unknown>) {
  const { replicas, batch, training } = lesionSettings(experiment)
  const skip = side === 'residual' ? 'on' : 'off'
  // Training has its own numbers of networks and samples, the experiment's.
  const own = training ? {} : { replicas, batch }
  const document = { ...experiment, skip, ...own } as unknown as Record<string, unknown>
  return { type: 'lesion' as const, experiment: document, lesion, training }
}

/** Of each curve. */
const networksOf = (experiment: Experiment) => {
  const { training, replicas } = lesionSettings(experiment)
  return training ? experiment.trainReplicas : replicas
}

export const lesionSettings = (experiment: Experiment): LesionSettings =>
  experiment.lesion ?? defaultLesionSettings()

/** What the lesions depend on: the view sets the skip connection, replicas and batch itself. */
function keyOf(experiment: Experiment): string {
  const settings = lesionSettings(experiment)
  const { replicas, batch, training } = settings
  const part = training
    ? trainedKey({ ...experiment, skip: 'on' })
    : measuredKey({ ...experiment, skip: 'on', replicas, batch })
  return `${part}${JSON.stringify(settings)}`
}
