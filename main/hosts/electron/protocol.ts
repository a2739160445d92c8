import { protocol } from 'electron'
import { SECURITY_HEADERS, contentSecurityPolicy, pageFile } from '../browser/page'

/** Where the page lives: an origin of its own, which file:// is not. */
export const ORIGIN = 'app://residual-lab'

/** Must run before the application is ready. */
export function setupScheme() {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
}

/** Answers app:// with the page's files, and nothing else. */
export function setupProtocol() {
  // The page talks to the laboratory through the preload script alone, so it needs no connections.
  const security = {
    ...SECURITY_HEADERS,
    // With the opener's policy: pages apart from all others, which alone have shared memory.
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Content-Security-Policy': contentSecurityPolicy("'none'"),
  }
  protocol.handle('app', async (request) => {
    const url = new URL(request.url)
    const file = url.host === new URL(ORIGIN).host ? await pageFile(url.pathname) : null
    if (!file) return new Response('There is no such file.', { status: 404, headers: security })
    return new Response(new Uint8Array(file.content), { headers: { ...security, ...file.headers } })
  })
}
