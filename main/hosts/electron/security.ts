import { app, session } from 'electron'
import { ORIGIN } from './protocol'

/** The page shows itself and nothing else: no other address, no second window, no device. */
export function setupSecurity() {
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
    contents.on('will-attach-webview', (event) => event.preventDefault())
    const stay = (event: { preventDefault(): void }, url: string) => {
      if (!url.startsWith(`${ORIGIN}/`)) event.preventDefault()
    }
    contents.on('will-navigate', stay)
    contents.on('will-redirect', stay)
  })
  // "Copy as command" writes text to the clipboard; nothing else needs a permission.
  const allowed = (permission: string) => permission === 'clipboard-sanitized-write'
  session.defaultSession.setPermissionRequestHandler((_contents, permission, answer) =>
    answer(allowed(permission)),
  )
  session.defaultSession.setPermissionCheckHandler((_contents, permission) => allowed(permission))
  session.defaultSession.setDevicePermissionHandler(() => false)
}

/** What must be said of a start without Chromium's sandbox; null where it is there. */
export function sandboxWarning(env = process.env): string | null {
  if (!app.commandLine.hasSwitch('no-sandbox') && !env.ELECTRON_DISABLE_SANDBOX) return null
  return (
    'Chromium’s sandbox is off (--no-sandbox): a fault in what this window shows could reach everything that this ' +
    'user can. Start without that option, and not as root.'
  )
}
