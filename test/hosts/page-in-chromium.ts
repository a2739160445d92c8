import * as http from 'node:http'
import * as path from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright-core'
import { SECURITY_HEADERS, contentSecurityPolicy, pageFile } from '../../main/hosts/browser/page'
import { createPageFiles } from '../../main/hosts/electron/page-files'
import type { TrainerProcess } from '../../main/hosts/lab/supervisor'
import { BEGIN, type Ask, type PageEnd } from '../../main/trainer/page/wire'
import type { TrainerRequest } from '../../shared/protocol/protocol'

// The page that computes, in a real Chromium in place of Electron: what Electron's preload script and page-trainer.ts
// do is done here by Playwright. Typed arrays travel as lists.

const RENDERER = path.join(fileURLToPath(new URL('../..', import.meta.url)), 'out', 'renderer')
const HEADERS = {
  ...SECURITY_HEADERS,
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Content-Security-Policy': contentSecurityPolicy("'none'"),
}

/** At the end of the worker that computes, before it begins: its GPU is at hand for a test. */
const AT_HAND = `
const { requestDevice } = GPUAdapter.prototype
GPUAdapter.prototype.requestDevice = async function (given) {
  return (globalThis.device = await requestDevice.call(this, given))
}`

/** The page's files with the headers that Electron's host gives them. */
async function serve(): Promise<{ url: string; server: http.Server }> {
  const server = http.createServer(async (request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost')
    const file = await pageFile(pathname, RENDERER)
    // Browsers ask for a picture of every site.
    response
      .writeHead(file ? 200 : pathname === '/favicon.ico' ? 204 : 404, { ...HEADERS, ...file?.headers })
      .end(pathname === '/trainer-jobs.js' ? `${file?.content}${AT_HAND}` : file?.content)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, server }
}

type Sent = { bytes: number[] }
const isBytes = (value: unknown): value is Sent =>
  typeof value === 'object' && value !== null && Array.isArray((value as Sent).bytes)

export interface PageTrainer extends TrainerProcess {
  page: Page
  /** What the page and its workers have printed. */
  printed: string[]
}

export async function openPages(executablePath: string, options: string[]) {
  const browser: Browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', ...options],
  })
  const { url, server } = await serve()
  return {
    async open(data: string): Promise<PageTrainer> {
      const page = await browser.newPage()
      const files = createPageFiles(() => 0, data)
      const printed: string[] = []
      let listener: (message: unknown) => void = () => {}
      let onEnd: (how: string) => void = () => {}
      page.on('console', (message) => printed.push(message.text()))
      page.on('pageerror', (error) => printed.push(error.message))
      await page.exposeFunction('toHost', (message: PageEnd | { kind: string; id: string }) => {
        if (message.kind === 'reply' || message.kind === 'error') files.ended((message as { id: string }).id)
        if (message.kind === 'page-end') onEnd((message as PageEnd).how)
        else listener(message)
      })
      await page.exposeFunction('askHost', async (ask: Ask) => {
        if (ask.ask === 'write' && isBytes(ask.given.part))
          ask.given.part = Uint8Array.from(ask.given.part.bytes)
        const answer = await files.answer(ask)
        const isPiece = 'reply' in answer && answer.reply instanceof Uint8Array
        return isPiece ? { ...answer, reply: { bytes: [...(answer.reply as Uint8Array)] } } : answer
      })
      await page.goto(`${url}/trainer.html`)
      await page.evaluate((begin) => {
        const own = window as unknown as {
          toHost(message: unknown): void
          askHost(ask: unknown): Promise<{ reply?: unknown }>
          toPage(message: unknown): void
        }
        const channels = [new MessageChannel(), new MessageChannel(), new MessageChannel()]
        const [host, ...workers] = channels.map(({ port1 }) => port1)
        host.onmessage = ({ data }) => own.toHost(data)
        own.toPage = (message) => host.postMessage(message)
        for (const port of workers)
          port.onmessage = async ({ data }) => {
            const { part } = data.given ?? {}
            const given = part ? { ...data.given, part: { bytes: [...part] } } : data.given
            const answer = await own.askHost({ ...data, given })
            const { bytes } = (answer.reply ?? {}) as Partial<Sent>
            port.postMessage(bytes ? { ...answer, reply: Uint8Array.from(bytes) } : answer)
          }
        window.postMessage(
          begin,
          location.origin,
          channels.map(({ port2 }) => port2),
        )
      }, BEGIN)
      return {
        page,
        printed,
        send(message) {
          const { kind, id, place } = message as TrainerRequest
          if (kind === 'request' && place) files.admit(id, place)
          void page.evaluate(
            (sent) => (window as unknown as { toPage(m: unknown): void }).toPage(sent),
            message,
          )
        },
        onMessage: (told) => void (listener = told),
        onExit: (told) => void (onEnd = told),
        kill: () => void page.close(),
      }
    },

    /** Ends Chromium's process for the GPU, as a driver's crash does. */
    async killGpu() {
      const session = await browser.newBrowserCDPSession()
      const { processInfo } = await session.send('SystemInfo.getProcessInfo')
      for (const { type, id } of processInfo) if (type === 'GPU') process.kill(id, 'SIGKILL')
      await session.detach()
    },

    async close() {
      await browser.close()
      server.close()
    },
  }
}
