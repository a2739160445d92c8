/** The worker of the page that computes theories while the other measures. */
import { answerTheory, type TheoryQuestion } from '../theory-answers'
import { hostAt } from './asking'
import { beginOnce } from './begin'
import { readFromHost } from './data'
import type { TheoryStart } from './wire'

beginOnce<TheoryStart>(begin)

async function begin({ host, theories }: TheoryStart): Promise<void> {
  const getData = readFromHost(hostAt(host))
  let last = Promise.resolve()
  theories.onmessage = ({ data: question }: MessageEvent<TheoryQuestion>) => {
    last = last.then(async () => {
      await getData(question.experiment)
      answerTheory(question, (answer) => theories.postMessage(answer))
    })
  }
}
