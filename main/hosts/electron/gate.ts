import { ipcMain, type WebContents } from 'electron'
import type { Message } from '../../../shared/protocol/protocol'
import { CHANNEL } from './channel'
import { ORIGIN } from './protocol'
import type { Connection, FrontEnd } from '../lab/front-end'
import type { Lab } from '../lab/lab'

export interface Gate {
  /** The connection of a page that is ready for notices: it has been given the saved workspace. */
  connectionOf(contents: WebContents): Connection | undefined
}

/**
 * The one gate between pages and the laboratory: one channel, and only the top frame of our own page passes.
 * What a message asks for is checked by the laboratory itself.
 * @param frontEndOf what the window of a page has
 * @param onReady called when a page has been given the saved workspace: what it is told to open before that, the
 * workspace would overwrite
 */
export function setupGate(
  lab: Lab,
  frontEndOf: (contents: WebContents) => FrontEnd,
  onReady: () => void,
): Gate {
  const connections = new Map<WebContents, Connection>()
  const ready = new Map<WebContents, Connection>()

  ipcMain.on(CHANNEL, (event, message: unknown) => {
    const frame = event.senderFrame
    if (!frame || frame.parent || !frame.url.startsWith(`${ORIGIN}/`)) return
    const connection = connections.get(event.sender) ?? connect(event.sender)
    connection.receive(message)
    const { body } = (message ?? {}) as { body?: { type?: unknown } }
    if (body?.type !== 'workspace.load') return
    setImmediate(() => {
      if (connections.get(event.sender) !== connection) return
      ready.set(event.sender, connection)
      onReady()
    })
  })

  function connect(contents: WebContents): Connection {
    const connection = lab.connect((message: Message) => {
      if (!contents.isDestroyed()) contents.send(CHANNEL, message)
    }, frontEndOf(contents))
    const leave = () => {
      // A page that was reloaded is a new front end: what the old one had running is stopped.
      contents.off('did-navigate', leave)
      contents.off('render-process-gone', leave)
      contents.off('destroyed', leave)
      connections.delete(contents)
      ready.delete(contents)
      connection.close()
    }
    contents.on('did-navigate', leave)
    contents.on('render-process-gone', leave)
    contents.on('destroyed', leave)
    connections.set(contents, connection)
    return connection
  }

  return { connectionOf: (contents) => ready.get(contents) }
}
