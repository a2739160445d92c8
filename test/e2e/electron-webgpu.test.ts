import * as fs from 'node:fs'
import * as path from 'node:path'
import type { BrowserWindow } from 'electron'
import type { ElectronApplication } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { dataFolder, removeDataFolder, type BenchHost } from './bench'
import { byId, finished, state } from './checks'
import { electronHost, type ElectronBench } from './electron-host'

// A GPU by WebGPU in real Electron: a window that nobody sees is opened for it and, where its Chromium has none, the
// next device computes and says why. What the page computes is held in a newer Chromium, in test/hosts/page-trainer.

let host: BenchHost<ElectronBench>
let bench: ElectronBench | null = null
let data: string

beforeAll(async () => void (host = await electronHost()), 300_000)
afterAll(() => host?.close())
beforeEach(() => void (data = dataFolder()))
afterEach(async () => {
  await bench?.close()
  bench = null
  removeDataFolder(data)
})

/** The addresses of all windows, and whether they are seen. */
const windows = () =>
  bench!.app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows().map((one) => ({ url: one.webContents.getURL(), isSeen: one.isVisible() })),
  )

describe('the device webgpu in the application', () => {
  test(
    'is a page of its own; where it finds no GPU, the CPU computes and says why',
    { timeout: 240_000 },
    async ({ skip }) => {
      if (host.missing) return skip(host.missing)
      bench = await host.open({ data })
      const { page, app } = bench
      await finished(page)
      await app.evaluate(({ app: application }) => {
        const opened: string[] = []
        Object.assign(globalThis, { opened })
        application.on('browser-window-created', (_event, window) => {
          window.webContents.on('did-finish-load', () => opened.push(window.webContents.getURL()))
        })
      })
      await page.keyboard.press('?')
      await byId(page, 'settings').click()
      await byId(page, 'settings-device').locator('[data-value="webgpu"]').click()
      await expect
        .poll(() => fs.readFileSync(path.join(data, 'settings.json'), 'utf8'))
        .toContain('"device": "webgpu"')
      const log = () => fs.readFileSync(path.join(data, 'residual-lab.log'), 'utf8')
      await expect
        .poll(log, { timeout: 60_000 })
        .toMatch(/trainer starting: WebGPU finds no GPU .* Another device/)
      await expect.poll(log, { timeout: 60_000 }).toMatch(/trainer ready: CPU, .* WebGPU finds no GPU/)
      const opened = await app.evaluate(() => (globalThis as unknown as { opened: string[] }).opened)
      expect(opened).toEqual(['app://residual-lab/trainer.html'])
      // It has gone again.
      expect(await windows()).toEqual([
        { url: expect.stringMatching(/^app:\/\/residual-lab\//), isSeen: true },
      ])
      // Chosen once more it is tried once more.
      const tries = () => log().match(/trainer starting: WebGPU finds no GPU/g)?.length
      expect(tries()).toBe(1)
      await byId(page, 'settings-device').locator('[data-value="webgpu"]').click()
      await expect.poll(tries, { timeout: 60_000 }).toBe(2)
      await page.keyboard.press('Escape')
      await byId(page, 'setting-blocks').fill('7')
      await byId(page, 'play').click()
      await finished(page)
    },
  )
})

/**
 * Chromium 108 has no WebGPU that networks run on: what the page starts to compute says here that it has a GPU and that
 * each job has begun, and no more. The page, its window and all that the host does with them are the product's.
 */
async function computeByPages(app: ElectronApplication) {
  await app.evaluate(({ app: application, BrowserWindow }) => {
    const standIn = `
      Worker = class {
        addEventListener() {}
        postMessage({ queue }) {
          if (!queue) return
          const device = { backend: 'webgpu', name: 'GPU', version: '4', description: 'GPU, WebGPU', note: null }
          queue.postMessage({ type: 'ready', device })
          queue.onmessage = ({ data: { id, job: { experiment } } }) => {
            const event = { type: 'started', device, experiment, series: [], targetDeviation: null }
            queue.postMessage({ type: 'event', id, event })
          }
        }
      }`
    application.on('browser-window-created', (_event, window) =>
      window.webContents.on('dom-ready', () => {
        if (window.webContents.getURL().endsWith('/trainer.html'))
          // At once: webContents waits until the page has loaded, when its ports may have begun the real one.
          void window.webContents.mainFrame.executeJavaScript(`${standIn}; 0`)
      }),
    )
    Object.assign(globalThis, {
      pageThatComputes: () =>
        BrowserWindow.getAllWindows().find((one) => one.webContents.getURL().endsWith('/trainer.html')),
    })
  })
}

interface InMain {
  pageThatComputes(): BrowserWindow | undefined
}

describe('a page that computes', () => {
  const log = () => fs.readFileSync(path.join(data, 'residual-lab.log'), 'utf8')
  /** States of the trainings in the library. */
  const kept = () => {
    const runs = path.join(data, 'runs')
    const files = fs.readdirSync(runs).map((name) => path.join(runs, name, 'run.json'))
    return files
      .filter((file) => fs.existsSync(file))
      .map(
        (file) =>
          (JSON.parse(fs.readFileSync(file, 'utf8')) as { entry: { kind: string; state: string } }).entry,
      )
      .filter(({ kind }) => kind === 'train')
      .map((entry) => entry.state)
  }
  const idOfPage = () =>
    bench!.app.evaluate(() => (globalThis as unknown as InMain).pageThatComputes()?.webContents.id ?? null)

  /** The application, with a training in a page of its own. */
  async function train() {
    bench = await host.open({ data })
    const { page, app } = bench
    await finished(page)
    await computeByPages(app)
    await page.keyboard.press('?')
    await byId(page, 'settings').click()
    await byId(page, 'settings-device').locator('[data-value="webgpu"]').click()
    await expect.poll(log, { timeout: 60_000 }).toContain('trainer ready: GPU, WebGPU')
    await page.keyboard.press('Escape')
    await byId(page, 'tab-train').click()
    await byId(page, 'play').click()
    await state(page, 'training')
    // The page says so at the press; there is something to keep once the networks are there.
    await expect.poll(kept, { timeout: 60_000 }).toEqual(['running'])
    return bench
  }

  test(
    'that crashes is opened anew, and the training is kept as interrupted',
    { timeout: 240_000 },
    async ({ skip }) => {
      if (host.missing) return skip(host.missing)
      const { page, app } = await train()
      const before = await idOfPage()
      await app.evaluate(() => {
        const { webContents } = (globalThis as unknown as InMain).pageThatComputes()!
        webContents.forcefullyCrashRenderer()
      })
      await state(page, 'interrupted')
      await expect
        .poll(() => byId(page, 'run-error').innerText())
        .toMatch(
          /^The training was interrupted. The process that computes has ended \((crashed|killed), exit code \d+\)\. /,
        )
      await expect.poll(kept, { timeout: 10_000 }).toEqual(['interrupted'])
      await expect.poll(idOfPage, { timeout: 60_000 }).not.toBeOneOf([null, before])
      await expect.poll(() => log().match(/trainer ready: GPU, WebGPU/g)?.length, { timeout: 60_000 }).toBe(2)
    },
  )

  test(
    'is tried unasked where TensorFlow’s library is missing, and says so',
    { timeout: 240_000 },
    async ({ skip }) => {
      if (host.missing) return skip(host.missing)
      bench = await host.open({ data, env: { RESIDUAL_LAB_CACHE: path.join(data, 'cache') } })
      const { page, app } = bench
      await expect.poll(log, { timeout: 60_000 }).toMatch(/trainer starting: Looking for a GPU by WebGPU\./)
      await expect
        .poll(log, { timeout: 60_000 })
        .toMatch(/trainer ready: CPU, plain .* is not installed\. WebGPU finds no GPU/)
      await byId(page, 'library-without').click()
      // Another device begins once nothing runs.
      await byId(page, 'stop').click()
      await computeByPages(app)
      await page.keyboard.press('?')
      await byId(page, 'settings').click()
      // The settings ask for it already: chosen once more, it is tried once more.
      await byId(page, 'settings-device').locator('[data-value="auto"]').click()
      await expect
        .poll(log, { timeout: 120_000 })
        .toMatch(/trainer ready: GPU, WebGPU .* is not installed\. In TensorFlow’s place a GPU computes/)
      expect(await idOfPage()).not.toBeNull()
      await page.keyboard.press('Escape')
      await expect
        .poll(() => byId(page, 'runtime-note').innerText())
        .toContain('In TensorFlow’s place a GPU computes')
    },
  )

  test(
    'trains on when an end of the program is called off, and ends with it',
    { timeout: 240_000 },
    async ({ skip }) => {
      if (host.missing) return skip(host.missing)
      const { page, app } = await train()
      // Playwright would answer the page's question in our place.
      page.on('dialog', () => {})
      await app.evaluate(({ dialog }) => {
        const answers = { given: 0, next: 0 }
        Object.assign(globalThis, { answers })
        dialog.showMessageBoxSync = (() => {
          answers.given++
          return answers.next
        }) as never
      })
      const answers = () =>
        app.evaluate(() => (globalThis as unknown as { answers: { given: number } }).answers.given)
      const before = await idOfPage()
      await app.evaluate(({ app: application }) => void setTimeout(() => application.quit(), 10))
      await expect.poll(answers).toBe(1)
      await state(page, 'training')
      expect(await idOfPage()).toBe(before)
      await expect.poll(kept).toEqual(['running'])
      const program = app.process()
      await app.evaluate(({ app: application }) => {
        ;(globalThis as unknown as { answers: { next: number } }).answers.next = 1
        setTimeout(() => application.quit(), 10)
      })
      await expect
        .poll(() => program.exitCode ?? program.signalCode, { timeout: 60_000 })
        .toBeOneOf([0, 'SIGSEGV'])
      bench = null
      // In order, and no page was opened for one that had ended.
      expect(JSON.parse(fs.readFileSync(path.join(data, 'windows.json'), 'utf8'))).toMatchObject({
        running: null,
      })
      expect(log()).not.toContain('has ended (')
      expect(kept()).toEqual(['interrupted'])
    },
  )
})
