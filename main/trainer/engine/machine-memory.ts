/** What tells of memory, in bytes. */
export interface System {
  /** Free, caches that the system gives back included (Linux says so in /proc/meminfo, which Node reads since 18). */
  free(): number
  /** Of the machine. */
  total(): number
  /** What this process and the others of its container may hold; 0, undefined or beyond all measure for no limit. */
  limit(): number | undefined
  /** What this process holds. */
  held(): number
}

/** Of where networks are computed. */
let here: System | null = null

/** Says what tells of memory where this program computes: once, before anything is computed or estimated. */
export function readMemoryOf(system: System): void {
  here = system
}

/** @throws Error where nobody has said what tells of memory: networks would have no limit, and the system kill them */
function saidOf(): System {
  if (here) return here
  throw new Error('Nothing tells of this program’s memory: readMemoryOf comes before whatever asks for it.')
}

/** What there is at most, in bytes, and who says so. */
export interface MostMemory {
  bytes: number
  of: 'machine' | 'container'
}

/** What processes here can have at most: in a container more than its limit is not to be had. */
export function mostMemory({ total, limit }: System = saidOf()): MostMemory {
  const most = limit()
  return most && most < total() ? { bytes: most, of: 'container' } : { bytes: total(), of: 'machine' }
}

/** The user's own limit for this process, in bytes; null: none. */
let chosen: number | null = null

/** Sets what networks may take in this process, in bytes, all else in it included; null: as much as there is. */
export function limitMemory(bytes: number | null): void {
  chosen = bytes
}

/** The limit that the user has set for this process, in bytes; null: none. */
export const memoryLimit = (): number | null => chosen

/**
 * What a network may take, in bytes: in a container what is left of its limit, since whoever goes beyond it is killed,
 * however much the machine has; and no more than what is left of the user's own limit.
 */
export function availableMemory(system: System = saidOf(), own = chosen): number {
  const most = mostMemory(system)
  const limits = [...(most.of === 'container' ? [most.bytes] : []), ...(own === null ? [] : [own])]
  return Math.min(system.free(), ...limits.map((limit) => Math.max(0, limit - system.held())))
}
