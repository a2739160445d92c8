import { createHash } from 'node:crypto'

/**
 * The pages around the one that is the workbench. A key is never part of what a browser asks for or remembers: it
 * stands behind the # of a printed address, which is taken out of sight at once, or in a form that a file sends.
 */

/** Where keys are brought. */
export const ENTRANCE = '/open'

const STYLE = `
:root { color-scheme: light dark }
body { margin: 18vh auto; max-width: 34em; padding: 0 1.5em; font: 15px/1.5 system-ui, sans-serif }
h1 { font-size: 1.3em }
code { font-size: .95em }
`

/**
 * Keeps the session for this tab alone and goes on to the workbench. It comes with the page (a key was sent as a form),
 * for a key, or from another tab that is open: a BroadcastChannel reaches pages of this address and port only.
 */
const SCRIPT = `
'use strict'
const enter = (session) => {
  sessionStorage.setItem('residual-lab-session', session)
  location.replace('/')
}
const say = () => (document.querySelector('main').hidden = false)
const askOtherTabs = () => {
  const channel = new BroadcastChannel('residual-lab')
  channel.onmessage = ({ data }) => data.session && enter(data.session)
  channel.postMessage({ ask: true })
  setTimeout(say, 500)
}
const bringKey = () => {
  const key = new URLSearchParams(location.hash.slice(1)).get('key')
  history.replaceState(null, '', '${ENTRANCE}')
  if (!key) return askOtherTabs()
  fetch('/session', { method: 'POST', body: new URLSearchParams({ key }) }).then(
    async (answer) => (answer.ok ? enter(await answer.text()) : askOtherTabs()),
    say,
  )
}
const sent = document.documentElement.dataset.session
if (sent) enter(sent)
else bringKey()
addEventListener('hashchange', bringKey)
`

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

export const ENTRANCE_POLICY = [
  "default-src 'none'",
  `script-src ${hash(SCRIPT)}`,
  `style-src ${hash(STYLE)}`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

/** @param session of whoever has brought a key with the request; null: the page looks for one by itself */
export function entrancePage(session: string | null): string {
  return (
    `<!doctype html><html lang="en"${session ? ` data-session="${session}"` : ''}><meta charset="utf-8">` +
    '<meta name="viewport" content="width=device-width"><title>Residual Lab</title>' +
    `<style>${STYLE}</style><main hidden><h1>This tab has no key to Residual Lab</h1>` +
    '<p>Each address that <code>residual-lab</code> prints opens the workbench once, so that nobody who sees it ' +
    'later can use it. Open the newest one that it has printed.</p>' +
    '<p>While the workbench is open in another tab of this browser, further tabs need no key: keep that tab open, ' +
    `and <a href="${ENTRANCE}">try again</a>.</p></main><script>${SCRIPT}</script>`
  )
}

/** A page of a file: it sends a key as a form, which is no part of an address. */
export function openingPage(port: number, key: string): string {
  return (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Residual Lab</title>' +
    `<form method="post" action="http://127.0.0.1:${port}${ENTRANCE}"><input type="hidden" name="key" value="${key}">` +
    '<button>Open Residual Lab</button></form><script>document.forms[0].submit()</script>\n'
  )
}
