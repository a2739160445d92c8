import type { WebSocket } from 'ws'
import { decodeMessage, encodeMessage, type Message } from '../../../shared/protocol/protocol'
import type { Lab } from '../lab/lab'

/** From here on what will be outdated soon is held back, and only its newest is kept. */
const SLOW_BYTES = 4 * 2 ** 20
/** A page this far behind does not read any more. */
const STUCK_BYTES = 64 * 2 ** 20

/** Joins one browser tab to the laboratory. */
export function joinSocket(lab: Lab, socket: WebSocket) {
  const send = socketSender(socket)
  const connection = lab.connect(send)
  socket.on('message', (data, isBinary) => {
    try {
      if (isBinary) throw new Error('binary')
      connection.receive(decodeMessage(String(data)))
    } catch {
      socket.close(1003, 'Messages are JSON text.')
    }
  })
  socket.on('close', () => connection.close())
  // 'close' follows and does what there is to do.
  socket.on('error', () => {})
}

interface Outlet {
  readonly bufferedAmount: number
  send(text: string, sent: () => void): void
  terminate(): void
}

/** Sends in order, without piling up memory before a page that reads slowly. */
export function socketSender(socket: Outlet): (message: Message) => void {
  const held = new Map<string, Message>()

  function flush() {
    if (!held.size || socket.bufferedAmount > SLOW_BYTES) return
    const messages = [...held.values()]
    held.clear()
    messages.forEach(write)
  }

  function write(message: Message) {
    if (socket.bufferedAmount > STUCK_BYTES) return socket.terminate()
    socket.send(encodeMessage(message), flush)
  }

  return (message) => {
    const key = replaceable(message)
    if (key && socket.bufferedAmount > SLOW_BYTES) {
      held.delete(key)
      held.set(key, message)
      return
    }
    // What was held back of a request must not come after its reply.
    if (message.kind !== 'notice') {
      for (const [k, old] of held) {
        if (old.kind === 'event' && old.id === message.id) {
          held.delete(k)
          write(old)
        }
      }
    }
    write(message)
  }
}

/**
 * Events of which a newer one makes the older ones dispensable: how far it is, and the picture after a
 * training step.
 */
function replaceable(message: Message): string | null {
  if (message.kind !== 'event') return null
  const { type } = message.event
  return type === 'progress' || type === 'frame' ? `${message.id} ${type}` : null
}
