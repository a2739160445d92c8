import * as os from 'node:os'
import type { System } from './engine/machine-memory'

/** What Node tells of memory. */
export const NODE_MEMORY: System = {
  free: () => os.freemem(),
  total: () => os.totalmem(),
  // The oldest Electron's Node does not know it.
  limit: () => (process as { constrainedMemory?: () => number | undefined }).constrainedMemory?.(),
  held: () => process.memoryUsage.rss(),
}

/** Memory in a process that runs one job after the other. */
export interface JobsMemory {
  system: System
  /** A job begins. */
  begin(): void
  /** It has ended. @param needed what it was estimated to need, in bytes; null: nobody has estimated it */
  ended(needed: number | null): void
}

/**
 * What Node tells of memory, between jobs too. Allocators keep what a job has given back (glibc's arenas, TensorFlow's
 * pool), so that the process holds it still; it is the next job's first, and counts as free. No more of it than a job
 * here has needed: what JavaScript and compiled code have grown by is not to be had.
 * @param live bytes of the tensors that there are now
 * @param own bytes that this process holds, without JavaScript's of this thread
 */
export function memoryOfJobs(live: () => number, own = outsideJavaScript): JobsMemory {
  const start = own()
  let most = 0
  let kept = 0
  return {
    system: {
      ...NODE_MEMORY,
      free: () => NODE_MEMORY.free() + kept,
      held: () => Math.max(0, NODE_MEMORY.held() - kept),
    },
    begin: () => void (kept = Math.min(most, Math.max(0, own() - start - live()))),
    ended: (needed) => void (most = Math.max(most, needed ?? 0)),
  }
}

function outsideJavaScript(): number {
  const { rss, heapTotal, external } = process.memoryUsage()
  return rss - heapTotal - external
}
