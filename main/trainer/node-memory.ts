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
