/**
 * Control of a running job from another thread. A busy worker reads no messages, so the job looks at shared memory
 * between blocks: [0] state, [1] single steps granted while paused. A job whose thread reads messages meanwhile, since
 * it waits for a GPU, can do with memory of its own.
 */
export type ControlBuffer = SharedArrayBuffer | ArrayBuffer

/** How often a job that waits looks again. */
const LOOK_MS = 50

const RUN = 0
const PAUSE = 1
const STOP = 2

/** Thrown where a job asks for its turn after `stop`; what is measured so far stays. */
export class Stopped extends Error {
  override readonly name = 'Stopped'
}

/** The control of a job that is to run at once: two int32 cells in shared memory. */
export function createControl(): ControlBuffer {
  return new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)
}

/**
 * Passes an order on to a job. `step` grants one unit of work and leaves the job paused; a stopped job stays stopped.
 */
export function command(buffer: ControlBuffer, action: 'pause' | 'resume' | 'step' | 'stop'): void {
  const cells = new Int32Array(buffer)
  if (Atomics.load(cells, 0) === STOP) return
  if (action === 'step') {
    Atomics.store(cells, 0, PAUSE)
    Atomics.add(cells, 1, 1)
  } else {
    Atomics.store(cells, 1, 0)
    Atomics.store(cells, 0, { pause: PAUSE, resume: RUN, stop: STOP }[action])
  }
  Atomics.notify(cells, 0)
}

/**
 * To be called before each unit of work: returns when it may go on. Where memory is shared it waits without reading
 * messages; else it looks again and again, so that orders that come as messages reach it.
 * @throws Stopped
 */
export async function takeTurn(buffer: ControlBuffer): Promise<void> {
  if (isShared(buffer)) return takeTurnNow(buffer)
  while (!mayGoOn(new Int32Array(buffer))) await new Promise((again) => setTimeout(again, LOOK_MS))
}

/** For work that cannot be left in between: without shared memory, a pause begins after it. @throws Stopped */
export function takeTurnNow(buffer: ControlBuffer): void {
  const cells = new Int32Array(buffer)
  // A step granted between the look and the wait would go unseen; the time limit bounds that.
  while (!mayGoOn(cells) && isShared(buffer)) Atomics.wait(cells, 0, PAUSE, LOOK_MS)
}

/** Pages have no shared memory unless they are isolated. */
const isShared = (buffer: ControlBuffer): boolean =>
  typeof SharedArrayBuffer !== 'undefined' && buffer instanceof SharedArrayBuffer

function mayGoOn(cells: Int32Array): boolean {
  const state = Atomics.load(cells, 0)
  if (state === STOP) throw new Stopped()
  if (state === RUN) return true
  if (Atomics.load(cells, 1) === 0) return false
  Atomics.sub(cells, 1, 1)
  return true
}

/** Whether the job waits: its clock stands still then. */
export function isPaused(buffer: ControlBuffer): boolean {
  return Atomics.load(new Int32Array(buffer), 0) === PAUSE
}
