import type { TaskName, Tasks } from './tasks'

type Argument<N extends TaskName> = Parameters<Tasks[N]>[0]
type Result<N extends TaskName> = ReturnType<Tasks[N]>
interface Answer {
  id: number
  /** On the way to the answer. */
  report?: unknown
  value?: unknown
  error?: string
}

/** A newer request took this one's place. */
export class Superseded extends Error {}

interface Current {
  id: number
  resolve(value: unknown): void
  reject(error: Error): void
  report(value: unknown): void
}

/**
 * Computes off the screen's thread. One worker per instance and one task at a time: while it computes, only the newest request waits, and
 * those between are rejected as `Superseded`. A request that has waited too long ends the task before it.
 */
export class Compute {
  #worker: Worker | null = null
  #id = 0
  #current: Current | null = null
  #waiting: (() => void) | null = null
  #dropWaiting: (() => void) | null = null
  #patience: number | undefined

  /** @param patienceMs how long a newer request lets the running task go on before it is ended */
  constructor(private readonly patienceMs = 300) {}

  /** @param report takes what the task tells on its way */
  run<N extends TaskName>(
    name: N,
    argument: Argument<N>,
    report: (value: unknown) => void = () => {},
  ): Promise<Result<N>> {
    this.#dropWaiting?.()
    return new Promise<Result<N>>((resolve, reject) => {
      const begin = () => {
        this.#waiting = this.#dropWaiting = null
        this.#begin(name, argument, { resolve: resolve as Current['resolve'], reject, report })
      }
      if (!this.#current) return begin()
      this.#waiting = begin
      this.#dropWaiting = () => reject(new Superseded())
      clearTimeout(this.#patience)
      this.#patience = setTimeout(() => this.#abandon(), this.patienceMs) as unknown as number
    })
  }

  /** Ends the worker and whatever it was computing. */
  close(): void {
    clearTimeout(this.#patience)
    this.#dropWaiting?.()
    this.#waiting = this.#dropWaiting = null
    this.#end()
  }

  #begin(name: TaskName, argument: unknown, caller: Omit<Current, 'id'>) {
    const id = ++this.#id
    this.#current = { id, ...caller }
    this.#worker ??= this.#open()
    // Svelte's proxies cannot be cloned.
    this.#worker.postMessage({ id, name, argument: JSON.parse(JSON.stringify(argument)) })
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
      this.#next()
    }
    worker.onerror = (event) => {
      this.#current?.reject(new Error(event.message || 'The page’s worker could not be started.'))
      this.#end()
      this.#next()
    }
    return worker
  }

  #abandon() {
    if (!this.#waiting) return
    this.#end()
    this.#next()
  }

  #end() {
    this.#worker?.terminate()
    this.#worker = null
    this.#current?.reject(new Superseded())
    this.#current = null
  }

  #next() {
    clearTimeout(this.#patience)
    this.#waiting?.()
  }
}
