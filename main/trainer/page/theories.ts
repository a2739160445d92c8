import type { TheoryNews } from '../engine/series-theory'
import type { AskTheories } from '../engine/theories'
import { endQuestion, theoryQuestion, type TheoryAnswer } from '../theory-answers'

/** Milliseconds between two looks at whether the job is stopped. */
const LOOK_MS = 50

/** Theories from the worker at the other end of the port, whose messages come while this one waits for the GPU. */
export function theoriesByMessages(port: MessagePort): AskTheories {
  let questions = 0
  let heard: (answer: TheoryAnswer) => void = () => {}
  port.onmessage = ({ data }: MessageEvent<TheoryAnswer>) => heard(data)
  return (experiment) => {
    const question = theoryQuestion(++questions, experiment)
    let news: TheoryNews[] = []
    let isWhole = false
    let error: string | null = null
    let wake = () => {}
    heard = (answer) => {
      // Of a question before, whose job has ended.
      if (answer.id !== question.id) return
      if ('error' in answer) error = answer.error
      else if (answer.news) news.push(answer.news)
      else isWhole = true
      wake()
    }
    port.postMessage(question)
    const come = () => {
      if (error !== null) throw new Error(error)
      const found = news
      news = []
      return found
    }
    return {
      come,
      async rest(turn, onWait = () => {}) {
        const found: TheoryNews[] = []
        for (;;) {
          found.push(...come())
          if (isWhole) return found
          onWait()
          turn()
          await new Promise<void>((go) => {
            wake = go
            setTimeout(go, LOOK_MS)
          })
        }
      },
      end: () => endQuestion(question),
    }
  }
}
