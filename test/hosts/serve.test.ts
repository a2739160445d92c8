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
let session: string
/** Not used yet. */
let nextUrl: string

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-serve-'))
  const page = path.join(folder, 'page')
  fs.mkdirSync(path.join(page, 'assets'), { recursive: true })
  fs.writeFileSync(path.join(page, 'index.html'), '<title>page</title>')
  fs.writeFileSync(path.join(page, 'assets', 'main-1.js'), 'export {}')
  fs.writeFileSync(path.join(folder, 'secret.json'), '{}')
  const onOpened = (url: string) => (nextUrl = url)
  served = await serve({ page, spawn: nodeTrainer(FIXTURE), folder, runtime: nothing(), onOpened })
  session = (await bring(served.url)).body
})
afterAll(async () => {
  await served.close()
  fs.rmSync(folder, { recursive: true, force: true })
})

/** An empty cache and no way out: the trainer is started without a library, and nothing is downloaded. */
const nothing = () => ({
  context: { cacheFolder: path.join(folder, 'cache'), env: { PATH: '' }, wheels: {}, official: {} },
})
const keyOf = (url: string) => new URLSearchParams(new URL(url).hash.slice(1)).get('key')!
/** What the entrance does with the key of an address. */
const bring = (url: string, more: Record<string, string> = {}) =>
  get('/session', { origin: origin(), ...more }, 'POST', `key=${keyOf(url)}`)
const origin = () => `http://127.0.0.1:${served.port}`

interface Answer {
  status: number
  headers: http.IncomingHttpHeaders
  body: string
}

/** Sends the path as it is: fetch would tidy it up. */
function get(
  urlPath: string,
  headers: Record<string, string> = {},
  method = 'GET',
  form?: string,
): Promise<Answer> {
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
    request.end(form)
  })
}

