import { isJob, type JobType } from '../../../shared/protocol/jobs'
import type { Recorder } from '../../runs/recorder'

/** After the last job of a view the queue waits so long: a person who tries something out tries it again. */
const QUIET_MS = 2000

export type Turns = ReturnType<typeof createTurns>

/**
 * Knows whether somebody waits for a job, to whom the queue gives way.
 * @param onChange told when that is another
 * @param competes whether a job of this kind would wait for the queue's
 */
export function createTurns(onChange: () => void, competes: (type: JobType) => boolean, quietMs = QUIET_MS) {
  const waiting = new Map<object, object>()
  let isQuiet = true
  let timer: NodeJS.Timeout | undefined

  function changed() {
    clearTimeout(timer)
    if (waiting.size > 0) {
      isQuiet = false
      return onChange()
    }
    timer = setTimeout(() => {
      isQuiet = true
      onChange()
    }, quietMs)
    timer.unref()
  }

  return {
    /** Whether the queue waits. */
    get isTaken(): boolean {
      return !isQuiet
    },

    /** Records jobs as the recorder does, and knows of them until they are answered. */
    counting:
      (record: Recorder['record']): Recorder['record'] =>
      (request, answer, pass, isWanted, from = {}) => {
        if (!isJob(request.body) || !competes(request.body.type))
          return record(request, answer, pass, isWanted, from)
        const job = {}
        waiting.set(job, from)
        changed()
        const hear: typeof answer = (response) => {
          if (response.kind !== 'event' && waiting.delete(job)) changed()
          answer(response)
        }
        record(request, hear, pass, isWanted, from)
      },

    /** Nobody waits any more for what this one has asked for. */
    left(from: object): void {
      let isOther = false
      for (const [job, owner] of waiting) if (owner === from) isOther = waiting.delete(job) || isOther
      if (isOther) changed()
    },

    close: () => clearTimeout(timer),
  }
}
