import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import type { Experiment } from '../../shared/settings/experiment'
import type { TheoryNews } from './engine/series-theory'
import type { AskTheories } from './engine/theories'

/** Two int32 cells of shared memory, for each question: whether nobody waits any more, and how many answers came. */
export const IS_ENDED = 0
export const ANSWERS = 1

export interface TheoryThreadData {
  port: MessagePort
}

export interface TheoryQuestion {
  /** Answers carry it. */
  id: number
  experiment: Experiment
  shared: SharedArrayBuffer
}

/** News; null: there is no more. */
export type TheoryAnswer = { id: number } & ({ news: TheoryNews | null } | { error: string })

/** Milliseconds between two looks at whether the job is stopped. */
const LOOK_MS = 50

/**
 * Theories from the thread at the other end of the port. A thread that measures reads no messages by itself: it looks
 * for them between blocks, and waits in shared memory.
 */
export function theoriesFrom(port: MessagePort): AskTheories {
  let questions = 0
  return (experiment) => {
    const id = ++questions
    const shared = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)
    const cells = new Int32Array(shared)
    let isWhole = false
    port.postMessage({ id, experiment, shared } satisfies TheoryQuestion)
    const come = () => {
      const found: TheoryNews[] = []
      for (let received = receiveMessageOnPort(port); received; received = receiveMessageOnPort(port)) {
        const answer = received.message as TheoryAnswer
        // Of a question before, whose job has ended.
        if (answer.id !== id) continue
        if ('error' in answer) throw new Error(answer.error)
        if (answer.news) found.push(answer.news)
        else isWhole = true
      }
      return found
    }
    return {
      come,
      rest(turn, onWait = () => {}) {
        const found: TheoryNews[] = []
        for (;;) {
          const seen = Atomics.load(cells, ANSWERS)
          found.push(...come())
          if (isWhole) return found
          onWait()
          turn()
          Atomics.wait(cells, ANSWERS, seen, LOOK_MS)
        }
      },
      end: () => void Atomics.store(cells, IS_ENDED, 1),
    }
  }
}
