import * as fs from 'node:fs'
import * as http from 'node:http'
import * as net from 'node:net'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { serve, type Served } from '../../main/hosts/browser/serve'
import { nodeTrainer } from '../../main/hosts/lab/supervisor-node'
import { decodeMessage, encodeMessage, type Message } from '../../shared/protocol/protocol'

const FIXTURE = path.join(__dirname, 'fixture-trainer.cjs')

let folder: string
let served: Served
let cookie: string

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-serve-'))
  const page = path.join(folder, 'page')
  fs.mkdirSync(path.join(page, 'assets'), { recursive: true })
  fs.writeFileSync(path.join(page, 'index.html'), '<title>page</title>')
  fs.writeFileSync(path.join(page, 'assets', 'main-1.js'), 'export {}')
  fs.writeFileSync(path.join(folder, 'secret.json'), '{}')
  // An empty cache and no way out: the trainer is started without a library, and nothing is downloaded.
  const context = { cacheFolder: path.join(folder, 'cache'), env: { PATH: '' }, wheels: {}, official: {} }
  served = await serve({ page, spawn: nodeTrainer(FIXTURE), folder, runtime: { context } })
  const entrance = await get(`/?token=${tokenOf(served)}`, {})
  cookie = entrance.headers['set-cookie']![0]!.split(';')[0]!
})
afterAll(async () => {
  await served.close()
  fs.rmSync(folder, { recursive: true, force: true })
})

const tokenOf = ({ url }: Served) => new URL(url).searchParams.get('token')!
const origin = () => `http://127.0.0.1:${served.port}`

interface Answer {
  status: number
  headers: http.IncomingHttpHeaders
  body: string
}

/** Sends the path as it is: fetch would tidy it up. */
function get(urlPath: string, headers: Record<string, string> = { cookie }, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host: '127.0.0.1', port: served.port, path: urlPath, headers, method },
      (response) => {
        let body = ''
        response.on('data', (data) => (body += data))
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }))
      },
    )
    request.on('error', reject)
    request.end()
  })
}

describe('pages', () => {
  test('the printed address hands out a session and takes the token out of sight', async () => {
    const entrance = await get(`/?token=${tokenOf(served)}`, {})
    expect(entrance.status).toBe(200)
    expect(entrance.headers['set-cookie']![0]).toMatch(
      /^residual-lab-\d+=[\w-]{32}; HttpOnly; SameSite=Strict; Path=\/$/,
    )
    expect(entrance.body).toContain('url=/"')
    expect(entrance.body).not.toContain(tokenOf(served))
    expect(entrance.headers['referrer-policy']).toBe('no-referrer')
  })

  test('the page comes with a strict content security policy and is not stored', async () => {
    const page = await get('/')
    expect(page).toMatchObject({ status: 200, body: '<title>page</title>' })
    const policy = page.headers['content-security-policy']!
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
    expect(policy).not.toMatch(/unsafe|\*|https?:/)
    expect(page.headers['cache-control']).toBe('no-store')
    expect(page.headers['x-content-type-options']).toBe('nosniff')
    expect((await get('/assets/main-1.js')).headers['content-type']).toBe('text/javascript; charset=utf-8')
  })

  test.each([
    ['no session', '/', {}],
    ['a wrong token', '/?token=wrong', {}],
    ['a wrong session', '/', { cookie: 'residual-lab-1=x' }],
  ])('%s is refused, with a hint', async (_name, urlPath, headers) => {
    const answer = await get(urlPath, headers)
    expect(answer).toMatchObject({
      status: 403,
      body: 'The key is missing: open the whole address that residual-lab printed.\n',
    })
    expect(answer.headers['set-cookie']).toBeUndefined()
  })

  test('a name that was rebound to 127.0.0.1 is refused, even with the token', async () => {
    const answer = await get(`/?token=${tokenOf(served)}`, { host: `evil.example:${served.port}` })
    expect(answer).toMatchObject({
      status: 403,
      body: 'This address is not the laboratory’s: open the one that residual-lab printed.\n',
    })
    expect((await get('/', { cookie, host: `127.0.0.1:${served.port + 1}` })).status).toBe(403)
  })

  test('another page’s requests are refused', async () => {
    expect((await get('/', { cookie, origin: 'http://evil.example' })).status).toBe(403)
    expect((await get('/', { cookie, origin: 'null' })).status).toBe(403)
    expect((await get('/', { cookie, origin: origin() })).status).toBe(200)
  })

  test.each([
    '/../secret.json',
    '/..%2fsecret.json',
    '/%2e%2e/secret.json',
    '/assets/../../secret.json',
    '/assets/..%5c..%5csecret.json',
    '//etc/passwd',
    '/assets',
    '/.hidden',
    '/%00',
    '/%',
    '/secret.json',
  ])('%s leads nowhere', async (urlPath) => {
    expect(await get(urlPath)).toMatchObject({ status: 404, body: 'There is no such file.\n' })
  })

  test('only GET and HEAD', async () => {
    expect((await get('/', { cookie }, 'POST')).status).toBe(405)
    expect(await get('/', { cookie }, 'HEAD')).toMatchObject({ status: 200, body: '' })
  })
})

