import type { BrowserWindow, WebContents } from 'electron'
import type { Notice } from '../../../shared/protocol/protocol'
import type { Connection } from '../lab/front-end'

export type Post = ReturnType<typeof createPost>

/**
 * What pages are told: each notice waits until its window's page can hear it.
 * @param current the window that gets what is for none in particular
 */
export function createPost(
  connectionOf: (contents: WebContents) => Connection | undefined,
  current: () => BrowserWindow | null,
) {
  let waiting: { window: BrowserWindow | null; notice: Notice }[] = []

  /** To be called whenever a page has become ready. */
  function deliver() {
    const all = waiting
    waiting = []
    for (const one of all) {
      if (one.window?.isDestroyed()) continue
      const window = one.window ?? current()
      const connection = window && !window.isDestroyed() ? connectionOf(window.webContents) : undefined
      if (connection) connection.send(one.notice)
      else waiting.push(one)
    }
  }

  return {
    deliver,
    send(notice: Notice, window: BrowserWindow | null = null) {
      waiting.push({ window, notice })
      deliver()
    },
  }
}
