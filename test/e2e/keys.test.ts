import { once } from 'node:events'
import { spawn, type ChildProcess } from 'node:child_process'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { chromium, type BrowserContext, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dataFolder, missingBuild, removeDataFolder, root, watch } from './bench'
import { findChromium } from './browser-host'

// How a browser is let in, and what is left of that: in addresses, in the browser's history, in cookies, in the list of
// processes. A real Chromium with a profile on disk, and the command as a user starts it.

const executablePath = findChromium()
const missing = executablePath ? missingBuild() : 'no Chromium on the PATH'
const folder = dataFolder()
const profile = path.join(folder, 'profile')
const asked = path.join(folder, 'asked')

let host: ChildProcess
let said = ''
let address: string
let browser: BrowserContext
const secrets = new Set<string>()

beforeAll(async () => {
  if (missing) return
  // A desktop's opener that only writes down what it is asked for.
  const opener = path.join(folder, 'bin', 'xdg-open')
  fs.mkdirSync(path.dirname(opener))
  fs.writeFileSync(opener, `#!/bin/sh\nprintf %s "$*" > ${asked}\n`, { mode: 0o755 })
  host = spawn(process.execPath, [path.join(root, 'bin', 'residual-lab.mjs'), 'serve', '--open', '--json'], {
    env: {
      ...process.env,
      PATH: `${path.dirname(opener)}:${process.env.PATH}`,
      RESIDUAL_LAB_DATA: path.join(folder, 'data'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  host.stderr!.on('data', (text) => (said += text))
  const line = await new Promise<string>((resolve) =>
    host.stdout!.once('data', (text) => resolve(String(text))),
  )
  address = JSON.parse(line).url
  browser = await launch()
})
afterAll(async () => {
  await browser?.close()
  if (host) {
    const ended = once(host, 'exit')
    host.kill('SIGTERM')
    // Its last saves come after the signal.
    await ended
  }
  removeDataFolder(folder)
})

const launch = () =>
  chromium.launchPersistentContext(profile, {
    executablePath: executablePath!,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
  })

const check = (name: string, work: () => Promise<void>) =>
  test(name, { timeout: 120_000 }, async ({ skip }) => {
    if (missing) return skip(missing)
    await work()
  })

const isOpen = (page: Page) => page.getByTestId('device').waitFor({ timeout: 30_000 })
const sessionOf = (page: Page) => page.evaluate(() => sessionStorage.getItem('residual-lab-session'))
/** The newest address on the terminal. */
const newest = () => said.match(/http:\S+#key=\S+/g)!.at(-1)!
const base = () => new URL(address).origin

describe('a browser is let in', () => {
  check('by the file that --open gives to the desktop, whose address tells nobody anything', async () => {
    await expect.poll(() => fs.existsSync(asked)).toBe(true)
    const url = fs.readFileSync(asked, 'utf8')
    expect(url).toMatch(/^file:\/\/\S+\/open\.html$/)
    const file = new URL(url)
    expect(fs.statSync(file).mode & 0o077).toBe(0)
    expect(fs.statSync(path.dirname(file.pathname)).mode & 0o077).toBe(0)
    const [, key] = /value="([\w-]{32})"/.exec(fs.readFileSync(file, 'utf8'))!
    secrets.add(key!)

    const page = browser.pages()[0]!
    const problems = watch(page)
    await page.goto(url)
    await isOpen(page)
    expect(page.url()).toBe(`${base()}/`)
    expect(fs.existsSync(path.dirname(file.pathname))).toBe(false)
    secrets.add((await sessionOf(page))!)
    expect(problems).toEqual([])
  })

  check('and stays so when the page is loaded again', async () => {
    const page = browser.pages()[0]!
    await page.reload()
    await isOpen(page)
    await page.getByTestId('finding-forward').waitFor()
  })

  check('once by the printed address, which is out of sight at once; the next one is printed', async () => {
    const page = await browser.newPage()
    const problems = watch(page)
    const key = newest()
    expect(key).toBe(address)
    secrets.add(new URL(key).hash.slice('#key='.length))
    await page.goto(key)
    await isOpen(page)
    expect(page.url()).toBe(`${base()}/`)
    expect(newest()).not.toBe(key)
    expect(problems).toEqual([])
  })

  check('in a further tab without a key, while another is open in this browser', async () => {
    for (const url of [address, base()]) {
      const page = await browser.newPage()
      await page.goto(url)
      await isOpen(page)
      expect(await sessionOf(page)).toBe(await sessionOf(browser.pages()[0]!))
      await page.close()
    }
  })

  check('nowhere else: the page says how', async () => {
    const other = await browser.browser()!.newContext()
    const page = await other.newPage()
    for (const colours of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: colours })
      await page.goto(address)
      await page.getByText('opens the workbench once').waitFor()
      await page.screenshot({ path: path.join(root, 'test-results', `no-key-${colours}.png`) })
    }
    expect(await sessionOf(page)).toBeNull()
    await page.goto(newest())
    await isOpen(page)
    await other.close()
  })
})

describe('what is left of it', () => {
  check('no cookie', async () => {
    expect(await browser.cookies()).toEqual([])
    expect(await browser.pages()[0]!.evaluate(() => document.cookie)).toBe('')
  })

  check('no secret in the list of processes', async () => {
    const lines = fs.readdirSync('/proc').flatMap((pid) => {
      try {
        return /^\d+$/.test(pid) ? [fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8')] : []
      } catch {
        return []
      }
    })
    expect(lines.some((line) => line.includes('residual-lab.mjs'))).toBe(true)
    for (const secret of secrets) expect(lines.filter((line) => line.includes(secret))).toEqual([])
  })

  check('no session in the browser’s profile, and no key in its history but a spent one', async () => {
    expect(secrets.size).toBe(3)
    const session = (await sessionOf(browser.pages()[0]!))!
    await browser.close()
    const history = fs.readFileSync(path.join(profile, 'Default', 'History'))
    expect(history.includes('127.0.0.1')).toBe(true)
    const [fileKey, , printedKey] = secrets
    expect(history.includes(session)).toBe(false)
    expect(history.includes(fileKey!)).toBe(false)
    const answer = await fetch(`${base()}/session`, {
      method: 'POST',
      body: new URLSearchParams({ key: printedKey! }),
    })
    expect(answer.status).toBe(403)
    browser = await launch()
  })
})

describe('the page', () => {
  check('makes no code of text: trusted types', async () => {
    const page = browser.pages()[0]!
    await page.goto(newest())
    await isOpen(page)
    const found = await page.evaluate(() => {
      const types = globalThis as unknown as {
        trustedTypes: { createPolicy(name: string, rules: object): void }
      }
      const attempt = (work: () => void) => {
        try {
          work()
          return 'done'
        } catch (error) {
          return (error as Error).name
        }
      }
      return {
        html: attempt(() => (document.createElement('div').innerHTML = '<b>x</b>')),
        worker: attempt(() => new Worker('https://example.org/x.js')),
        policy: attempt(() => types.trustedTypes.createPolicy('mine', {})),
      }
    })
    expect(found).toEqual({
      html: 'TypeError',
      worker: 'TypeError',
      policy: 'TypeError',
    })
  })

  check('every view works so: its worker, formulas, graphs and charts', async () => {
    const page = browser.pages()[0]!
    const problems = watch(page)
    await page.reload()
    await isOpen(page)
    for (const tab of ['block', 'network', 'order', 'paths', 'shatter', 'lesion', 'signal']) {
      await page.getByTestId(`tab-${tab}`).click()
      await page.getByTestId('picture').first().waitFor({ timeout: 20_000 })
      await page.waitForTimeout(700)
    }
    expect(problems).toEqual([])
  })

  check('a host that was started anew at the same address lets the tab in again', async () => {
    const page = browser.pages()[0]!
    const port = Number(new URL(address).port)
    const ended = new Promise((resolve) => host.once('exit', resolve))
    host.kill('SIGTERM')
    await ended
    said = ''
    const args = [path.join(root, 'bin', 'residual-lab.mjs'), 'serve', '--port', String(port)]
    host = spawn(process.execPath, args, {
      env: { ...process.env, RESIDUAL_LAB_DATA: path.join(folder, 'data') },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    host.stderr!.on('data', (text) => (said += text))
    const device = page.getByTestId('device')
    await expect.poll(() => device.innerText(), { timeout: 60_000 }).toContain('started anew')
    const next = await browser.newPage()
    await next.goto(newest())
    await isOpen(next)
    await expect.poll(() => device.innerText(), { timeout: 30_000 }).not.toMatch(/anew|lost/)
    expect(await sessionOf(page)).toBe(await sessionOf(next))
  })
})
