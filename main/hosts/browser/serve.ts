import * as http from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { createLab, type LabOptions } from '../lab/lab'
import { RENDERER, SECURITY_HEADERS, contentSecurityPolicy, pageFile } from './page'
import { createGuard, type Guard } from './guard'
import { joinSocket } from './socket'
import { nodeTrainer } from '../lab/supervisor-node'
import { dataFolder } from '../lab/workspace'

export interface ServeOptions extends Partial<
  Pick<LabOptions, 'spawn' | 'folder' | 'runtime' | 'onTrainer'>
> {
  /** 0: a free one. */
  port?: number
  /** The folder of the page's files. */
  page?: string
}

export interface Served {
  port: number
  /** With the token in it: who has the address may use the laboratory. */
  url: string
  close(): Promise<void>
}

/** Larger than the largest workspace. */
const MAXIMUM_MESSAGE = 16 * 2 ** 20

/** The browser host: the workbench on 127.0.0.1, for this user's browser only. */
export async function serve(options: ServeOptions = {}): Promise<Served> {
  const { port: wanted = 0, page = RENDERER } = options
  const server = http.createServer()
  const port = await listen(server, wanted)
  const guard = createGuard(port)
  const lab = createLab({
    host: 'browser',
    spawn: options.spawn ?? nodeTrainer(),
    folder: options.folder ?? dataFolder(),
    runtime: options.runtime,
    onTrainer: options.onTrainer,
  })
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAXIMUM_MESSAGE })

  server.on('request', (request, response) => {
    respond(request, response, guard, port, page).catch(() => response.destroy())
  })
  server.on('upgrade', (request, socket, head) => {
    if (request.url !== '/lab' || !guard.mayOpenSocket(request)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => joinSocket(lab, webSocket))
  })
  void lab.start()

  return {
    port,
    url: `http://127.0.0.1:${port}/?token=${guard.token}`,
    async close() {
      await lab.close()
      sockets.clients.forEach((client) => client.terminate())
      const done = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
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
      return `The browser host could not listen on 127.0.0.1:${port} (${error.message}). Choose another port with --port.`
  }
}

async function respond(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  guard: Guard,
  port: number,
  page: string,
) {
  const headers = {
    ...SECURITY_HEADERS,
    'Content-Security-Policy': contentSecurityPolicy(`'self' ws://127.0.0.1:${port} ws://localhost:${port}`),
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
  const file = await pageFile(url.pathname, page)
  if (!file) return say(404, 'There is no such file.')
  end(200, file.headers['Content-Type']!, file.content, file.headers)
}

/**
 * Takes the token out of the address bar and the history. Not an HTTP redirect: after a click on a link elsewhere the browser would not
 * send a SameSite=Strict cookie along with that, but with a page's own refresh it does.
 */
const ENTRANCE =
  '<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=/"><title>Residual Lab</title>'
