import * as fs from 'node:fs'
import * as path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeLink } from '../../shared/block/link'
import { presetNamed } from '../../shared/block/presets'
import { defaultExperiment } from '../../shared/settings/table'
import { dataFolder, removeDataFolder, type BenchHost } from './bench'
import { byId, finished, state } from './checks'
import { electronHost, type ElectronBench } from './electron-host'

// How the program begins in real Electron: again, after a page that hangs; with a file, or a link, on the command line.

let host: BenchHost<ElectronBench>
beforeAll(async () => void (host = await electronHost()), 300_000)
afterAll(() => host?.close())

test('a page that hangs is loaded again with what was saved', { timeout: 120_000 }, async ({ skip }) => {
  if (host.missing) return skip(host.missing)
  const folder = dataFolder()
  const bench = await host.open({ data: folder })
  try {
    await finished(bench.page)
    await byId(bench.page, 'setting-seed').fill('91')
    await expect
      .poll(
        () =>
          fs.existsSync(path.join(folder, 'workspace.json')) &&
          fs.readFileSync(path.join(folder, 'workspace.json'), 'utf8'),
      )
      .toContain('91')
    // The answer to the question; the page hangs for good. Electron says so by itself only once a key was pressed.
    await bench.app.evaluate(({ BrowserWindow, dialog }) => {
      const [window] = BrowserWindow.getAllWindows()
      dialog.showMessageBox = (() => Promise.resolve({ response: 0, checkboxChecked: false })) as never
      void window!.webContents.executeJavaScript('for (;;);')
      setTimeout(() => window!.emit('unresponsive'), 500)
    })
    // What is asked of a page that then ends is never answered.
    const seed = () =>
      bench.app.evaluate(({ BrowserWindow }) =>
        Promise.race([
          BrowserWindow.getAllWindows()[0]!
            .webContents.executeJavaScript('document.querySelector(`[data-testid="setting-seed"]`)?.value')
            .catch(() => null),
          new Promise((resolve) => setTimeout(resolve, 1000, null)),
        ]),
      )
    await new Promise((resolve) => setTimeout(resolve, 1500))
    await expect.poll(seed, { timeout: 30_000 }).toBe('91')
  } finally {
    // What Playwright knew of the page has ended with it.
    bench.app.process().kill('SIGKILL')
    removeDataFolder(folder)
  }
})

test('what TensorFlow’s pool of memory is too small for begins in a process without one', async ({
  skip,
}) => {
  if (host.missing) return skip(host.missing)
  const folder = dataFolder()
  const bench = await host.open({ data: folder })
  const { page, trainerPid, problems } = bench
  try {
    await finished(page)
    const pooled = await trainerPid()
    await byId(page, 'setting-blocks').fill('10000')
    await byId(page, 'play').click()
    await expect
      .poll(() => byId(page, 'progress').evaluate((p) => (p as HTMLProgressElement).value), {
        timeout: 60_000,
      })
      .toBeGreaterThan(0)
    expect(await trainerPid()).not.toBe(pooled)
    await byId(page, 'stop').click()
    await state(page, 'idle')
    expect(problems).toEqual([])
  } finally {
    await bench.close()
    removeDataFolder(folder)
  }
}, 120_000)

test('a file on the command line is opened', { timeout: 120_000 }, async ({ skip }) => {
  if (host.missing) return skip(host.missing)
  const folder = dataFolder()
  const file = path.join(folder, 'mine.json')
  fs.writeFileSync(file, JSON.stringify({ ...defaultExperiment(), width: 64, seed: 5 }))
  const bench = await host.open({ data: folder, file })
  try {
    await expect.poll(() => byId(bench.page, 'setting-width').inputValue(), { timeout: 60_000 }).toBe('64')
    // The opening comparison may have been under way already; then the page waits for Play.
    await state(bench.page, 'idle')
    await byId(bench.page, 'play').click()
    await finished(bench.page)
    expect(bench.problems).toEqual([])
  } finally {
    await bench.close()
    removeDataFolder(folder)
  }
})

test(
  'a link on the command line is shown and asked about; a second start brings another',
  { timeout: 120_000 },
  async ({ skip }) => {
    if (host.missing) return skip(host.missing)
    const folder = dataFolder()
    const sent = (name: string) => encodeLink({ ...presetNamed('practical'), name })
    const bench = await host.open({ data: folder, file: await sent('first') })
    const facts = () => byId(bench.page, 'offered-facts').innerText()
    const arrive = async (...argv: string[]) =>
      bench.app.evaluate(({ app }, given) => {
        app.emit('second-instance', {}, ['residual-lab', ...given], '/')
      }, argv)
    try {
      await expect.poll(facts, { timeout: 60_000 }).toBe('first · 5 operations')
      await byId(bench.page, 'offered-refuse').click()
      await arrive(await sent('second'))
      await expect.poll(facts).toBe('second · 5 operations')
      await byId(bench.page, 'offered-use').click()
      await byId(bench.page, 'block-view').waitFor()
      await arrive('residual-lab://block/../../etc/secret.json')
      await expect
        .poll(() => byId(bench.page, 'announcement').innerText())
        .toContain('this is not the link of a block')
      expect(bench.problems).toEqual([])
    } finally {
      await bench.close()
      removeDataFolder(folder)
    }
  },
)
