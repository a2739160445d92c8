import type { IncomingMessage } from 'node:http'
import { isEqual, type Keys } from './keys'

export type Guard = ReturnType<typeof createGuard>

/** What a page calls the protocol it speaks; its session follows as a second name, so that it is in no address. */
export const SUBPROTOCOL = 'residual-lab'

/**
 * Decides who may talk to the browser host. Other programs of other users can connect to 127.0.0.1, and any
 * web page can make a browser do so; so: the Host must be ours (a name that was rebound to 127.0.0.1 is not),
 * the Origin must be ours (another page's is not), and a page must show the session that it got for a key. The session
 * is no cookie: a browser would send that to every port of 127.0.0.1, whoever listens there.
 */
export function createGuard(port: number, { session, sources }: Keys) {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  // Cookies do not tell ports apart: two laboratories need two names.
  const cookieName = `residual-lab-sources-${port}`

  return {
    /**
     * Why a request is turned away whatever it asks for; null if it is not.
     * @param isEntrance it asks for what the one-use keys are for, and a page that is nobody's (a file) may ask it
     */
    refusal(request: IncomingMessage, isEntrance = false): string | null {
      const { host, origin } = request.headers
      if (!host || !hosts.includes(host))
        return 'This address is not the laboratory’s: open the one that residual-lab printed.'
      const isOurs = origin === undefined || origin === `http://${host}`
      if (!isOurs && !(isEntrance && origin === 'null')) return 'Requests from other pages are refused.'
      if (isFromElsewhere(request)) return 'Requests from other pages are refused.'
      return null
    },

    isSession: (given: string) => isEqual(given, session),

    /** Whether the browser has been let in and may read the sources of a live page. */
    mayReadSources(request: IncomingMessage): boolean {
      const cookies = (request.headers.cookie ?? '').split(';').map((cookie) => cookie.trim())
      return cookies.some((cookie) => isEqual(cookie, `${cookieName}=${sources}`))
    },

    /** Whether this is our own page asking for a web socket: a page has an Origin, another program may have none. */
    isOurPage(request: IncomingMessage): boolean {
      return request.headers.origin !== undefined && this.refusal(request) === null
    },

    /** Whether a web socket may join the laboratory. */
    mayJoin(request: IncomingMessage): boolean {
      const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
      return this.isOurPage(request) && offered[0] === SUBPROTOCOL && isEqual(offered[1] ?? '', session)
    },

    sourcesCookie: `${cookieName}=${sources}; HttpOnly; SameSite=Strict; Path=/`,
  }
}

/**
 * What the browser itself says of where a request comes from. Another site may lead the whole tab here (a link in a
 * mail); it may not load our files into its page, or frame ours. Browsers that do not say are held by the other checks.
 */
function isFromElsewhere({ headers }: IncomingMessage): boolean {
  const { 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': target } = headers
  if (site === undefined || site === 'same-origin' || site === 'none') return false
  return mode !== 'navigate' || target !== 'document'
}
