/** Undo and redo of values. Quick changes of the same thing (typing a number, dragging) make one step. */
export class History<T> {
  #past: T[] = []
  #future: T[] = []
  #present: T
  #lastSubject: string | null = null
  #lastTime = -Infinity

  constructor(
    initial: T,
    private readonly limit = 5000,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#present = initial
  }

  get present(): T {
    return this.#present
  }
  get canUndo(): boolean {
    return this.#past.length > 0
  }
  get canRedo(): boolean {
    return this.#future.length > 0
  }

  /** @param subject what is changed; changes of one subject within a second join the step before */
  push(value: T, subject: string | null = null): void {
    const time = this.now()
    const joins = subject !== null && subject === this.#lastSubject && time - this.#lastTime < 1000
    if (!joins) {
      this.#past.push(this.#present)
      if (this.#past.length > this.limit) this.#past.shift()
    }
    this.#present = value
    this.#future = []
    this.#lastSubject = subject
    this.#lastTime = time
  }

  undo(): void {
    const value = this.#past.pop()
    if (value === undefined) return
    this.#future.push(this.#present)
    this.#present = value
    this.#lastSubject = null
  }

  redo(): void {
    const value = this.#future.pop()
    if (value === undefined) return
    this.#past.push(this.#present)
    this.#present = value
    this.#lastSubject = null
  }
}
