import { SvelteMap } from 'svelte/reactivity'
import type { Connection } from '../base/connection'

/** From here on the window's title says how far the work is, and its end is worth a word. Milliseconds. */
const SHOWN_MS = 2000
const LONG_MS = 20_000
const TELL_MS = 250

/** What of the trainer's work is told outside the page: in the title, the task bar, at its end and at leaving. */
export class Work {
  readonly #jobs = new SvelteMap<string, { type: string; since: number }>()
  #fraction = $state.raw<number | null>(null)
  #isShown = $state(false)
  #told = 0
  /** Whether the host has a task bar to show it in. */
  hasTaskBar = false

  constructor(private readonly connection: Connection) {
    connection.onJob = (id, job) => this.#changed(id, job)
  }

  /** How far it is, as the window's title begins; empty where there is little to wait for. */
  get words(): string {
    if (!this.#isShown) return ''
    return this.#fraction === null ? '… ' : `${Math.floor(100 * this.#fraction)} % `
  }

  /** Work that nobody wants to lose by a wrong key: training, or what has run long. */
  get isPrecious(): boolean {
    const now = Date.now()
    return [...this.#jobs.values()].some(({ type, since }) => trains(type) || now - since > LONG_MS)
  }

  #changed(id: string, job: { type: string } | { fraction: number | null } | null) {
    const now = Date.now()
    if (job === null) {
      const ended = this.#jobs.get(id)
      this.#jobs.delete(id)
      if (this.#jobs.size) return
      this.#fraction = null
      this.#isShown = false
      const isLong = ended !== undefined && now - ended.since > LONG_MS
      // Whether that is news, the host knows: who looks at the window has seen it.
      this.#tell(isLong ? endedWords(ended.type) : null)
      return
    }
    if ('type' in job) return void this.#jobs.set(id, { type: job.type, since: now })
    const since = this.#jobs.get(id)?.since ?? now
    if (now - since < SHOWN_MS) return
    this.#fraction = job.fraction
    this.#isShown = true
    if (now - this.#told > TELL_MS) this.#tell(null)
  }

  #tell(ended: string | null) {
    if (!this.hasTaskBar || (this.#told === 0 && this.#fraction === null && ended === null)) return
    this.#told = this.#fraction === null ? 0 : Date.now()
    this.connection.request({ type: 'window.work', fraction: this.#fraction, ended }).catch(() => {})
  }
}

const trains = (type: string) => type === 'train' || type === 'depth'

const endedWords = (type: string) => (trains(type) ? 'Training has ended.' : 'What you measured is finished.')
