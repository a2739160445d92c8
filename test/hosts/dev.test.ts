import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { decodeMessage, encodeMessage, type Message, type Request } from '../../shared/protocol/protocol'

// A checkout of its own, whose sources the tests may change; the packages are this one's.
const root = path.resolve('.')
const SOURCES = ['bin', 'main', 'shared', 'renderer', 'electron.vite.config.ts', 'tsconfig.json']
const MANIFESTS = ['package.json', 'package-lock.json']

let checkout: string
let dev: ChildProcess
let said = ''
let address: URL
let session: string
/** Opens the sources, and nothing else. */
let cookie: string

beforeAll(async () => {
  checkout = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-dev-')))
  for (const name of [...SOURCES, ...MANIFESTS])
    fs.cpSync(path.join(root, name), path.join(checkout, name), { recursive: true, preserveTimestamps: true })
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(checkout, 'node_modules'))
  dev = spawn(process.execPath, ['bin/dev.mjs'], {
    cwd: checkout,
    env: { ...process.env, RESIDUAL_LAB_DATA: path.join(checkout, 'data'), NODE_ENV: undefined },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  dev.stderr!.on('data', (data) => (said += data))
  const [url] = await heard(/http:\/\/127\.0\.0\.1:\d+\/open#key=\S+/)
  address = new URL(url!)
  const entrance = await fetch(new URL('/session', address), {
    method: 'POST',
    body: new URLSearchParams(address.hash.slice(1)),
  })
  session = await entrance.text()
  cookie = entrance.headers.get('set-cookie')!.split(';')[0]!
  expect(cookie).toMatch(/^residual-lab-sources-\d+=[\w-]{32}$/)
  expect(cookie).not.toContain(session)
})
afterAll(() => {
  dev?.kill('SIGKILL')
  fs.rmSync(checkout, { recursive: true, force: true })
})

/** Waits until the program has said something, and says in failing what it said instead. */
async function heard(words: RegExp): Promise<RegExpExecArray> {
  const ended = once(dev, 'exit')
  for (;;) {
    const found = words.exec(said)
    if (found) return found
    const more = await Promise.race([once(dev.stderr!, 'data'), ended.then(() => null)])
    if (!more) throw new Error(`npm run dev ended; it had said:\n${said}`)
  }
}

const get = (name: string, headers: Record<string, string> = { cookie }) =>
  fetch(new URL(name, address), { headers })

/** A web socket of a page at `origin`; its status if it is refused. */
async function socket(name: string, protocols: string[], headers: Record<string, string>) {
  const opened = new WebSocket(new URL(name, address.href.replace('http', 'ws')), protocols, { headers })
  return new Promise<WebSocket | number>((resolve, reject) => {
    opened.on('open', () => resolve(opened))
    opened.on('unexpected-response', (_request, response) => resolve(response.statusCode!))
    opened.on('error', reject)
  })
}
const JOIN = () => ['residual-lab', session]
const ours = () => ({ cookie, origin: address.origin })

/** Messages of a socket until one is as wanted. */
async function message<T>(
  from: WebSocket,
  wanted: (text: string) => T | null | undefined | false,
): Promise<T> {
  for (;;) {
    const [data] = (await once(from, 'message')) as [Buffer]
    const found = wanted(String(data))
    if (found) return found
  }
}

/** Asks the laboratory, as the page does. */
async function ask(lab: WebSocket, body: Request['body']): Promise<Message & { kind: 'reply' }> {
  const reply = message(lab, (text) => {
    const answer = decodeMessage(text) as Message
    if (answer.kind === 'error') throw new Error(answer.error.message)
    return answer.kind === 'reply' && answer.id === body.type && answer
  })
  lab.send(encodeMessage({ kind: 'request', id: body.type, body }))
  return reply
}

async function open(name: string, protocols: string[] = []): Promise<WebSocket> {
  const opened = await socket(name, protocols, ours())
  if (typeof opened === 'number') throw new Error(`${name} was refused with ${opened}`)
  return opened
}

/** The socket over which Vite's client in the page hears of changes; its token is in the client's code. */
async function updates(): Promise<WebSocket> {
  const client = await (await get('/@vite/client')).text()
  const [, token] = /wsToken = "([^"]+)"/.exec(client)!
  return open(`/?token=${token}`, ['vite-hmr'])
}

