import { BrowserWindow, app, type WebContents } from 'electron'
import { joinWords } from '../../../shared/base/format'
import { rescue } from './rescue'
import type { Session, WindowState } from './session'
import { loadPage, makeWindow, stateOf } from './window'
import { askBeforeLeaving } from './work'

/** Moving and sizing a window ends so long after its last event. Milliseconds. */
const STILL_MS = 400
/** From the window that a new one is opened from. Pixels. */
const APART = 28

export interface WindowsOptions {
  session: Session
  /** Gives a workspace a copy of another's content. */
  startWorkspace(number: number, other: number): Promise<void>
  /** Lets a workspace begin anew. @returns the file in which the old one is kept; null: there was none */
  setWorkspaceAside(number: number): Promise<string | null>
  /** A word to the page of a window, once it can hear it. */
  say(window: BrowserWindow, text: string, tone: 'info' | 'error'): void
  /** The last one has been closed: what computes ends, and with it windows that nobody sees. */
  onLast(): void
  /** A window has been closed or opened: another can be opened again. */
  onChange(): void
}

export type Windows = ReturnType<typeof createWindows>

/** The windows, each with a workspace of its own: they come back with it at the next start. */
export function createWindows(options: WindowsOptions) {
  const { session, startWorkspace, setWorkspaceAside, say, onLast, onChange } = options
  const numbers = new WeakMap<WebContents, number>()
  const open = new Set<BrowserWindow>()
  let last: BrowserWindow | null = null
  let isQuitting = false
  let isEnded = false
  /** Closed by an end of the program that may yet be called off. */
  const goneAhead: number[] = []

  /** Windows that nobody sees: pages that compute. */
  const hidden = () => BrowserWindow.getAllWindows().filter((one) => !one.isDestroyed() && !open.has(one))

  app.on('before-quit', (event) => {
    isQuitting = true
    if (!open.size || !hidden().length) return
    // A page that computes would be closed at once, also where its user then stays: it goes with the last window.
    event.preventDefault()
    for (const window of open) window.close()
  })

  function show(state: WindowState): BrowserWindow {
    const window = makeWindow(state)
    const { workspace } = state
    numbers.set(window.webContents, workspace)
    open.add(window)
    last = window
    remember(window, workspace)
    window.on('focus', () => (last = window))
    window.on('closed', () => {
      open.delete(window)
      if (last === window) last = [...open].at(-1) ?? null
      if (!open.size) onLast()
      // The last one comes back at the next start, as do all that the program's end has closed.
      if (isQuitting) goneAhead.push(workspace)
      else if (open.size) session.closes(workspace)
      onChange()
    })
    rescue(window, {
      isOnly: () => open.size === 1,
      say: (text, tone) => say(window, text, tone),
      startAfresh: () => setWorkspaceAside(workspace),
    })
    askBeforeLeaving(window, { isEnded: () => isEnded, onStay: stay })
    loadPage(window)
    onChange()
    return window
  }

  function remember(window: BrowserWindow, workspace: number) {
    const { webContents } = window
    let timer: NodeJS.Timeout | undefined
    let isZoomed = false
    const now = () => {
      clearTimeout(timer)
      if (window.isDestroyed()) return
      session.shows(stateOf(window, workspace))
      if (isZoomed) session.zooms(webContents.getZoomLevel())
    }
    const soon = () => {
      clearTimeout(timer)
      timer = setTimeout(now, STILL_MS)
    }
    window.on('move', soon)
    window.on('resize', soon)
    window.on('focus', soon)
    window.on('blur', soon)
    window.on('maximize', soon)
    window.on('unmaximize', soon)
    window.on('close', now)
    // The zoom is the page's; before it is there, it has none.
    webContents.once('did-finish-load', () => {
      webContents.setZoomLevel(session.zoom)
      isZoomed = true
    })
    now()
  }

  /** The program goes on after all: what it has closed already can be opened again. */
  function stay() {
    isQuitting = false
    goneAhead.splice(0).forEach((workspace) => session.closes(workspace))
  }

  /** After ends that came too soon after the start to be chance. */
  async function startAfresh() {
    const [first] = session.windows
    const kept: string[] = []
    for (const { workspace } of [...session.windows, ...session.closed]) {
      const file = await setWorkspaceAside(workspace)
      if (file) kept.push(file)
    }
    session.forgetClosed()
    const where = kept.length ? ` What you had is kept as ${joinWords(kept)}: open that to have it back.` : ''
    const words = 'Residual Lab ended several times in a row soon after its start, and begins afresh.'
    say(show({ ...first, workspace: 1 }), `${words}${where}`, 'error')
  }

  return {
    /** At the start of the program: what was open at its end. */
    async restore(): Promise<void> {
      if (session.before === 'crash loop') return startAfresh()
      for (const state of session.windows) {
        const window = show(state)
        if (session.before !== 'crashed') continue
        say(window, 'Residual Lab had ended unexpectedly. This window shows what it had saved last.', 'info')
      }
    },

    /** Another window, with a copy of what this one has saved. @throws Error that names cause and hint */
    async openNew(from: BrowserWindow | null): Promise<void> {
      const number = session.free()
      if (number === null) throw new Error('No more windows can be open at once. Close one of them first.')
      const place = from && !from.isDestroyed() ? from.getNormalBounds() : null
      const bounds = place && { ...place, x: place.x + APART, y: place.y + APART }
      const state = { workspace: number, bounds, maximized: false }
      // From here on the number is taken.
      session.shows(state)
      try {
        await startWorkspace(number, (from && numbers.get(from.webContents)) ?? 1)
      } catch (error) {
        session.fails(number)
        throw error
      }
      show(state)
    },

    /** The window that was closed last, if one was. */
    reopen(): void {
      const state = session.lastClosed()
      if (state) show(state)
    },

    /** The system ends the program (a signal): all windows go, whatever runs. */
    endAll() {
      isEnded = true
      app.quit()
    },

    canReopen: (): boolean => session.lastClosed() !== null,

    /** The one that the user has looked at last. */
    current: (): BrowserWindow | null => last,

    /** Number of the workspace that a page shows. */
    numberOf: (contents: WebContents): number | undefined => numbers.get(contents),
  }
}
