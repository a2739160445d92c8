import type { TaskName, Tasks } from './tasks'

export type Argument<N extends TaskName> = Parameters<Tasks[N]>[0]
export type Result<N extends TaskName> = Awaited<ReturnType<Tasks[N]>>

interface Answer {
  id: number
  /** On the way to the answer. */
  report?: unknown
  value?: unknown
  error?: string
}

/** The worker was closed before it had an answer. */
export class Closed extends Error {
  override readonly name = 'Closed'
}

interface Current {
  id: number
  resolve(value: unknown): void
  reject(error: Error): void
  report(value: unknown): void
}

/** Computes off the screen's thread: a worker of its own, opened when it is needed, for one task at a time. */
export class Compute {
  #worker: Worker | null = null
  #id = 0
  #current: Current | null = null

  /** @param report takes what the task tells on its way @throws Closed where the worker is closed meanwhile */
  run<N extends TaskName>(
    name: N,
    argument: Argument<N>,
    report: (value: unknown) => void = () => {},
  ): Promise<Result<N>> {
    if (this.#current) throw new Error('The page’s worker computes one thing at a time.')
    return new Promise<Result<N>>((resolve, reject) => {
      const id = ++this.#id
      this.#current = { id, resolve: resolve as Current['resolve'], reject, report }
      this.#worker ??= this.#open()
      // Svelte's proxies cannot be cloned; arrays of numbers that the host has sent are none.
      const plain: unknown = name === 'holdSamples' ? argument : JSON.parse(JSON.stringify(argument))
      this.#worker.postMessage({ id, name, argument: plain })
    })
  }

  /** Ends the worker and whatever it was computing; the next task opens another. */
  close(): void {
    this.#end(new Closed())
  }

  #open(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      const current = this.#current
      if (!current || current.id !== data.id) return
      if ('report' in data) return current.report(data.report)
      this.#current = null
      if (data.error !== undefined) current.reject(new Error(data.error))
      else current.resolve(data.value)
    }
    worker.onerror = (event) =>
      this.#end(new Error(event.message || 'The page’s worker could not be started.'))
    return worker
  }

  #end(error: Error) {
    this.#worker?.terminate()
    this.#worker = null
    this.#current?.reject(error)
    this.#current = null
  }
}
