export interface LockOptions {
  signal?: AbortSignal
  /** Called once when another process holds the lock. */
  onWait?: (owner: { pid: number; host: string } | null) => void
  staleMs?: number
}
/** Runs `work` while holding the lock folder; waits for another holder, and takes over a dead one's. */
export function withLock<T>(folder: string, work: () => Promise<T>, options?: LockOptions): Promise<T>