describe('keys', () => {
  test('no key and no session is in anything that a browser asks for, keeps as a cookie or is sent on to', async () => {
    const url = new URL(nextUrl)
    expect(`${url.pathname}${url.search}`).toBe('/open')
    expect(keyOf(nextUrl)).toMatch(/^[\w-]{32}$/)
    expect(session).toMatch(/^[\w-]{32}$/)
    for (const page of [await get('/open'), await get('/')]) {
      expect(page.status).toBe(200)
      expect(page.headers['set-cookie']).toBeUndefined()
      expect(page.headers['referrer-policy']).toBe('no-referrer')
      expect(page.body).not.toContain(session)
    }
  })

  test('a key buys the session once, and the next address is told', async () => {
    const url = nextUrl
    const first = await bring(url)
    expect(first).toMatchObject({ status: 200, body: session })
    expect(first.headers).toMatchObject({ 'cache-control': 'no-store' })
    expect(first.headers['set-cookie']).toBeUndefined()
    expect(nextUrl).not.toBe(url)
    expect(await bring(url)).toMatchObject({ status: 403, body: 'This key is spent.\n' })
    expect(await bring(nextUrl)).toMatchObject({ status: 200, body: session })
  })

  test.each(['wrong', '', 'A'.repeat(32)])('the key %j buys nothing', async (key) => {
    const answer = await get('/session', { origin: origin() }, 'POST', `key=${key}`)
    expect(answer).toMatchObject({ status: 403, body: 'This key is spent.\n' })
  })

  test('a key is refused in an address, from another page, and in a form beyond all measure', async () => {
    expect((await get(`/open?key=${keyOf(nextUrl)}`)).body).not.toContain(session)
    expect(await bring(nextUrl, { origin: 'http://evil.example' })).toMatchObject({ status: 403 })
    expect(await bring(nextUrl, { origin: 'null' })).toMatchObject({ status: 403 })
    const long = `key=${keyOf(nextUrl)}&more=${'x'.repeat(5000)}`
    expect(await get('/session', { origin: origin() }, 'POST', long)).toMatchObject({ status: 413 })
    expect(await bring(nextUrl)).toMatchObject({ status: 200 })
  })

  test('a page may ask whether its session still holds', async () => {
    const ask = (one: string) => get('/session', { origin: origin() }, 'POST', `session=${one}`)
    expect(await ask(session)).toMatchObject({ status: 204, body: '' })
    expect(await ask('A'.repeat(32))).toMatchObject({ status: 403 })
  })

  test('the opening file: only this user reads it, its form opens once, then it is gone', async () => {
    const file = await served.openingFile()
    expect(fs.statSync(file).mode & 0o777).toBe(0o600)
    expect(fs.statSync(path.dirname(file)).mode & 0o777).toBe(0o700)
    const page = fs.readFileSync(file, 'utf8')
    const [, key] = /name="key" value="([\w-]{32})"/.exec(page)!
    expect(page).toContain(`method="post" action="http://127.0.0.1:${served.port}/open"`)
    // As a browser sends a form of a file.
    const headers = {
      ...{ origin: 'null', 'sec-fetch-site': 'cross-site' },
      ...{ 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
    }
    const send = () => get('/open', headers, 'POST', `key=${key}`)
    const opened = await send()
    expect(opened).toMatchObject({ status: 200, body: expect.stringContaining(`data-session="${session}"`) })
    expect(opened.headers['cache-control']).toBe('no-store')
    await expect.poll(() => fs.existsSync(path.dirname(file))).toBe(false)
    expect((await send()).body).not.toContain(session)
  })

  test('an opening file that nobody opened is removed at the end', async () => {
    const other = await serve({ page: folder, spawn: nodeTrainer(FIXTURE), folder, runtime: nothing() })
    const file = await other.openingFile()
    await other.close()
    expect(fs.existsSync(path.dirname(file))).toBe(false)
  })
})

describe('pages', () => {
  test('the page comes with a strict content security policy and is not stored', async () => {
    const page = await get('/')
    expect(page).toMatchObject({ status: 200, body: '<title>page</title>' })
    const policy = page.headers['content-security-policy']!
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
    expect(policy).toContain("frame-src 'none'; frame-ancestors 'none'")
    expect(policy).not.toMatch(/unsafe|\*|https?:/)
    expect(page.headers['cache-control']).toBe('no-store')
    expect(page.headers['x-content-type-options']).toBe('nosniff')
    expect((await get('/assets/main-1.js')).headers['content-type']).toBe('text/javascript; charset=utf-8')
  })

  test('a name that was rebound to 127.0.0.1 is refused, even with the key', async () => {
    const answer = await bring(nextUrl, { host: `evil.example:${served.port}` })
    expect(answer).toMatchObject({
      status: 403,
      body: 'This address is not the laboratory’s: open the one that residual-lab printed.\n',
    })
    expect((await get('/', { host: `127.0.0.1:${served.port + 1}` })).status).toBe(403)
  })

  test('another page’s requests are refused', async () => {
    expect((await get('/', { origin: 'http://evil.example' })).status).toBe(403)
    expect((await get('/', { origin: 'null' })).status).toBe(403)
    expect((await get('/', { origin: origin() })).status).toBe(200)
  })

  test.each([
    ['a script in another page', 'cross-site', 'no-cors', 'script', 403],
    ['a script in a page of another port', 'same-site', 'no-cors', 'script', 403],
    ['a frame in another page', 'cross-site', 'navigate', 'iframe', 403],
    ['a request of another page', 'cross-site', 'cors', 'empty', 403],
    ['a link in another page', 'cross-site', 'navigate', 'document', 200],
    ['the address bar', 'none', 'navigate', 'document', 200],
    ['our own page', 'same-origin', 'no-cors', 'script', 200],
  ])('%s, as the browser itself says', async (_name, site, mode, target, status) => {
    const headers = { 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': target }
    expect((await get('/', headers)).status).toBe(status)
    expect((await get('/assets/main-1.js', headers)).status).toBe(status)
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
    expect((await get('/', {}, 'POST')).status).toBe(405)
    expect(await get('/', {}, 'HEAD')).toMatchObject({ status: 200, body: '' })
  })
})

/** A tab's socket. */
async function join(
  headers: Record<string, string> = { origin: origin() },
  urlPath = '/lab',
  protocols = ['residual-lab', session],
) {
  const socket = new WebSocket(`ws://127.0.0.1:${served.port}${urlPath}`, protocols, { headers })
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
    ['another page', () => ({ origin: 'http://evil.example' })],
    ['no origin', () => ({})],
    ['another host', () => ({ origin: 'http://evil.example', host: 'evil.example' })],
    ['another page, as the browser says', () => ({ origin: origin(), 'sec-fetch-site': 'same-site' })],
  ])('%s is refused', async (_name, headers) => {
    await expect(join(headers() as Record<string, string>)).rejects.toThrow('403')
  })

  test.each([
    ['no session', () => []],
    ['a wrong session', () => ['residual-lab', 'wrong']],
    ['a session of the right length', () => ['residual-lab', 'A'.repeat(32)]],
    ['the session under another name', () => ['other', session]],
    ['the session alone', () => [session]],
  ])('%s is refused', async (_name, protocols) => {
    await expect(join(undefined, '/lab', protocols())).rejects.toThrow('403')
  })

  test('the session is not sent back', async () => {
    const tab = await join()
    expect(tab.socket.protocol).toBe('residual-lab')
    tab.socket.close()
  })

  test('the thirty-third socket is refused until another is closed', async () => {
    const tabs = await Promise.all(Array.from({ length: 32 }, () => join()))
    await expect(join()).rejects.toThrow('503')
    tabs[0]!.socket.close()
    await expect
      .poll(() =>
        join().then(
          ({ socket }) => tabs.push({ ...tabs[0]!, socket }),
          () => 0,
        ),
      )
      .toBe(33)
    tabs.forEach(({ socket }) => socket.terminate())
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
