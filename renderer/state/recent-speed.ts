/** Milliseconds that speed is measured over: long enough to be calm, short enough to follow a change. */
const WINDOW_MS = 10_000

/** Marks at the beginning that do not count: the first steps of each kind are recorded, many times as slowly. */
const SLOW_MARKS = 3

/** How fast counted work has been of late, whatever it was before: time left is told by it. */
export class RecentSpeed {
  #marks: { done: number; at: number }[] = []
  #slow = SLOW_MARKS

  /** @param done work so far; @param at time, in milliseconds */
  add(done: number, at: number): void {
    if (this.#slow-- > 0) return
    const last = this.#marks.at(-1)
    // Work that begins again is other work.
    if (last && done < last.done) this.#marks = []
    this.#marks.push({ done, at })
    // One mark from before the window stays, so that it is spanned.
    while (this.#marks.length > 2 && this.#marks[1].at <= at - WINDOW_MS) this.#marks.shift()
  }

  /** Other work begins, slowly. */
  begin(): void {
    this.#marks = []
    this.#slow = SLOW_MARKS
  }

  /** A pause is no time of the work's own. */
  forget(): void {
    this.#marks = []
  }

  /** Per second; null until two marks say it. */
  get rate(): number | null {
    const [first, last] = [this.#marks[0], this.#marks.at(-1)]
    if (!first || !last || last.at === first.at || last.done === first.done) return null
    return (1000 * (last.done - first.done)) / (last.at - first.at)
  }
}
