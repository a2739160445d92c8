import { SvelteMap } from 'svelte/reactivity'

/**
 * How fast work has been: the one source of every estimate of time. Work of one kind is held against its like, since a
 * multiplication in training takes other time than one in measuring.
 */
export class Pace<Kind extends string = string> {
  readonly #secondsPerCost = new SvelteMap<Kind, number>()

  /** @param cost of the work that took so long, see `cost.ts` */
  learn(kind: Kind, seconds: number, cost: number): void {
    if (cost > 0) this.#secondsPerCost.set(kind, seconds / cost)
  }

  /** Seconds that work of this cost takes, as fast as the newest of its kind was; null: none was finished yet. */
  secondsFor(kind: Kind, cost: number): number | null {
    const pace = this.#secondsPerCost.get(kind)
    return pace === undefined ? null : pace * cost
  }
}
