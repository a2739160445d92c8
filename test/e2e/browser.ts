import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, test } from 'vitest'
import { dataFolder, missingBuild, removeDataFolder, watch } from './bench'
import { findChromium } from './browser-host'

export interface OpenPage {
  page: Page
  problems: string[]
}

/** A real Chromium for the tests of one file, each with a data folder of its own. @param end what a test has started */
export function browserTests(end: () => Promise<void>) {
  const executablePath = findChromium()
  const missing = executablePath ? missingBuild() : 'no Chromium on the PATH'
  let browser: Browser
  let data: string

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
    removeDataFolder(data)
  })

  return {
    check: (name: string, work: () => Promise<void>) =>
      test(name, { timeout: 120_000 }, async ({ skip }) => {
        data = dataFolder()
        if (missing) return skip(missing)
        await work()
      }),
    /** The data folder of the test that runs. */
    get data() {
      return data
    },
    /** A page in a context of its own. */
    async open(url: string, permissions: string[] = []): Promise<OpenPage> {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, permissions })
      const page = await context.newPage()
      const problems = watch(page)
      await page.goto(url)
      return { page, problems }
    },
  }
}
