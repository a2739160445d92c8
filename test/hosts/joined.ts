import { vi } from 'vitest'
import type { FrontEnd } from '../../main/hosts/lab/front-end'
import type { Lab } from '../../main/hosts/lab/lab'
import type { Message, Replies, RequestBody, RequestType } from '../../shared/protocol/protocol'

/** One more front end of a laboratory: what it is told, and what it asks. */
export function joined(lab: Lab, frontEnd: FrontEnd = {}) {
  const messages: Message[] = []
  const connection = lab.connect((message) => messages.push(message), frontEnd)
  let lastId = 0
  /** The reply's value; rejects with the error's reason and message. */
  const answerTo = async (id: string, asked = id) => {
    const answer = await vi.waitFor(
      () => {
        const found = messages.find((m) => (m.kind === 'reply' || m.kind === 'error') && m.id === id)
        if (!found) throw new Error(`no answer to ${asked}`)
        return found as Extract<Message, { kind: 'reply' | 'error' }>
      },
      { timeout: 15_000, interval: 10 },
    )
    if (answer.kind === 'error') throw new Error(`${answer.error.reason}: ${answer.error.message}`)
    return answer.value as unknown
  }
  const ask = async <T extends RequestType>(body: Extract<RequestBody, { type: T }>): Promise<Replies[T]> => {
    const id = String(++lastId)
    connection.receive({ kind: 'request', id, body })
    return (await answerTo(id, body.type)) as Replies[T]
  }
  return { messages, connection, ask, answerTo }
}
