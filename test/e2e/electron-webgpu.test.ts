import * as fs from 'node:fs'
import * as path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { dataFolder, removeDataFolder, type BenchHost } from './bench'
import { byId, finished } from './checks'
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
      await page.keyboard.press('Escape')
      await byId(page, 'setting-blocks').fill('7')
      await byId(page, 'play').click()
      await finished(page)
    },
  )
})
