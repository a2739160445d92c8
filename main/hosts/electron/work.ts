import { Notification, dialog, type BrowserWindow } from 'electron'

/** Shows in the task bar how far the work is, and says when long work has ended while the user is elsewhere. */
export function showWork(window: BrowserWindow, fraction: number | null, ended: string | null): void {
  if (window.isDestroyed()) return
  window.setProgressBar(fraction ?? -1)
  if (ended === null || window.isFocused()) return
  window.flashFrame(true)
  window.once('focus', () => window.flashFrame(false))
  if (!Notification.isSupported()) return
  const notification = new Notification({ title: 'Residual Lab', body: ended })
  notification.on('click', () => window.show())
  notification.show()
}

interface Leaving {
  /** The system ends the program: nobody may be there to answer. */
  isEnded: () => boolean
  onStay: () => void
}

/** The page asks to stay while it trains; whoever closes the window decides. */
export function askBeforeLeaving(window: BrowserWindow, { isEnded, onStay }: Leaving): void {
  window.webContents.on('will-prevent-unload', (event) => {
    if (isEnded()) return event.preventDefault()
    const choice = dialog.showMessageBoxSync(window, {
      type: 'question',
      message: 'A run is under way. Leave it?',
      detail:
        'A training that is kept as a run can be gone on with in Runs, from its last checkpoint; ' +
        'of other work, what it has found so far is lost.',
      buttons: ['Stay', 'Leave'],
      defaultId: 0,
      cancelId: 0,
    })
    // Preventing the prevention lets the page go.
    if (choice === 1) event.preventDefault()
    else onStay()
  })
}
