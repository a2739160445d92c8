import type { Experiment } from '../../../shared/experiment'
import { defaultLesionSettings, type LesionSettings } from '../../../shared/lesion-settings'
import type { LesionResult } from '../../../shared/protocol'
import type { Connection } from '../../connection'
import { JobState } from '../../state/job-state.svelte'
import { measuredKey } from '../../state/measure-trigger'

export type Side = 'residual' | 'plain'
export type Chart = 'each' | 'random'
type Results = Partial<Record<`${Side} ${Chart}`, LesionResult>>

const ORDER: readonly [Side, Chart][] = [
  ['residual', 'each'],
  ['plain', 'each'],
  ['residual', 'random'],
  ['plain', 'random'],
]

/** Four jobs, one after the other: each block in turn and random deletions, with skip connections and without. */
export class LesionRun {
  readonly job: JobState<'lesion'>
  #results = $state.raw<Results>({})
  #key = $state<string | null>(null)
  #part = $state(0)
  #settings = $state.raw<LesionSettings | null>(null)
  #depth = $state(0)
  #seconds = $state(0)
  #generation = 0

  constructor(connection: Connection) {
    this.job = new JobState(connection)
  }

  result(side: Side, chart: Chart): LesionResult | null {
    return this.#results[`${side} ${chart}`] ?? null
  }
  /** Of what is shown. */
  get settings(): LesionSettings | null {
    return this.#settings
  }
  get depth(): number {
    return this.#depth
  }
  /** Of all parts that have ended. */
  get seconds(): number {
    return this.#seconds
  }
  /** "2 of 4", while it runs. */
  get part(): string {
    return `${this.#part + 1} of ${ORDER.length}`
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
    const { replicas, batch } = settings
    for (const [part, [side, chart]] of ORDER.entries()) {
      this.#part = part
      const skip = side === 'residual' ? 'on' : 'off'
      const lesion = chart === 'each' ? { each: settings.kind } : { random: settings.draws }
      const document = { ...experiment, skip, replicas, batch } as unknown as Record<string, unknown>
      await this.job.start({ type: 'lesion', experiment: document, lesion })
      if (generation !== this.#generation || this.job.error) return
      if (part === 0) {
        // Everything on the screen belongs to one request.
        this.#results = {}
        this.#seconds = 0
        this.#settings = settings
        this.#depth = experiment.blocks
      }
      this.#results = { ...this.#results, [`${side} ${chart}`]: this.job.reply! }
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
  const { replicas, batch } = lesionSettings(experiment)
  return `${measuredKey({ ...experiment, skip: 'on', replicas, batch })}${JSON.stringify(lesionSettings(experiment))}`
}
