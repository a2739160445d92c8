import { execFile } from 'node:child_process'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { blockChecks } from './block-checks'
import { dataFolder, removeDataFolder, root, type Bench, type BenchHost } from './bench'
import { depthChecks } from './depth-checks'
import { lesionChecks } from './lesion-checks'
import { libraryChecks } from './library-checks'
import { orderChecks } from './order-checks'
import { pathsChecks } from './paths-checks'
import { shatterChecks } from './shatter-checks'
import { trainChecks } from './train-checks'

const execute = promisify(execFile)
const LONG = 60_000

/** What holds for the workbench in every host. The tests run in order and share one workbench. */
export function workbenchChecks<B extends Bench>(makeHost: () => Promise<BenchHost<B>>) {
  const data = dataFolder()
  let host: BenchHost<B>
  let bench: B

  beforeAll(async () => {
    host = await makeHost()
    if (!host.missing) bench = await host.open({ data })
  }, 300_000)
  afterAll(async () => {
    await bench?.close()
    await host?.close()
    removeDataFolder(data)
  })

  /** What a test that failed, or ran out of time, left behind must not fail the next ones. */
  let isAstray = false
  const openAfresh = async () => {
    await bench.close().catch(() => {})
    removeDataFolder(data)
    fs.mkdirSync(data)
    bench = await host.open({ data })
    await finished(bench.page)
  }

  /** A test that says why if it cannot run. */
  const check = (name: string, work: (page: Page, bench: B) => Promise<void>) =>
    test(name, { timeout: 4 * LONG }, async ({ skip }) => {
      if (host.missing) return skip(host.missing)
      if (isAstray) await openAfresh()
      isAstray = true
      await work(bench.page, bench)
      isAstray = false
    })

  check('opens on a finished comparison, without pressing anything', async (page) => {
    await finished(page)
    await expect.poll(() => byId(page, 'device').innerText()).toMatch(/CPU|TensorFlow/)
    await expect.poll(() => byId(page, 'finding-forward').textContent()).toContain('doubles every block')
    await expect.poll(() => byId(page, 'finding-backward').textContent()).not.toBe('')
  })

  check('shows the number that the command line prints', async (page) => {
    await byId(page, 'table-toggle').click()
    const cell = tableCell(page, 'relu-linear/none', 'q', 20, 'mean')
    const shown = await cell.innerText()
    const exact = Number(await cell.getAttribute('data-value'))
    await byId(page, 'table-toggle').click()

    const printed = await signalByCommand('--block', 'relu-linear', '--remedies', 'none')
    const mean = printed.series[0].q.mean[20]
    // Two to the twentieth, by theory; three significant digits are on the screen, all of them behind it.
    expect(mean).toBeGreaterThan(2 ** 19)
    expect(Number(shown)).toBe(Number(mean.toPrecision(3)))
    expect(Math.abs(exact / mean - 1)).toBeLessThan(1e-5)
  })

  check('a changed setting is measured; undo and redo bring the other one back', async (page) => {
    const width = byId(page, 'setting-width')
    await width.fill('50')
    await expect.poll(() => shownWidth(page), { timeout: LONG }).toBe('50')
    await finished(page)
    await byId(page, 'undo').click()
    await expect.poll(() => width.inputValue()).toBe('100')
    await byId(page, 'redo').click()
    await expect.poll(() => width.inputValue()).toBe('50')
    await byId(page, 'undo').click()
    await finished(page)
  })

  check('what notes say loosely is put right by numbers, with the experiment that shows it', async (page) => {
    const block = byId(page, 'setting-compare').locator('summary')
    const before = await block.innerText()
    await expect
      .poll(() => byId(page, 'lesson').innerText(), { timeout: LONG })
      .toMatch(/^“The variance doubles”: the mean square q does in .*; the batch variance v, .* grows ×1\./)
    await byId(page, 'lesson-show').click()
    await expect.poll(() => byId(page, 'lesson-show').isDisabled()).toBe(true)
    await expect.poll(() => byId(page, 'quantity').locator('[aria-pressed="true"]').innerText()).toBe('v')
    await finished(page)
    await byId(page, 'quantity').locator('[data-value="q"]').click()
    await byId(page, 'undo').click()
    await expect.poll(() => block.innerText()).toBe(before)
    await finished(page)
  })

  check('bad input: the field says what is wrong and what to give', async (page) => {
    const blocks = byId(page, 'setting-blocks')
    await blocks.fill('0')
    await expect
      .poll(() => byId(page, 'error-blocks').innerText())
      .toContain('Give a whole number from 1 to 10000.')
    await blocks.fill('20')
    await expect.poll(() => byId(page, 'error-blocks').count()).toBe(0)
  })

  check('pause, step, stop', async (page) => {
    await startLongRun(page)
    await byId(page, 'pause').click()
    await state(page, 'paused')
    await byId(page, 'step').click()
    await state(page, 'paused')
    await byId(page, 'play').click()
    await state(page, 'measuring')
    await byId(page, 'stop').click()
    await state(page, 'idle')
  })

  check(
    'a killed trainer: the run is interrupted, what it found stays, and it runs again',
    async (page, { trainerPid }) => {
      await startLongRun(page)
      const pid = await trainerPid()
      process.kill(pid, 'SIGKILL')
      await state(page, 'interrupted')
      await expect
        .poll(() => byId(page, 'run-error').innerText())
        .toContain('The process that computes has ended (signal SIGKILL)')

      await byId(page, 'run-again').click()
      await state(page, 'measuring')
      expect(await trainerPid()).not.toBe(pid)
      await byId(page, 'stop').click()
      await state(page, 'idle')
      await byId(page, 'setting-blocks').fill('20')
      await finished(page)
    },
  )

  check('the settings survive a restart', async (page) => {
    await byId(page, 'setting-seed').fill('77')
    const saved = path.join(data, 'workspace.json')
    await expect
      .poll(() => (fs.existsSync(saved) ? fs.readFileSync(saved, 'utf8') : ''), { timeout: 10_000 })
      .toContain('"seed":77')
    expect(bench.problems).toEqual([])
    await bench.close()
    bench = await host.open({ data })
    await finished(bench.page)
    await expect.poll(() => byId(bench.page, 'setting-seed').inputValue()).toBe('77')
  })

  check(
    'nothing on the console: no error, nothing that the content security policy had to stop',
    async (page, { problems }) => {
      await page.reload()
      await finished(page)
      await byId(page, 'theme').click()
      await byId(page, 'table-toggle').click()
      await byId(page, 'table-toggle').click()
      expect(problems).toEqual([])
    },
  )
  pathsChecks(check)
  shatterChecks(check)
  lesionChecks(check)
  orderChecks(check)
  trainChecks(check)
  depthChecks(check)
  libraryChecks(check)
  blockChecks(check)
  return { check, data }
}

