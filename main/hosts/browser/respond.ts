import type { IncomingMessage, ServerResponse } from 'node:http'
import { ENTRANCE, ENTRANCE_POLICY, entrancePage } from './entrance'
import type { Guard } from './guard'
import { spendKey, type Keys } from './keys'
import { SECURITY_HEADERS, contentSecurityPolicy, pageFile, type LivePage } from './page'

/** Larger than a form with a key in it. */
const LARGEST_FORM = 1024

export interface Site {
  port: number
  guard: Guard
  keys: Keys
  /** The folder of the page's files, or a page that is made while it is worked on. */
  page: string | LivePage
}

/**
 * Answers what is asked over HTTP: the page's files, which hold no secret and are the same for everyone, and the
 * session, for a key. Whatever the laboratory knows or does goes over its web socket alone.
 */
export async function respond(request: IncomingMessage, response: ServerResponse, site: Site) {
  const { guard, page, port } = site
  const end = responder(request, response, pageHeaders(site))
  const say = (status: number, words: string) => end(status, `${words}\n`)
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  const isPost = request.method === 'POST'
  const isEntrance = url.pathname === ENTRANCE

  const refusal = guard.refusal(request, isPost && isEntrance)
  if (refusal) return say(403, refusal)
  if (isPost && (isEntrance || url.pathname === '/session')) {
    const form = await readForm(request)
    return form ? enter(form, isEntrance, site, end) : say(413, 'That is no key.')
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') return say(405, 'Only GET is answered here.')
  if (isEntrance) return end(200, entrancePage(null), HTML)
  // Browsers ask for it unasked; an error would stand on every console.
  if (url.pathname === '/favicon.ico') return end(204, '')
  const absent = () => say(404, 'There is no such file.')
  if (typeof page !== 'string') {
    if (!guard.mayReadSources(request))
      return say(403, 'The key is missing: open the whole address that residual-lab printed.')
    for (const [name, value] of Object.entries(pageHeaders(site))) response.setHeader(name, value)
    return page.respond(request, response, absent)
  }
  const file = await pageFile(url.pathname, page)
  if (!file) return absent()
  end(200, file.content, file.headers)

  function pageHeaders({ page }: Site) {
    const connect = `'self' ws://127.0.0.1:${port} ws://localhost:${port}`
    const policy = contentSecurityPolicy(connect, typeof page !== 'string')
    return { ...SECURITY_HEADERS, 'Content-Security-Policy': policy }
  }
}

type End = ReturnType<typeof responder>

const HTML = { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': ENTRANCE_POLICY }

function responder(request: IncomingMessage, response: ServerResponse, common: Record<string, string>) {
  return (status: number, body: string | Buffer, more: Record<string, string> = {}) => {
    response.writeHead(status, {
      ...common,
      'Content-Type': 'text/plain; charset=utf-8',
      ...(status === 204 ? {} : { 'Content-Length': Buffer.byteLength(body) }),
      'Cache-Control': 'no-store',
      ...more,
    })
    response.end(request.method === 'HEAD' ? undefined : body)
  }
}

/** A key buys the session, once; a page that has one asks whether it still holds. */
function enter(form: URLSearchParams, isEntrance: boolean, { guard, keys, page }: Site, end: End) {
  const old = form.get('session')
  if (old !== null)
    return guard.isSession(old) ? end(204, '') : end(403, 'This session is of another start.\n')
  const session = spendKey(keys, form.get('key') ?? '')
  // The entrance says itself what to do without a key.
  if (!session) return isEntrance ? end(200, entrancePage(null), HTML) : end(403, 'This key is spent.\n')
  const cookie: Record<string, string> = typeof page === 'string' ? {} : { 'Set-Cookie': guard.sourcesCookie }
  if (isEntrance) return end(200, entrancePage(session), { ...HTML, ...cookie })
  end(200, session, cookie)
}

/** Null for what is larger than any form of ours. */
async function readForm(request: IncomingMessage): Promise<URLSearchParams | null> {
  let text = ''
  for await (const chunk of request) {
    text += chunk
    if (text.length > LARGEST_FORM) return null
  }
  return new URLSearchParams(text)
}
