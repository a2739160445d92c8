import { once } from 'node:events'
import * as fs from 'node:fs'
import * as net from 'node:net'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serve, type Served } from '../../main/hosts/browser/serve'
import { nodeTrainer } from '../../main/hosts/lab/supervisor-node'

// Any program of any user of this machine can connect, send what it likes and reset the connection at any moment. An
// 'error' that nobody hears ends the host, and fails this file: vitest reports it as an unhandled error.

let folder: string
let served: Served
beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-resets-'))
  fs.writeFileSync(path.join(folder, 'index.html'), `<title>page</title>${'x'.repeat(2 ** 20)}`)
  const context = { cacheFolder: path.join(folder, 'cache'), env: { PATH: '' }, wheels: {}, official: {} }
  const spawn = nodeTrainer(path.join(__dirname, 'fixture-trainer.cjs'))
  served = await serve({ page: folder, spawn, folder, runtime: { context } })
})
afterAll(async () => {
  await served.close()
  fs.rmSync(folder, { recursive: true, force: true })
})

const host = () => `127.0.0.1:${served.port}`
const upgrade = (more: string) =>
  `GET /lab HTTP/1.1\r\nHost: ${host()}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
  `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${more}\r\n`

/** Connects, sends, and resets the connection: at once, once it is sent, or at the first byte of the answer. */
function reset(text: string, when: 'at once' | 'sent' | 'answered'): Promise<void> {
  return new Promise((resolve) => {
    const socket = net.connect(served.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.on('close', () => resolve())
    socket.on('connect', () => {
      socket.write(text, () => when === 'sent' && socket.resetAndDestroy())
      if (when === 'at once') socket.resetAndDestroy()
    })
    socket.on('data', () => when === 'answered' && socket.resetAndDestroy())
    // Not everything is answered: half a request is waited for.
    socket.setTimeout(500, () => socket.resetAndDestroy())
  })
}

async function resets(count: number, text: string, when: Parameters<typeof reset>[1]): Promise<void> {
  for (let done = 0; done < count; done += 50)
    await Promise.all(Array.from({ length: 50 }, () => reset(text, when)))
}

/** Whether the host holds its end of this connection, as the system sees it; nobody holds what is only taken down. */
function isHeld(socket: net.Socket): boolean {
  const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, '0')
  const ends = `0100007F:${hex(served.port)} 0100007F:${hex(socket.localPort!)}`
  const line = fs
    .readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .find((one) => one.includes(ends))
  const inode = line?.trim().split(/\s+/)[9]
  return inode !== undefined && inode !== '0'
}

const stillThere = () => fetch(`http://${host()}/nothing`).then(({ status }) => status)

describe.each(['at once', 'sent', 'answered'] as const)('a thousand connections reset, %s', (when) => {
  test.each([
    ['a refused upgrade', () => upgrade('Origin: http://evil.example\r\n')],
    ['an upgrade without a key', () => upgrade(`Origin: http://${host()}\r\n`)],
    ['an upgrade with more behind it', () => upgrade('') + 'x'.repeat(100_000)],
    ['a refused page', () => `GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n`],
    ['a page', () => `GET / HTTP/1.1\r\nHost: ${host()}\r\n\r\n`],
    ['what is no HTTP', () => '\x16\x03\x01\x02\x00\r\n\r\n'],
  ])('%s', async (_name, text) => {
    await resets(200, text(), when)
    expect([403, 404]).toContain(await stillThere())
  })
})

test('a refused upgrade that its sender leaves open is closed by the host', async () => {
  const socket = net.connect({ port: served.port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => {})
  socket.write(upgrade('') + 'x'.repeat(100_000))
  await once(socket, 'readable')
  expect(isHeld(socket)).toBe(true)
  await expect.poll(() => isHeld(socket)).toBe(false)
  socket.destroy()
})

test('half a request, reset', async () => {
  await resets(100, `POST /session HTTP/1.1\r\nHost: ${host()}\r\nContent-Length: 100\r\n\r\nhalf`, 'sent')
  expect([403, 404]).toContain(await stillThere())
})