test('the page is made of the sources, behind the guard of the product', async () => {
  const page = await get('/')
  expect(page.status).toBe(200)
  expect(page.headers.get('content-security-policy')).toContain(
    "default-src 'none'; script-src 'self'; style-src",
  )
  // The gallery shows whole frames in pages of their own.
  expect(page.headers.get('content-security-policy')).toContain("frame-src 'self'; frame-ancestors 'self'")
  const html = await page.text()
  expect(html).toContain('/@vite/client')
  expect(html).toContain('main.ts')
  expect(await (await get('/app/App.svelte')).text()).toContain('import.meta.hot')

  for (const name of ['/', '/app/App.svelte', '/@vite/client']) expect((await get(name, {})).status).toBe(403)
  expect((await get('/', { cookie, origin: 'http://evil.example' })).status).toBe(403)
  const outside = await get(`/@fs${path.join(checkout, 'package.json')}`)
  expect(await outside.text()).not.toContain('"version"')
})

test('neither socket opens without the session, or to another page', async () => {
  for (const [name, protocols] of [
    ['/lab', ['residual-lab']],
    ['/', ['vite-hmr']],
    ['/', ['vite-ping']],
  ] as const) {
    const key = name === '/lab' ? [session] : []
    expect(await socket(name, [...protocols], { origin: address.origin })).toBe(403)
    expect(await socket(name, [...protocols, ...key], { cookie, origin: 'http://evil.example' })).toBe(403)
    expect(await socket(name, [...protocols, ...key], { cookie })).toBe(403)
  }
  // What opens the sources does not open the laboratory.
  expect(await socket('/lab', ['residual-lab'], ours())).toBe(403)
})

test('the real trainer answers', async () => {
  const lab = await open('/lab', JOIN())
  const { value } = await ask(lab, { type: 'hello' })
  expect(value).toMatchObject({ host: 'browser' })
  lab.close()
  const [, device] = await heard(/\n((?:CPU|GPU|.*TensorFlow \d|.*plain JavaScript).*)\n/)
  expect(device).toMatch(/TensorFlow|JavaScript/)
})

test('a change of the page is told to the open page', async () => {
  const page = await updates()
  await get('/app/App.svelte')
  const told = message(page, (text) => text.includes('App.svelte') && JSON.parse(text))
  fs.appendFileSync(path.join(checkout, 'renderer/app/App.svelte'), '\n<p>changed</p>\n')
  expect(await told).toMatchObject({ type: 'update' })
  page.close()
})

test('a change of the host starts it again at the same address, for the same browsers', async () => {
  const lab = await open('/lab', JOIN())
  const closed = once(lab, 'close')
  const file = path.join(checkout, 'main/hosts/lab/lab.ts')
  const text = fs.readFileSync(file, 'utf8')
  expect(text).toContain('platform: process.platform')
  fs.writeFileSync(file, text.replace('platform: process.platform', "platform: 'changed'"))
  await closed
  await heard(/started again/)
  const { value } = await ask(await open('/lab', JOIN()), { type: 'hello' })
  expect(value).toMatchObject({ platform: 'changed' })
})

test('a mistake in the sources is told, and the host goes on', async () => {
  fs.writeFileSync(path.join(checkout, 'main/hosts/browser/page.ts'), 'export const = wrong')
  await heard(/Waiting for the change that mends it/)
  const { value } = await ask(await open('/lab', JOIN()), { type: 'hello' })
  expect(value).toMatchObject({ platform: 'changed' })
})

test('it ends at the stop signal, with its trainer', async () => {
  const trainers = childrenOf(dev.pid!)
  expect(trainers).toHaveLength(1)
  const ended = once(dev, 'exit')
  dev.kill('SIGINT')
  expect(await ended).toEqual([0, null])
  await expect.poll(() => trainers.filter(alive), { timeout: 10_000 }).toEqual([])
})

/** Children that are not Vite's bundler's: those that run the trainer. */
function childrenOf(pid: number): number[] {
  return fs
    .readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter(Boolean)
    .map(Number)
    .filter((child) => fs.readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('trainer.cjs'))
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