export const byId = (page: Page, testId: string) => page.getByTestId(testId)

export const state = (page: Page, name: string) =>
  expect
    .poll(() => byId(page, 'status').getAttribute('data-state'), { timeout: LONG, interval: 50 })
    .toBe(name)

/** The run of the present settings has ended. */
export const finished = (page: Page) =>
  expect
    .poll(
      async () => {
        const isStale = (await byId(page, 'stale').innerText()).startsWith('Settings have changed')
        return isStale ? 'shows other settings' : byId(page, 'status').innerText()
      },
      { timeout: LONG, interval: 50 },
    )
    .toBe('Finished')

const tableCell = (page: Page, series: string, quantity: string, block: number, statistic: string) =>
  byId(page, 'table').locator(
    `td[data-series="${series}"][data-quantity="${quantity}"][data-block="${block}"][data-statistic="${statistic}"]`,
  )

const shownWidth = (page: Page) => byId(page, 'setting-width').inputValue()

/** Too long to be measured unasked, and to be over before it is interrupted. */
async function startLongRun(page: Page) {
  await byId(page, 'setting-blocks').fill('4000')
  await byId(page, 'play').click()
  await state(page, 'measuring')
  await expect
    .poll(() => byId(page, 'progress').evaluate((p) => (p as HTMLProgressElement).value), { timeout: LONG })
    .toBeGreaterThan(0)
}

async function signalByCommand(...options: string[]): Promise<{ series: { q: { mean: number[] } }[] }> {
  const { stdout } = await execute('npx', ['residual-lab', 'signal', ...options, '--json'], {
    cwd: root,
    maxBuffer: 2 ** 28,
  })
  return JSON.parse(stdout)
}
