import type { CheckpointEvent } from '../../../../shared/protocol/protocol'

/** Between two checkpoints of a training that goes on, at least. */
const INTERVAL_MS = 30_000
/** Where writing takes long, it takes at most this share of the time. */
const MOST_SHARE = 0.1

/** Writes a training's checkpoint when it is due. One that cannot be written is told, and training goes on. */
export class CheckpointKeeper<State> {
  private last = performance.now()
  private pause = INTERVAL_MS

  /** @param write all of it, whole or not at all @param emit once for each attempt */
  constructor(
    private readonly write: (state: State) => Promise<void>,
    private readonly emit: (event: CheckpointEvent) => void,
  ) {}

  /** Between two steps: now, if the last is long enough ago. @param step updates so far */
  async look(step: number, state: () => State): Promise<void> {
    if (performance.now() - this.last >= this.pause) await this.now(step, state)
  }

  /** At once: at a pause, a stop and the end. */
  async now(step: number, state: () => State): Promise<void> {
    const started = performance.now()
    let problem: string | null = null
    try {
      await this.write(state())
    } catch (error) {
      problem = sentence(error as NodeJS.ErrnoException)
    }
    this.last = performance.now()
    this.pause = Math.max(INTERVAL_MS, (this.last - started) / MOST_SHARE)
    this.emit({ type: 'checkpoint', step, problem })
  }
}

const CAUSES: Partial<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the folder is read-only',
  EACCES: 'the folder may not be written',
  ENOENT: 'the folder is gone',
}

function sentence({ code = '', message }: NodeJS.ErrnoException): string {
  return `The checkpoint could not be written: ${CAUSES[code] ?? message}. Training goes on; the last one is kept.`
}
