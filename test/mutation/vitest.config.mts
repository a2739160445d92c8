import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import {
  BaseSequencer,
  ThreadsPoolWorker,
  type PoolOptions,
  type TestSpecification,
  type WorkerRequest,
} from 'vitest/node'

/** These sample, or draw at random, for seconds. */
const SLOW = /(operations|theory|theory\/grid|branches|preset-networks|remedies|json)\.test\.ts$/

/** Quick files first: the first test that fails ends the run of a mutant. */
class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const cost = ({ moduleId }: TestSpecification) =>
      statSync(moduleId).size * (SLOW.test(moduleId) ? 100 : 1)
    return [...files].sort((a, b) => cost(a) - cost(b))
  }
}

type Listener = (message: unknown) => void
const LASTING_THREAD = 'lasting-thread'

/** What ThreadsPoolWorker keeps to itself. */
interface Inner {
  _thread: unknown
}

/** Mutants judged by one thread: what leaks does not add up, and some areas leave more behind than modules. */
const USES = Number(process.env.RESIDUAL_LAB_MUTATION_USES ?? 1)

/**
 * A thread of Vitest's that goes on to the next run in place of ending with its own: starting one costs more than
 * judging most mutants. runner.ts evaluates the project's modules anew for every run.
 */
class LastingThread extends ThreadsPoolWorker {
  override readonly name = LASTING_THREAD
  static #idle: { thread: unknown; uses: number } | null = null
  #uses = 0
  #listeners = new Set<Listener>()
  #attached: [string, Listener][] = []

  get #inner() {
    return this as unknown as Inner
  }

  override async start() {
    const kept = LastingThread.#idle
    LastingThread.#idle = null
    if (kept) this.#inner._thread = kept.thread
    this.#uses = (kept?.uses ?? 0) + 1
    await super.start()
  }

  override on(event: string, listener: Listener) {
    if (event === 'message') this.#listeners.add(listener)
    this.#attached.push([event, listener])
    super.on(event, listener)
  }

  override off(event: string, listener: Listener) {
    this.#listeners.delete(listener)
    super.off(event, listener)
  }

  override send(message: WorkerRequest) {
    if (message?.type !== 'stop' || this.#uses >= USES) return super.send(message)
    for (const listener of this.#listeners) listener({ type: 'stopped', __vitest_worker_response__: true })
  }

  override async stop() {
    if (this.#uses >= USES) return super.stop()
    for (const [event, listener] of this.#attached) super.off(event, listener)
    LastingThread.#idle = { thread: this.#inner._thread, uses: this.#uses }
    this.#inner._thread = undefined
  }
}

export default defineConfig({
  plugins: [
    {
      name: LASTING_THREAD,
      // Stryker asks for Vitest's own threads, over what stands in a configuration.
      configureVitest({ project }) {
        const name = LASTING_THREAD
        Object.assign(project.config, {
          pool: name,
          poolRunner: { name, createPoolWorker: (options: PoolOptions) => new LastingThread(options) },
        })
      },
    },
  ],
  test: {
    include: JSON.parse(process.env.RESIDUAL_LAB_MUTATION_TESTS ?? '[]'),
    sequence: { sequencer: QuickFirst },
    // One worker for all files of a mutant: its modules are loaded once.
    isolate: false,
    runner: fileURLToPath(new URL('./runner.ts', import.meta.url)),
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
