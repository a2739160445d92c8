/** What a thread waits at until another has done something: once open it stays so. One int32 cell of shared memory. */
export type Latch = SharedArrayBuffer

export const createLatch = (): Latch => new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)

export function openLatch(latch: Latch): void {
  const cells = new Int32Array(latch)
  Atomics.store(cells, 0, 1)
  Atomics.notify(cells, 0)
}

/** Returns when it is open, or after that time. Its thread does nothing meanwhile, and reads no messages. */
export function waitAtLatch(latch: Latch, milliseconds = Infinity): void {
  Atomics.wait(new Int32Array(latch), 0, 0, milliseconds)
}
