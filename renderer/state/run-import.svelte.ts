import { messageOf } from '../../shared/base/errors'
import type { ImportLook } from '../../shared/import/look'
import type { GivenFile } from '../../shared/protocol/protocol'
import type { RunEntry } from '../../shared/runs/run'
import type { Connection } from '../base/connection'
import { handOver, placed } from './data-import.svelte'

/** An error of the import, which names options, in the dialog's words. */
const inDialogWords = (message: string): string =>
  message
    .replace('with --run, or describe it by the options of train', 'under Architecture')
    .replace('with --run', 'with an architecture')
    .replace(/--series/g, 'Network')

/**
 * Taking in a run, an export or weights: the file goes to the host, which says what it holds; a run becomes one at
 * once, weights after a look at what matched.
 */
export class RunImport {
  file = $state.raw<GivenFile | null>(null)
  look = $state.raw<ImportLook | null>(null)
  /** Whose architecture the weights are for; empty: the file says it. */
  run = $state('')
  /** Of its networks, counted from 1. */
  series = $state(1)
  networks = $state.raw<readonly string[]>([])
  /** What is being done, for people; null: nothing. */
  busy = $state<string | null>(null)
  problem = $state<string | null>(null)

  /** What is under way at the host, by its request's id. */
  #job: string | null = null
  /** Counts what was closed: what is still under way for it then comes to nothing. */
  #closed = 0

  constructor(private readonly connection: Connection) {}

  get isOpen(): boolean {
    return this.file !== null || this.busy !== null || this.problem !== null
  }

  /**
   * Begins with a file that the page was given, or asks by the host's dialog.
   * @returns the run, where the file is one
   */
  async begin(files: readonly File[] | null): Promise<RunEntry | null> {
    let taken: RunEntry | null = null
    const closed = this.#closed
    await this.#during('Handing it over', async () => {
      const given = files
        ? await handOver(this.connection, placed(files), (done, total) => {
            if (closed !== this.#closed) throw new Error('It was cancelled.')
            this.busy = `Handing it over: ${Math.floor((100 * done) / Math.max(1, total))} %`
          })
        : await this.connection.request<'data.choose'>({ type: 'data.choose', kind: 'weights' })
      if (!given || closed !== this.#closed) return
      this.file = given
      this.busy = 'Reading it'
      if (!(await this.#look())) taken = await this.#take()
    })
    return taken
  }

  /** Weights for another architecture. @param run empty: the file's own */
  async choose(run: string, series: number): Promise<void> {
    this.run = run
    this.series = series
    await this.#during('Reading it', async () => {
      await this.#look()
    })
  }

  /** @returns the new run; null where there is none: the dialog says why */
  async take(): Promise<RunEntry | null> {
    let taken: RunEntry | null = null
    await this.#during('Importing it', async () => {
      taken = await this.#take()
    })
    return taken
  }

  /** What is under way for it comes to nothing. */
  discard(): void {
    const job = this.#job
    if (job) this.connection.request({ type: 'control', job, action: 'stop' }).catch(() => {})
    this.#closed++
    this.busy = null
    this.file = this.look = this.problem = null
    this.run = ''
    this.series = 1
    this.networks = []
  }

  /** @returns false: the file is a run itself */
  async #look(): Promise<boolean> {
    const { file } = this
    this.look = null
    const { id, reply } = this.connection.start<'import.look'>({ type: 'import.look', ...this.#given() })
    const found = await this.#answer(id, reply)
    // It was closed meanwhile.
    if (!found || this.file !== file) return true
    if (found.isRun) return false
    this.look = found.look
    this.networks = found.networks
    return true
  }

  async #take(): Promise<RunEntry | null> {
    const { file } = this
    const { id, reply } = this.connection.start<'import.take'>({ type: 'import.take', ...this.#given() })
    const run = await this.#answer(id, reply)
    if (run && this.file === file) this.discard()
    return run
  }

  async #answer<T>(id: string, reply: Promise<T>): Promise<T> {
    this.#job = id
    try {
      return await reply
    } finally {
      if (this.#job === id) this.#job = null
    }
  }

  #given() {
    const run = this.run === '' ? null : this.run
    return { file: this.file!.file, run, series: run === null ? null : this.series }
  }

  async #during(words: string, work: () => Promise<void>) {
    if (this.busy !== null) return
    const closed = this.#closed
    this.problem = null
    this.busy = words
    try {
      await work()
    } catch (error) {
      if (closed === this.#closed) this.problem = inDialogWords(messageOf(error))
    } finally {
      if (closed === this.#closed) this.busy = null
    }
  }
}
