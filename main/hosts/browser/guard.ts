import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

export type Guard = ReturnType<typeof createGuard>

/**
 * Decides who may talk to the browser host. Other programs of other users can connect to 127.0.0.1, and any
 * web page can make a browser do so; so: the Host must be ours (a name that was rebound to 127.0.0.1 is not),
 * the Origin must be ours (another page's is not), and the browser must hold a session that it got for the
 * token in the printed address.
 */
export function createGuard(port: number, { token, session }: Keys) {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  // Cookies do not tell ports apart: two laboratories need two names.
  const cookieName = `residual-lab-${port}`

  return {
    /** Why a request is turned away whatever it asks for; null if it is not. */
    refusal(request: IncomingMessage): string | null {
      const { host, origin } = request.headers
      if (!host || !hosts.includes(host))
        return 'This address is not the laboratory’s: open the one that residual-lab printed.'
      if (origin !== undefined && origin !== `http://${host}`) return 'Requests from other pages are refused.'
      return null
    },

    hasToken: (url: URL) => equal(url.searchParams.get('token') ?? '', token),

    hasSession(request: IncomingMessage): boolean {
      const cookies = (request.headers.cookie ?? '').split(';').map((cookie) => cookie.trim())
      return cookies.some((cookie) => equal(cookie, `${cookieName}=${session}`))
    },

    /** A web socket is opened by a page, and a page has an Origin: without one it is no browser of ours. */
    mayOpenSocket(request: IncomingMessage): boolean {
      return (
        request.headers.origin !== undefined && this.refusal(request) === null && this.hasSession(request)
      )
    },

    cookie: `${cookieName}=${session}; HttpOnly; SameSite=Strict; Path=/`,
  }
}

/** The token is in the printed address, the session in the browser's cookie. */
export interface Keys {
  token: string
  session: string
}

export const newKeys = (): Keys => ({ token: secret(), session: secret() })

const secret = () => randomBytes(24).toString('base64url')

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
