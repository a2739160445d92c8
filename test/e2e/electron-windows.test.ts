import type { ChildProcess } from 'node:child_process'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { dataFolder, removeDataFolder, type BenchHost } from './bench'
import { byId, finished, state } from './checks'
import { electronHost, type ElectronBench } from './electron-host'

// Living with the application, in real Electron: several windows, what comes back at the next start and after crashes,
// the word before long work is left, and how far it is. Nothing of the product is replaced but what a person answers.

let host: BenchHost<ElectronBench>
let bench: ElectronBench
/** Of the bench; Playwright forgets it when it ends. */
let program: ChildProcess
let data: string

beforeAll(async () => void (host = await electronHost()), 300_000)
afterAll(() => host?.close())
beforeEach(() => void (data = dataFolder()))
afterEach(async () => {
  await end()
  // Chromium's own processes may still be writing.
  removeDataFolder(data)
})

const check = (name: string, work: () => Promise<void>) =>
  test(name, { timeout: 240_000 }, async ({ skip }) => {
    if (host.missing) return skip(host.missing)
    await work()
  })

/** Starts the program on the folder; all windows that come back, in the order of their workspaces' seeds. */
async function start(count = 1): Promise<Page[]> {
  bench = await host.open({ data })
  program = bench.app.process()
  await expect.poll(() => bench.app.windows().length, { timeout: 30_000 }).toBe(count)
  const pages = bench.app.windows()
  await Promise.all(pages.map(loaded))
  const seeds = await Promise.all(pages.map(seed))
  return [...pages].sort((a, b) => Number(seeds[pages.indexOf(a)]) - Number(seeds[pages.indexOf(b)]))
}

/** As a crash or the system ends it. */
async function kill() {
  program.kill('SIGKILL')
  await expect.poll(() => program.signalCode).toBe('SIGKILL')
  // Its other processes find out by themselves.
  await sleep(500)
}

/** Whatever a test has left. */
async function end() {
  try {
    if (bench && !hasEnded()) await kill()
  } catch {
    // Closed already, and forgotten by Playwright.
  }
}

async function quit() {
  await bench.app.evaluate(({ app }) => void setTimeout(() => app.quit(), 10))
  await ended()
}

const hasEnded = () => program.exitCode !== null || program.signalCode !== null

/**
 * The program ends by itself, in order: the last thing that it does is to write so. Electron 22 with a debugger
 * attached, as Playwright's is, may crash after that, in about one of twenty ends, while Chromium's threads are taken
 * down (it prints "Waiting for the debugger to disconnect" first); of 80 ends without a debugger none did.
 */
async function ended() {
  await expect.poll(hasEnded, { timeout: 60_000 }).toBe(true)
  expect(program.exitCode ?? program.signalCode).toBeOneOf([0, 'SIGSEGV'])
  expect(JSON.parse(read('windows.json'))).toMatchObject({ running: null })
}

/** The page shows its workspace. */
const loaded = (page: Page) =>
  page.locator('[data-testid="app"][aria-busy="false"]').waitFor({ timeout: 60_000 })
const seed = (page: Page) => byId(page, 'setting-seed').inputValue()
const announced = (page: Page) => byId(page, 'announcement').innerText()
const read = (name: string) => {
  try {
    return fs.readFileSync(path.join(data, name), 'utf8')
  } catch {
    return ''
  }
}
async function setSeed(page: Page, value: number, file: string) {
  await byId(page, 'setting-seed').fill(String(value))
  await expect.poll(() => read(file), { timeout: 10_000 }).toContain(`"seed":${value}`)
}
async function newWindow(page: Page): Promise<Page> {
  const [second] = await Promise.all([
    bench.app.waitForEvent('window'),
    page.keyboard.press('Control+Shift+N'),
  ])
  await loaded(second)
  return second
}

