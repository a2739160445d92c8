export interface LockOptions {
  signal?: AbortSignal
  /** Called once when another process holds the lock. */
  onWait?: (owner: { pid: number; host: string } | null) => void
  staleMs?: number
}
/** Runs `work` while holding the lock folder; waits for another holder, and takes over a dead one's. */
export function withLock<T>(folder: string, work: () => Promise<T>, options?: LockOptions): Promise<T>

/** A process, as what it began names it. */
export interface Owner {
  pid: number
  /** When it began, as the system counts; null where the system does not tell. */
  born: string | null
  host: string
  token: string
}
/** Who this process is: it counts as at work until `letGo`, or until it ends. */
export function ownerNow(): Owner
export function letGo(owner: Owner): void
/** Whether an owner is still at work; null where it is another machine's, of which nothing is known. */
export function isOwnerAlive(owner: Owner): boolean | null
