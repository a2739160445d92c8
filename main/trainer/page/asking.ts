import { InputError } from '../../../shared/base/errors'
import type { Answer, AskName, Asks } from './wire'

/** Asks the host. @throws what the host met, an InputError as one, an error of the system with its `code` */
export type AskHost = <A extends AskName>(ask: A, given: Asks[A]['given']) => Promise<Asks[A]['reply']>

/** Whom a worker of the page asks for what only the host has. */
export function hostAt(port: MessagePort): AskHost {
  let last = 0
  const waiting = new Map<number, { resolve: (reply: never) => void; reject: (error: Error) => void }>()
  port.onmessage = ({ data }: MessageEvent<Answer>) => {
    const one = waiting.get(data.id)
    waiting.delete(data.id)
    if ('error' in data) one?.reject(errorOf(data.error))
    else one?.resolve(data.reply as never)
  }
  return (ask, given) =>
    new Promise((resolve, reject) => {
      const id = ++last
      waiting.set(id, { resolve, reject })
      port.postMessage({ id, ask, given })
    })
}

function errorOf({ message, code, input }: Extract<Answer, { error: unknown }>['error']): Error {
  return input ? new InputError(...input) : Object.assign(new Error(message), { code })
}
