import * as http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { createLab, type Lab, type LabOptions } from '../lab/lab'
import { ENTRANCE, openingPage } from './entrance'
import { createGuard } from './guard'
import { mintKey, newKeys, type Keys } from './keys'
import { writeOpeningFile, type OpeningFile } from './opening-file'
import { RENDERER, type LivePage } from './page'
import { respond } from './respond'
import { joinSocket } from './socket'
import { nodeTrainer } from '../lab/supervisor-node'
import { dataFolder } from '../../files/data-folder'

export interface ServeOptions extends Partial<
  Pick<LabOptions, 'spawn' | 'folder' | 'runtime' | 'onTrainer'>
> {
  /** 0: a free one. */
  port?: number
  /** The folder of the page's files, or a page that is made while it is worked on. */
  page?: string | LivePage
  /** Those of the host that this one follows, so that pages opened before stay connected; none: new ones. */
  keys?: Keys
  /** Told when an address has been used, which opens nothing any more, and the one that opens the laboratory next. */
  onOpened?: (next: string) => void
}

export interface Served {
  port: number
  /** Opens the laboratory once, in the browser that is first. */
  url: string
  keys: Keys
  /** The path of a page that opens it, too, and that only this user can read; it is removed when it has. */
  openingFile(): Promise<string>
  close(): Promise<void>
}

/** Larger than the largest workspace. */
const MAXIMUM_MESSAGE = 16 * 2 ** 20
/** More tabs than anyone has. */
const MOST_SOCKETS = 32
const MOST_CONNECTIONS = 256
/** How long a refused upgrade's answer may take to be read. */
const REFUSED_MS = 1000

/** The browser host: the workbench on 127.0.0.1, for this user's browser only. */
export async function serve(options: ServeOptions = {}): Promise<Served> {
  const { port: wanted = 0, page = RENDERER, keys = newKeys() } = options
  // Requests are short; whoever sends one slowly only keeps a connection from others.
  const server = http.createServer({ headersTimeout: 10_000, requestTimeout: 20_000 })
  server.maxConnections = MOST_CONNECTIONS
  // One that comes while it listens (no more file handles, say) is of one connection, and the next may do.
  server.on('error', () => {})
  const port = await listen(server, wanted)
  const guard = createGuard(port, keys)
  let lab: Lab
  try {
    lab = createLab({
      host: 'browser',
      spawn: options.spawn ?? nodeTrainer(),
      folder: options.folder ?? dataFolder(),
      runtime: options.runtime,
      onTrainer: options.onTrainer,
    })
  } catch (error) {
    // Listening, it would keep the process.
    server.close()
    throw error
  }
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAXIMUM_MESSAGE })
  sockets.on('error', () => {})
  /** Also those that have been upgraded, which the server leaves to us. */
  const connections = new Set<Duplex>()
  const openingFiles = new Set<OpeningFile>()

  server.on('connection', (socket) => {
    socket.on('error', () => socket.destroy())
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
  })
  server.on('request', (request, response) => {
    request.on('error', () => response.destroy())
    response.on('error', () => response.destroy())
    respond(request, response, { port, guard, keys, page }).catch(() => response.destroy())
  })
  server.on('upgrade', (request, socket, head) => {
    // Whoever connects may reset the connection at any moment, admitted or not.
    socket.on('error', () => socket.destroy())
    if (request.url === '/lab') {
      if (!guard.mayJoin(request)) return refuse(socket, '403 Forbidden')
      if (sockets.clients.size >= MOST_SOCKETS) return refuse(socket, '503 Service Unavailable')
      return sockets.handleUpgrade(request, socket, head, (webSocket) => joinSocket(lab, webSocket))
    }
    if (typeof page !== 'string' && guard.isOurPage(request) && guard.mayReadSources(request))
      return page.upgrade(request, socket, head)
    refuse(socket, '403 Forbidden')
  })
  void lab.start()

  const address = (): string => {
    const key = mintKey(keys, () => options.onOpened?.(address()))
    return `http://127.0.0.1:${port}${ENTRANCE}#key=${key}`
  }
  return {
    port,
    url: address(),
    keys,
    async openingFile() {
      const key = mintKey(keys, () => void removeFile())
      const file = await writeOpeningFile(openingPage(port, key))
      const removeFile = () => {
        openingFiles.delete(file)
        return file.remove()
      }
      openingFiles.add(file)
      return file.path
    },
    async close() {
      await Promise.all([...openingFiles].map((file) => file.remove()))
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

function refuse(socket: Duplex, status: string) {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
  // Nobody reads from it any more, so that nobody would notice its end.
  setTimeout(() => socket.destroy(), REFUSED_MS).unref()
}
