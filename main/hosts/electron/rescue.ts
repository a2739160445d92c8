import { app, dialog, type BrowserWindow } from 'electron'

const SAVED =
  'The experiment, its settings and your blocks are saved after every change. Loaded again, the window opens with ' +
  'them and measures again what it showed.'
/** A page that ends again so soon would do so forever. Milliseconds after it was loaded again. */
const SOON_MS = 10_000
/** Ends in a row after which what it shows is taken for the cause. */
const MOST_ENDS = 3

export interface RescueOptions {
  /** Whether no other window is open. */
  isOnly(): boolean
  /** To the page, once it is there again. */
  say(text: string, tone: 'info' | 'error'): void
  /** Lets the window's workspace begin anew. @returns the file in which the old one is kept; null: there was none */
  startAfresh(): Promise<string | null>
}

/**
 * A window whose page hangs or has ended offers to load it again. A page that has crashed comes back by itself, once;
 * what was running in it is stopped by the gate, and starts anew with the page. One that goes on ending begins afresh.
 */
export function rescue(window: BrowserWindow, options: RescueOptions) {
  const { isOnly, startAfresh } = options
  const { webContents } = window
  let asking: AbortController | null = null
  let lastLoaded = -Infinity
  let ends = 0
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

  /** Others hear of a page's end after this, and would take the word to the page that has ended. */
  function say(...word: Parameters<RescueOptions['say']>) {
    setImmediate(() => !window.isDestroyed() && options.say(...word))
  }

  function loadAgain() {
    lastLoaded = Date.now()
    webContents.reload()
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
    if (isOurDoing) {
      isOurDoing = false
      return loadAgain()
    }
    ends = Date.now() - lastLoaded < SOON_MS ? ends + 1 : 1
    if (ends >= MOST_ENDS) return loadAfresh()
    if (reason === 'crashed' && ends === 1) {
      loadAgain()
      return say('This window’s page had crashed. It shows what it had saved last.', 'info')
    }
    const message = `The window’s page has ended (${reason}).`
    const leave = isOnly() ? 'Quit' : 'Close this window'
    if (await ask(message, SAVED, ['Load again', leave])) return loadAgain()
    if (window.isDestroyed()) return
    if (isOnly()) app.quit()
    else window.destroy()
  })

  async function loadAfresh() {
    ends = 0
    const words = 'This window’s page ended several times in a row, and begins afresh.'
    try {
      const kept = await startAfresh()
      if (window.isDestroyed()) return
      say(kept ? `${words} What it showed is kept as ${kept}: open that to have it back.` : words, 'error')
    } catch (error) {
      if (window.isDestroyed()) return
      say(`${words} What it showed could not be put aside: ${(error as Error).message}`, 'error')
    }
    loadAgain()
  }
}