describe('several windows', () => {
  check(
    'each has its own workspace; all come back after an end, and a closed one when asked for',
    async () => {
      const [first] = await start()
      await finished(first!)
      // Not saved yet when the key is pressed: the other begins with it all the same.
      await byId(first!, 'setting-seed').fill('11')
      const second = await newWindow(first!)
      await expect.poll(() => seed(second)).toBe('11')
      await setSeed(second, 22, 'workspace-2.json')
      await setSeed(first!, 12, 'workspace.json')
      await finished(second)
      await finished(first!)
      for (const page of [first!, second]) expect(await byId(page, 'workspace-notice').count()).toBe(0)
      expect(read('workspace-2.json')).toContain('"seed":22')
      await quit()

      let pages = await start(2)
      await expect.poll(() => Promise.all(pages.map(seed))).toEqual(['12', '22'])
      // An end that all went well with is not spoken of.
      await Promise.all(pages.map(finished))
      for (const page of pages) expect(await byId(page, 'announcement').count()).toBe(0)

      await pages[1]!.close({ runBeforeUnload: true })
      await expect.poll(() => bench.app.windows().length).toBe(1)
      const reopen = (click: boolean) =>
        bench.app.evaluate(({ Menu }, click) => {
          const item = Menu.getApplicationMenu()!.getMenuItemById('reopen-window')!
          if (click) item.click()
          return item.enabled
        }, click)
      await expect.poll(() => reopen(false)).toBe(true)
      const [again] = await Promise.all([bench.app.waitForEvent('window'), reopen(true)])
      await loaded(again)
      await expect.poll(() => seed(again)).toBe('22')
      await quit()
      pages = await start(2)
      await expect.poll(() => Promise.all(pages.map(seed))).toEqual(['12', '22'])
    },
  )

  check(
    'a window comes back where it was, at its zoom; on a screen that has gone, where it can be reached',
    async () => {
      await start()
      const place = () =>
        bench.app.evaluate(({ BrowserWindow }) => {
          const [window] = BrowserWindow.getAllWindows()
          return { bounds: window!.getBounds(), zoom: window!.webContents.getZoomLevel() }
        })
      const bounds = { x: 40, y: 30, width: 1100, height: 700 }
      await bench.app.evaluate(({ BrowserWindow }, bounds) => {
        const [window] = BrowserWindow.getAllWindows()
        window!.setBounds(bounds)
        window!.webContents.setZoomLevel(1)
      }, bounds)
      // Long before the program ends: a crash keeps it too.
      await expect.poll(() => read('windows.json')).toContain('"width": 1100')
      await quit()
      await start()
      await expect.poll(place).toEqual({ bounds, zoom: 1 })
      await quit()

      const session = JSON.parse(read('windows.json')) as { windows: { bounds: object }[] }
      session.windows[0]!.bounds = { ...bounds, x: 9000, y: 4000 }
      fs.writeFileSync(path.join(data, 'windows.json'), JSON.stringify(session))
      await start()
      const { bounds: shown } = await place()
      expect(shown).toMatchObject({ width: 1100, height: 700 })
      const { width, height } = await bench.app.evaluate(({ screen }) => screen.getPrimaryDisplay().workArea)
      expect([shown.x >= 0, shown.x + 1100 <= width, shown.y >= 0, shown.y + 700 <= height]).toEqual(
        Array(4).fill(true),
      )
    },
  )
})

