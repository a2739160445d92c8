import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { chromium, type Browser } from 'playwright-core'
import { missingBuild, root, watch, type Bench, type BenchHost, type BenchOptions } from './bench'

/** The browser host as a user starts it, and a real Chromium in front of it. */
export async function browserHost(): Promise<BenchHost> {
  const executablePath = findChromium()
  const missing = executablePath
    ? missingBuild()
    : 'no Chromium on the PATH: install it (on Debian the package chromium), or name it in CHROMIUM'
  let browser: Browser | undefined

  return {
    missing,
    async open(options) {
      browser ??= await chromium.launch({
        executablePath: executablePath!,
        args: [
          '--no-sandbox',
          '--disable-gpu',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
        ],
      })
      return openBench(browser, options)
    },
    async close() {
      await browser?.close()
    },
  }
}

export function findChromium(): string | null {
  if (process.env.CHROMIUM) return process.env.CHROMIUM
  const folders = (process.env.PATH ?? '').split(path.delimiter)
  const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']
  const files = names.flatMap((name) => folders.map((folder) => path.join(folder, name)))
  return files.find((file) => fs.existsSync(file)) ?? null
}

async function openBench(browser: Browser, { data, env }: BenchOptions): Promise<Bench> {
  const server = await startServer(data, env)
  const context = await browser.newContext({
    viewport: { width: 1360, height: 860 },
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  const page = await context.newPage()
  const problems = watch(page)
  await page.goto(server.url)
  return {
    page,
    problems,
    trainerPid: async () => childOf(server.process.pid!),
    async close() {
      await context.close()
      const code = await endServer(server)
      if (code !== 0) throw new Error(`residual-lab serve ended with exit code ${code} after SIGTERM`)
    },
  }
}

export interface Server {
  process: ChildProcess
  url: string
  port: number
}

export async function startServer(data: string, env: NodeJS.ProcessEnv = {}): Promise<Server> {
  const child = spawn(process.execPath, [path.join(root, 'bin', 'residual-lab.mjs'), 'serve', '--json'], {
    env: { ...process.env, RESIDUAL_LAB_DATA: data, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let words = ''
  child.stderr.on('data', (text) => (words += text))
  const { url, port } = await new Promise<{ url: string; port: number }>((resolve, reject) => {
    child.stdout.on('data', (text) => {
      output += text
      if (output.endsWith('\n')) resolve(JSON.parse(output))
    })
    child.once('exit', (code) =>
      reject(new Error(`residual-lab serve ended with exit code ${code}: ${words}`)),
    )
  })
  return { process: child, url, port }
}

/** @returns its exit code */
export async function endServer({ process }: Server): Promise<number | null> {
  process.kill('SIGTERM')
  const [code] = (await once(process, 'exit')) as [number | null]
  return code
}

/** The one child of a process: the trainer. */
function childOf(pid: number): number {
  const children = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
  if (children.length !== 1 || !children[0]) throw new Error(`process ${pid} has the children ${children}`)
  return Number(children[0])
}
