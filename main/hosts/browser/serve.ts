import * as http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { createLab, type LabOptions } from '../lab/lab'
import { RENDERER, SECURITY_HEADERS, contentSecurityPolicy, pageFile, type LivePage } from './page'
import { createGuard, newKeys, type Guard, type Keys } from './guard'
import { joinSocket } from './socket'
import { nodeTrainer } from '../lab/supervisor-node'
import { dataFolder } from '../lab/data-folder'

export interface ServeOptions extends Partial<
  Pick<LabOptions, 'spawn' | 'folder' | 'runtime' | 'onTrainer'>
> {
  /** 0: a free one. */
  port?: number
  /** The folder of the page's files, or a page that is made while it is worked on. */
  page?: string | LivePage
  /** Those of the host that this one follows, so that pages opened before stay connected; none: new ones. */
  keys?: Keys
}

export interface Served {
  port: number
  /** With the token in it: who has the address may use the laboratory. */
  url: string
  keys: Keys
  close(): Promise<void>
}

/** Larger than the largest workspace. */
const MAXIMUM_MESSAGE = 16 * 2 ** 20
/** How long a refused upgrade's answer may take to be read. */
const REFUSED_MS = 1000

/** The browser host: the workbench on 127.0.0.1, for this user's browser only. */
export async function serve(options: ServeOptions = {}): Promise<Served> {
  const { port: wanted = 0, page = RENDERER, keys = newKeys() } = options
  const server = http.createServer()
  // One that comes while it listens (no more file handles, say) is of one connection, and the next may do.
  server.on('error', () => {})
  const port = await listen(server, wanted)
  const guard = createGuard(port, keys)
  const lab = createLab({
    host: 'browser',
    spawn: options.spawn ?? nodeTrainer(),
    folder: options.folder ?? dataFolder(),
    runtime: options.runtime,
    onTrainer: options.onTrainer,
  })
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAXIMUM_MESSAGE })
  sockets.on('error', () => {})
  /** Also those that have been upgraded, which the server leaves to us. */
  const connections = new Set<Duplex>()

  server.on('connection', (socket) => {
    socket.on('error', () => socket.destroy())
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
  })
  server.on('request', (request, response) => {
    request.on('error', () => response.destroy())
    response.on('error', () => response.destroy())
    respond(request, response, guard, port, page).catch(() => response.destroy())
  })
  server.on('upgrade', (request, socket, head) => {
    // Whoever connects may reset the connection at any moment, admitted or not.
    socket.on('error', () => socket.destroy())
    const admitted = guard.mayOpenSocket(request)
    if (admitted && request.url === '/lab')
      return sockets.handleUpgrade(request, socket, head, (webSocket) => joinSocket(lab, webSocket))
    if (admitted && typeof page !== 'string') return page.upgrade(request, socket, head)
    socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    // Nobody reads from it any more, so that nobody would notice its end.
    setTimeout(() => socket.destroy(), REFUSED_MS).unref()
  })
  void lab.start()

  return {
    port,
    url: `http://127.0.0.1:${port}/?token=${keys.token}`,
    keys,
    async close() {
      await lab.close()
      sockets.clients.forEach((client) => client.terminate())
      const done = new Promise((resolve) => server.close(resolve))
      connections.forEach((socket) => socket.destroy())
      await done
    },
  }
}

function listen(server: http.Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new Error(listenProblem(error, port))))
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

function listenProblem(error: NodeJS.ErrnoException, port: number): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} is in use. Close the program that uses it, or choose another with --port (0: any free one).`
    case 'EACCES':
      return `Port ${port} may not be used by this user. Choose one above 1023 with --port (0: any free one).`
    default:
      return (
        `The browser host could not listen on 127.0.0.1:${port} (${error.message}). ` +
        'Choose another port with --port.'
      )
  }
}

async function respond(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  guard: Guard,
  port: number,
  page: string | LivePage,
) {
  const connect = `'self' ws://127.0.0.1:${port} ws://localhost:${port}`
  // A live page puts its styles into the document, to exchange them there.
  const styles = typeof page === 'string' ? undefined : "'self' 'unsafe-inline'"
  const headers = {
    ...SECURITY_HEADERS,
    'Content-Security-Policy': contentSecurityPolicy(connect, styles),
  }
  const end = (status: number, type: string, body: string | Buffer, more: Record<string, string> = {}) => {
    response.writeHead(status, {
      ...headers,
      'Content-Type': type,
      'Content-Length': Buffer.byteLength(body),
      'Cache-Control': 'no-store',
      ...more,
    })
    response.end(request.method === 'HEAD' ? undefined : body)
  }
  const say = (status: number, words: string) => end(status, 'text/plain; charset=utf-8', `${words}\n`)

  const refusal = guard.refusal(request)
  if (refusal) return say(403, refusal)
  if (request.method !== 'GET' && request.method !== 'HEAD') return say(405, 'Only GET is answered here.')
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  if (guard.hasToken(url))
    return end(200, 'text/html; charset=utf-8', ENTRANCE, { 'Set-Cookie': guard.cookie })
  if (!guard.hasSession(request))
    return say(403, 'The key is missing: open the whole address that residual-lab printed.')
  // Browsers ask for it unasked; an error would stand on every console.
  if (url.pathname === '/favicon.ico') return void response.writeHead(204, headers).end()
  const absent = () => say(404, 'There is no such file.')
  if (typeof page !== 'string') {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    return page.respond(request, response, absent)
  }
  const file = await pageFile(url.pathname, page)
  if (!file) return absent()
  end(200, file.headers['Content-Type']!, file.content, file.headers)
}

/**
 * Takes the token out of the address bar and the history. Not an HTTP redirect: after a click on a link
 * elsewhere the browser would not send a SameSite=Strict cookie along with that, but with a page's own
 * refresh it does.
 */
const ENTRANCE =
  '<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=/">' +
  '<title>Residual Lab</title>'