describe('after a crash', () => {
  const WORD = 'Residual Lab had ended unexpectedly. This window shows what it had saved last.'

  check('of the program, all windows come back with their workspaces and say so', async () => {
    const [first] = await start()
    await finished(first!)
    await setSeed(first!, 31, 'workspace.json')
    const second = await newWindow(first!)
    await setSeed(second, 32, 'workspace-2.json')
    await expect.poll(() => read('windows.json')).toContain('"workspace": 2')
    await kill()

    const pages = await start(2)
    await expect.poll(() => Promise.all(pages.map(seed))).toEqual(['31', '32'])
    for (const page of pages) await expect.poll(() => announced(page)).toBe(WORD)
    await quit()
    expect(JSON.parse(read('windows.json'))).toMatchObject({ running: null })
  })

  check(
    'again and again, soon after the start: afresh, and the old workspace is where it is said',
    async () => {
      let [page] = await start()
      await finished(page!)
      await setSeed(page!, 41, 'workspace.json')
      for (let i = 0; i < 3; i++) {
        await kill()
        ;[page] = await start()
      }
      await expect.poll(() => announced(page!)).toContain('begins afresh. What you had is kept as ')
      await expect.poll(() => seed(page!)).toBe('1')
      const file = /kept as (.*): open that/.exec(await announced(page!))![1]!
      expect(JSON.parse(fs.readFileSync(file, 'utf8'))).toMatchObject({ experiment: { seed: 41 } })

      // What is kept can be opened.
      await bench.app.evaluate(({ dialog }, file) => {
        dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [file] }) as never
      }, file)
      await byId(page!, 'open').click()
      await expect.poll(() => seed(page!)).toBe('41')
    },
  )

  check('of a page: it is loaded again with what was saved; after several, afresh', async () => {
    const [page] = await start()
    await finished(page!)
    await setSeed(page!, 51, 'workspace.json')
    // What Playwright knows of the page ends with it: from here on the main process looks for us.
    const look = <T>(script: string) =>
      bench.app.evaluate(
        ({ BrowserWindow }, script) =>
          BrowserWindow.getAllWindows()[0]!
            .webContents.executeJavaScript(script)
            .catch(() => null) as Promise<T>,
        script,
      )
    const text = (id: string) => look<string>(`document.querySelector('[data-testid="${id}"]')?.innerText`)
    const seedNow = () => look<string>(`document.querySelector('[data-testid="setting-seed"]')?.value`)
    const rendererPid = () =>
      bench.app.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()[0]!.webContents.getOSProcessId(),
      )
    await bench.app.evaluate(({ dialog }) => {
      const asked: string[] = ((globalThis as Record<string, unknown>).asked = [])
      dialog.showMessageBox = ((_window: unknown, { message }: { message: string }) => {
        asked.push(message)
        return Promise.resolve({ response: 0, checkboxChecked: false })
      }) as never
    })
    const endPage = async () => {
      const pid = await rendererPid()
      // Between two pages there is none, and 0 would be all of this test's own.
      expect(pid).toBeGreaterThan(0)
      process.kill(pid, 'SIGKILL')
      await expect.poll(rendererPid, { timeout: 20_000 }).not.toBe(pid)
      await expect.poll(rendererPid, { timeout: 20_000 }).toBeGreaterThan(0)
    }

    await endPage()
    await expect.poll(seedNow, { timeout: 30_000 }).toBe('51')
    const asked = () => bench.app.evaluate(() => (globalThis as Record<string, unknown>).asked)
    expect(await asked()).toEqual(['The window’s page has ended (killed).'])

    await endPage()
    await endPage()
    await expect.poll(() => text('announcement'), { timeout: 30_000 }).toContain('begins afresh')
    await expect.poll(() => seedNow()).toBe('1')
    const file = /kept as (.*): open that/.exec(await text('announcement'))![1]!
    expect(JSON.parse(fs.readFileSync(file, 'utf8'))).toMatchObject({ experiment: { seed: 51 } })
  })
})

describe('files', () => {
  check(
    'saved and opened ones are in the menu and in the window’s list; a missing one is taken off it',
    async () => {
      const [page] = await start()
      await finished(page!)
      const mine = path.join(data, 'mine & yours.json')
      /** What a person answers, and what they were offered. */
      const answer = (file: string) =>
        bench.app.evaluate(({ dialog }, file) => {
          const offered: (string | undefined)[] = ((globalThis as Record<string, unknown>).offered = [])
          dialog.showSaveDialog = ((_window: unknown, { defaultPath }: { defaultPath?: string }) => {
            offered.push(defaultPath)
            return Promise.resolve({ canceled: false, filePath: file })
          }) as never
          dialog.showMessageBox = (() => Promise.resolve({ response: 0, checkboxChecked: false })) as never
        }, file)
      const recent = () =>
        bench.app.evaluate(({ Menu }) => {
          const { items } = Menu.getApplicationMenu()!.getMenuItemById('recent')!.submenu!
          return items.filter(({ id }) => /^recent-\d/.test(id)).map(({ label }) => label)
        })
      const choose = (id: string) =>
        bench.app.evaluate(({ Menu }, id) => Menu.getApplicationMenu()!.getMenuItemById(id)!.click(), id)
      const title = () =>
        bench.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.getTitle())

      expect(await recent()).toEqual([])
      await answer(mine)
      await setSeed(page!, 61, 'workspace.json')
      await page!.keyboard.press('Control+s')
      await expect.poll(() => announced(page!)).toBe(`Saved ${mine}.`)
      await expect.poll(recent).toEqual([`mine && yours.json — ${data}`])
      await expect.poll(title).toMatch(/mine & yours\.json – Residual Lab$/)
      await byId(page!, 'setting-seed').fill('62')
      await expect.poll(title).toMatch(/• mine & yours\.json – Residual Lab$/)

      // The list opens what was saved; saving again offers the same file.
      await choose('recent-0')
      await expect.poll(() => seed(page!)).toBe('61')
      await answer(mine)
      await byId(page!, 'save').click()
      await expect
        .poll(() => bench.app.evaluate(() => (globalThis as Record<string, unknown>).offered))
        .toEqual([mine])
      // Asked where to, the program has not written yet.
      await expect.poll(() => announced(page!)).toBe(`Saved ${mine}.`)

      fs.rmSync(mine)
      await byId(page!, 'recent').click()
      await expect.poll(() => byId(page!, 'recent-file').innerText()).toMatch(/mine & yours\.json\s+Missing/)
      await page!.keyboard.press('Escape')
      await choose('recent-0')
      await expect.poll(recent).toEqual([])
      await quit()
    },
  )
})

