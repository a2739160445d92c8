import { chromium, type Browser } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { findChromium } from '../e2e/browser-host'
import { standInServer } from './stand-in-server'

/** A real Chromium in front of the stand-in host, for the tests of one file. */
export function standInBrowser() {
  const executablePath = findChromium()
  let server: Awaited<ReturnType<typeof standInServer>>
  let browser: Browser

  beforeAll(async () => {
    if (!executablePath) return
    server = await standInServer()
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  }, 180_000)
  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  return {
    /** Why there is none; null: there is. */
    missing: executablePath ? null : 'no Chromium on the PATH',
    get browser() {
      return browser
    },
    get url() {
      return server.url
    },
  }
}
