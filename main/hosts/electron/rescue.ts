import { app, dialog, type BrowserWindow } from 'electron'

const SAVED =
  'The experiment, its settings and your blocks are saved after every change. Loaded again, the window opens with ' +
  'them and measures again what it showed.'
/** A page that ends again so soon would do so forever. */
const SOON_MS = 10_000

/**
 * A window whose page hangs or has ended offers to load it again. A page that has crashed comes back by itself, once;
 * what was running in it is stopped by the gate, and starts anew with the page.
 */
export function rescue(window: BrowserWindow) {
  const { webContents } = window
  let asking: AbortController | null = null
  let lastEnd = -Infinity
  let isOurDoing = false

  /** @returns whether the first of the two buttons was chosen; false, too, where the question has become idle */
  async function ask(message: string, detail: string, buttons: [string, string]): Promise<boolean> {
    asking?.abort()
    const { signal } = (asking = new AbortController())
    const { response } = await dialog.showMessageBox(window, {
      ...{ type: 'warning', message, detail, buttons, signal },
      ...{ defaultId: 0, cancelId: 1, noLink: true },
    })
    return !signal.aborted && !window.isDestroyed() && response === 0
  }

  window.on('unresponsive', async () => {
    const detail = `It may be busy, and answer again by itself. ${SAVED}`
    if (!(await ask('The window does not answer.', detail, ['Load again', 'Wait']))) return
    // A page that hangs cannot be asked to go.
    isOurDoing = true
    webContents.forcefullyCrashRenderer()
  })
  window.on('responsive', () => asking?.abort())

  webContents.on('render-process-gone', async (_event, { reason }) => {
    asking?.abort()
    if (reason === 'clean-exit') return
    const isSoon = Date.now() - lastEnd < SOON_MS
    lastEnd = Date.now()
    if (isOurDoing || (reason === 'crashed' && !isSoon)) {
      isOurDoing = false
      return webContents.reload()
    }
    const message = `The window’s page has ended (${reason}).`
    if (await ask(message, SAVED, ['Load again', 'Quit'])) webContents.reload()
    else if (!window.isDestroyed()) app.quit()
  })
}