/** A tab's socket. */
async function join(headers: Record<string, string> = { cookie, origin: origin() }, urlPath = '/lab') {
  const socket = new WebSocket(`ws://127.0.0.1:${served.port}${urlPath}`, { headers })
  const messages: Message[] = []
  socket.on('message', (data) => messages.push(decodeMessage(String(data)) as Message))
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  const next = (matches: (message: Message) => boolean) =>
    new Promise<Message>((resolve) => {
      const look = () => {
        const found = messages.find(matches)
        if (found) resolve(found)
        else socket.once('message', look)
      }
      look()
    })
  return {
    socket,
    send: (message: unknown) => socket.send(encodeMessage(message)),
    answerTo: (id: string) => next((m) => m.kind !== 'notice' && m.kind !== 'event' && m.id === id),
    event: (id: string) => next((m) => m.kind === 'event' && m.id === id),
  }
}

describe('sockets', () => {
  test.each([
    ['another page', () => ({ cookie, origin: 'http://evil.example' })],
    ['no origin', () => ({ cookie })],
    ['no session', () => ({ origin: origin() })],
    ['another host', () => ({ cookie, origin: 'http://evil.example', host: 'evil.example' })],
  ])('%s is refused', async (_name, headers) => {
    await expect(join(headers() as Record<string, string>)).rejects.toThrow('403')
  })

  test('another path is refused', async () => {
    await expect(join(undefined, '/other')).rejects.toThrow('403')
  })

  test('hello, workspace, and what a browser’s page does by itself', async () => {
    const tab = await join()
    tab.send({ kind: 'request', id: '1', body: { type: 'hello' } })
    expect(await tab.answerTo('1')).toMatchObject({
      kind: 'reply',
      value: { host: 'browser', platform: process.platform },
    })
    tab.send({ kind: 'request', id: '2', body: { type: 'workspace.save', document: { high: -Infinity } } })
    expect(await tab.answerTo('2')).toMatchObject({ kind: 'reply', id: '2', value: { kept: null } })
    tab.send({ kind: 'request', id: '3', body: { type: 'workspace.load' } })
    expect(await tab.answerTo('3')).toMatchObject({ value: { document: { high: -Infinity }, problem: null } })
    tab.send({ kind: 'request', id: '4', body: { type: 'file.open' } })
    expect(await tab.answerTo('4')).toMatchObject({
      error: { reason: 'failed', message: 'In a browser the page opens and saves files by itself.' },
    })
    tab.socket.close()
  })

  test('a job: events, then its reply; non-finite numbers survive', async () => {
    const tab = await join()
    tab.send({ kind: 'request', id: 'a', body: { type: 'signal', experiment: { do: 'answer' } } })
    expect(await tab.answerTo('a')).toMatchObject({ kind: 'reply', value: { large: Infinity } })
    tab.socket.close()
  })

  test('a tab that closes has its jobs stopped, and another goes on', async () => {
    const [gone, stays] = [await join(), await join()]
    gone.send({ kind: 'request', id: 'a', body: { type: 'signal', experiment: { do: 'wait' } } })
    await gone.event('a')
    gone.socket.close()
    stays.send({ kind: 'request', id: 'a', body: { type: 'signal', experiment: { do: 'answer' } } })
    expect(await stays.answerTo('a')).toMatchObject({ kind: 'reply' })
    stays.socket.close()
  })

  test.each([
    ['an unknown type', { kind: 'request', id: 'x', body: { type: 'format-disk' } }],
    ['a wrong field', { kind: 'request', id: 'x', body: { type: 'control', job: 3, action: 'stop' } }],
    ['no request', { kind: 'reply', id: 'x' }],
  ])('%s is answered with an error', async (_name, message) => {
    const tab = await join()
    tab.send(message)
    expect(await tab.answerTo('x')).toMatchObject({
      kind: 'error',
      error: { message: expect.stringMatching(/^Unknown message: /) },
    })
    tab.socket.close()
  })

  test.each([
    ['text that is no JSON', 'hello'],
    ['binary data', Buffer.from([1, 2])],
  ])('%s ends the connection', async (_name, data) => {
    const tab = await join()
    tab.socket.send(data)
    const code = await new Promise((resolve) => tab.socket.once('close', resolve))
    expect(code).toBe(1003)
  })

  test('a message beyond all measure ends the connection', async () => {
    const tab = await join()
    tab.socket.on('error', () => {})
    tab.socket.send('x'.repeat(17 * 2 ** 20))
    await new Promise((resolve) => tab.socket.once('close', resolve))
  })
})

test('nobody outside this machine can connect', async ({ skip }) => {
  const addresses = Object.values(os.networkInterfaces()).flatMap((list) => list ?? [])
  const outside = addresses.find((address) => !address.internal && address.family === 'IPv4')
  if (!outside) return skip('this machine has no address but its own')
  const code = await new Promise((resolve) => {
    const socket = net.connect(served.port, outside.address)
    socket.once('connect', () => resolve('connected'))
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code))
  })
  expect(code).toBe('ECONNREFUSED')
})

test('a port in use: one line with a hint', async () => {
  await expect(serve({ port: served.port })).rejects.toThrow(
    `Port ${served.port} is in use. Close the program that uses it, or choose another with --port (0: any free one).`,
  )
})
