import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, test } from 'vitest'
import { dataFolder, missingBuild, removeDataFolder, runCommand, watch } from './bench'
import { endServer, findChromium, startServer, type Server } from './browser-host'

export interface OpenPage {
  page: Page
  problems: string[]
}

/**
 * A real Chromium for the tests of one file, each with a data folder of its own.
 * @param end what a test has started beside the hosts of `openHost`
 */
export function browserTests(end: () => Promise<void> = async () => {}) {
  const executablePath = findChromium()
  const missing = executablePath ? missingBuild() : 'no Chromium on the PATH'
  let browser: Browser
  let data: string
  const hosts: Server[] = []

  beforeAll(async () => {
    if (missing) return
    browser = await chromium.launch({
      executablePath: executablePath!,
      args: ['--no-sandbox', '--disable-gpu'],
    })
  })
  afterAll(() => browser?.close())
  afterEach(async () => {
    await end()
    for (const host of hosts.splice(0)) await endServer(host)
    removeDataFolder(data)
  })

  /** A page in a context of its own. */
  async function open(url: string, permissions: string[] = []): Promise<OpenPage> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, permissions })
    const page = await context.newPage()
    const problems = watch(page)
    await page.goto(url)
    return { page, problems }
  }

  return {
    check: (name: string, work: () => Promise<void>) =>
      // A hundred commands on a busy machine take minutes; only what hangs is to be ended.
      test(name, { timeout: 300_000 }, async ({ skip }) => {
        data = dataFolder()
        if (missing) return skip(missing)
        await work()
      }),
    /** The data folder of the test that runs. */
    get data() {
      return data
    },
    open,
    /** A host of its own on the test's data folder, which ends with the test, and a page in front of it. */
    async openHost(permissions?: string[]): Promise<OpenPage> {
      const host = await startServer(data)
      hosts.push(host)
      return open(host.url, permissions)
    },
    /** What the command line prints on the test's data folder. @param line its words, or they with spaces between */
    async command(line: string | readonly string[]): Promise<string> {
      const { stdout } = await runCommand(data, typeof line === 'string' ? line.split(' ') : line)
      return stdout
    },
  }
}
