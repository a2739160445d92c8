import type { Asked } from './front-end'

export type Stoppable = ReturnType<typeof createStoppable>

/** Work for front ends that the requests which asked for it can end; nothing of it stays then. */
export function createStoppable() {
  const underWay = new Map<Asked, AbortController>()

  return {
    /** @returns null where it was stopped @throws what the work throws */
    async during<T>(asked: Asked, work: (signal: AbortSignal) => Promise<T>): Promise<T | null> {
      const stop = new AbortController()
      underWay.set(asked, stop)
      try {
        return await work(stop.signal)
      } catch (error) {
        if (stop.signal.aborted) return null
        throw error
      } finally {
        underWay.delete(asked)
      }
    },

    /** Ends what these requests asked for. */
    stop(isMeant: (asked: Asked) => boolean): void {
      for (const [asked, stop] of underWay) if (isMeant(asked)) stop.abort()
    },
  }
}
