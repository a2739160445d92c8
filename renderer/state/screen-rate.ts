/** Milliseconds, with some allowance. */
const SCREEN_FRAME = 25
/**
 * Milliseconds from one update to the next: two screen frames, less some allowance. Pictures take their time from the
 * processor that measures, and curves that grow thirty times a second look as smooth for half of it.
 */
const PERIOD = 28

/**
 * However fast events come, what depends on them is brought up to date at most thirty times a second. Where that costs
 * more than a frame (thousands of blocks), twice its cost is left free for the user's own actions.
 */
export class ScreenRate {
  #request: number | null = null
  #next = 0

  /** @param update brings everything up to date */
  constructor(private readonly update: () => void) {}

  /** Something has changed: an update comes. */
  changed(): void {
    this.#request ??= requestAnimationFrame((now) => {
      this.#request = null
      if (now < this.#next) return this.changed()
      this.update()
      this.#next = now + PERIOD
      requestAnimationFrame(() => {
        const cost = performance.now() - now
        if (cost > SCREEN_FRAME) this.#next = now + 3 * cost
      })
    })
  }

  /** Updates now, in place of the update that was to come. */
  flush(): void {
    if (this.#request !== null) cancelAnimationFrame(this.#request)
    this.#request = null
    this.update()
  }
}
