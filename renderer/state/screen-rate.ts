/** Milliseconds, with some allowance. */
const SCREEN_FRAME = 25

/**
 * However fast events come, what depends on them is brought up to date at most once a screen frame. Where that costs
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
      requestAnimationFrame(() => {
        const cost = performance.now() - now
        this.#next = cost > SCREEN_FRAME ? now + 3 * cost : 0
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