describe('long work', () => {
  /** What the system was told and asked, with what a person answers to questions. */
  const listen = () =>
    bench.app.evaluate(({ BrowserWindow, dialog }) => {
      const kept = { bars: [] as number[], asked: [] as unknown[], answer: 0 }
      Object.assign(globalThis, { kept })
      const setProgressBar = BrowserWindow.prototype.setProgressBar
      BrowserWindow.prototype.setProgressBar = function (progress, options) {
        kept.bars.push(progress)
        setProgressBar.call(this, progress, options)
      }
      dialog.showMessageBoxSync = ((_window: unknown, question: { message: string; buttons: string[] }) => {
        kept.asked.push([question.message, question.buttons])
        return kept.answer
      }) as never
    })
  const kept = () =>
    bench.app.evaluate(() => (globalThis as unknown as { kept: { asked: unknown[]; bars: number[] } }).kept)
  const QUESTION = ['A run is under way. Leave it?', ['Stay', 'Leave']]

  check('shows in title and task bar, and is not left without a question', async () => {
    const [page] = await start()
    await finished(page!)
    // Playwright would answer the page's question in our place.
    page!.on('dialog', () => {})
    await listen()
    await byId(page!, 'tab-train').click()
    await byId(page!, 'setting-steps').fill('50000')
    await byId(page!, 'play').click()
    await state(page!, 'training')
    await expect.poll(() => page!.title(), { timeout: 60_000 }).toMatch(/^\d+ % Residual Lab$/)
    await expect
      .poll(async () => (await kept()).bars.some((bar) => bar >= 0 && bar <= 1), { timeout: 10_000 })
      .toBe(true)

    await bench.app.evaluate(({ app }) => void setTimeout(() => app.quit(), 10))
    await expect.poll(async () => (await kept()).asked).toEqual([QUESTION])
    await sleep(500)
    await state(page!, 'training')
    await bench.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.close())
    await expect.poll(async () => (await kept()).asked).toEqual([QUESTION, QUESTION])
    await state(page!, 'training')

    // Stopped, and evaluated where it stood, there is nothing to lose.
    await byId(page!, 'stop').click()
    await state(page!, 'idle')
    await expect.poll(() => page!.title(), { timeout: 60_000 }).toBe('Residual Lab')
    await expect.poll(async () => (await kept()).bars.at(-1), { timeout: 10_000 }).toBe(-1)
    await quit()
  })

  check('ends without a question where the system ends the program', async () => {
    const [page] = await start()
    await finished(page!)
    page!.on('dialog', () => {})
    await listen()
    await byId(page!, 'tab-train').click()
    await byId(page!, 'setting-steps').fill('50000')
    await byId(page!, 'play').click()
    await state(page!, 'training')
    program.kill('SIGTERM')
    await ended()

    // It has not crashed: nothing is said of it at the next start.
    const [again] = await start()
    expect(await again!.getByTestId('announcement').count()).toBe(0)
    await quit()
  })
})
