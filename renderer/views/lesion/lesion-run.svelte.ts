import type { Experiment } from '../../../shared/experiment'
import { defaultLesionSettings, type LesionSettings } from '../../../shared/lesion-settings'
import type { LesionResult } from '../../../shared/protocol'
import type { Connection } from '../../connection'
import { JobState } from '../../state/job-state.svelte'
import { measuredKey, trainedKey } from '../../state/measure-trigger'

export type Side = 'residual' | 'plain'
export type Chart = 'each' | 'random'
type Results = Partial<Record<Side, LesionResult>>

const SIDES: readonly Side[] = ['residual', 'plain']

/** Two jobs, one after the other: networks with skip connections and without; both with each block in turn and random deletions. */
export class LesionRun {
  readonly job: JobState<'lesion'>
  #results = $state.raw<Results>({})
  #key = $state<string | null>(null)
  #part = $state(0)
  #settings = $state.raw<LesionSettings | null>(null)
  #depth = $state(0)
  #networks = $state(0)
  #seconds = $state(0)
  #generation = 0

  constructor(connection: Connection) {
    this.job = new JobState(connection)
  }

  result(side: Side): LesionResult | null {
    return this.#results[side] ?? null
  }
  /** Of what is shown. */
  get settings(): LesionSettings | null {
    return this.#settings
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
    const { replicas, batch, training } = settings
    for (const [part, side] of SIDES.entries()) {
      this.#part = part
      const skip = side === 'residual' ? 'on' : 'off'
      const lesion = { each: settings.kind, random: settings.draws }
      // Training has its own numbers of networks and samples, the experiment's.
      const own = training ? {} : { replicas, batch }
      const document = { ...experiment, skip, ...own } as unknown as Record<string, unknown>
      await this.job.start({ type: 'lesion', experiment: document, lesion, training })
      if (generation !== this.#generation || this.job.error) return
      if (part === 0) {
        // Everything on the screen belongs to one request.
        this.#results = {}
        this.#seconds = 0
        this.#settings = settings
        this.#depth = experiment.blocks
        this.#networks = training ? experiment.trainReplicas : replicas
      }
      this.#results = { ...this.#results, [side]: this.job.reply! }
      this.#seconds += this.job.reply!.seconds
      if (!this.job.reply!.finished) return
    }
  }

  stop(): void {
    this.job.stop()
  }
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
