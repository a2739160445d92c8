import * as fs from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import * as path from 'node:path'
import type { Duplex } from 'node:stream'

/** The renderer's files, as both hosts deliver them. */

/** Beside this bundle. */
export const RENDERER = path.join(__dirname, '..', 'renderer')

/**
 * Nothing but the page's own files runs or is shown.
 * @param connect what it may talk to
 * @param isLive of a page made of the sources: it puts its styles into the document, to exchange them there, and its
 * gallery shows whole frames in pages of their own
 */
export function contentSecurityPolicy(connect: string, isLive = false): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self'${isLive ? " 'unsafe-inline'" : ''}`,
    "font-src 'self'",
    // Pictures of charts are drawn to data: and blob: addresses before they are saved.
    "img-src 'self' data: blob:",
    `connect-src ${connect}`,
    "base-uri 'none'",
    "form-action 'none'",
    `frame-src ${isLive ? "'self'" : "'none'"}`,
    `frame-ancestors ${isLive ? "'self'" : "'none'"}`,
    // Text becomes a script, or a page's HTML, only through these two: Svelte's own, for its templates, and
    // renderer/base/trusted-types.ts, which admits the page's own worker.
    "require-trusted-types-for 'script'",
    'trusted-types svelte-trusted-html default',
  ].join('; ')
}

export const SECURITY_HEADERS: Record<string, string> = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

export interface PageFile {
  content: Buffer
  headers: Record<string, string>
}

/** A page made of the sources while they are worked on (bin/dev.mjs). What it is asked has passed the guard. */
export interface LivePage {
  /** Answers a request, or calls `absent` if it asks for nothing of the page. */
  respond(request: IncomingMessage, response: ServerResponse, absent: () => void): void
  /** Opens the web socket over which the page hears what has changed. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
}

/**
 * A file of the page by the path of its address; null for whatever is not one, also for a path that leads out
 * of the folder.
 */
export async function pageFile(urlPath: string, folder = RENDERER): Promise<PageFile | null> {
  const name = fileName(urlPath)
  if (!name) return null
  const type = TYPES[path.extname(name)]
  const file = path.join(folder, name)
  if (!type || !file.startsWith(path.resolve(folder) + path.sep)) return null
  try {
    const content = await fs.readFile(file)
    // The names of the other files change with their content.
    const cache = name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-store'
    return { content, headers: { 'Content-Type': type, 'Cache-Control': cache } }
  } catch {
    return null
  }
}

/** The relative name an address asks for; null if it is no plain name. */
function fileName(urlPath: string): string | null {
  let decoded: string
  try {
    decoded = decodeURIComponent(urlPath)
  } catch {
    return null
  }
  if (decoded === '/') return 'index.html'
  const parts = decoded.slice(1).split('/')
  const plain = /^[\w-][\w.-]*$/
  return decoded.startsWith('/') && parts.every((part) => plain.test(part)) ? parts.join('/') : null
}
