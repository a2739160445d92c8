import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import type { TheoryNews } from './engine/series-theory'
import type { AskTheories } from './engine/theories'
import { ANSWERS, endQuestion, theoryQuestion, type TheoryAnswer } from './theory-answers'

export interface TheoryThreadData {
  port: MessagePort
}

/** Milliseconds between two looks at whether the job is stopped. */
const LOOK_MS = 50

/**
 * Theories from the thread at the other end of the port. A thread that measures reads no messages by itself: it looks
 * for them between blocks, and waits in shared memory.
 */
export function theoriesFrom(port: MessagePort): AskTheories {
  let questions = 0
  return (experiment) => {
    const question = theoryQuestion(++questions, experiment)
    const { id, shared } = question
    const cells = new Int32Array(shared)
    let isWhole = false
    port.postMessage(question)
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
      async rest(turn, onWait = () => {}) {
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
      end: () => endQuestion(question),
    }
  }
}
