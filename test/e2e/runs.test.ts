import { expect } from 'vitest'
import { formatNumber } from '../../shared/base/format'
import type { RunFigure } from '../../shared/runs/run'
import { browserTests } from './browser'

// A measurement on its way through the library: found in Runs, renamed, opened, removed and put back, with the numbers
// that the command line prints.

const LONG = 60_000

const tests = browserTests()

interface ShownRun {
  run: string
  name: string
  removed: string | null
  figures: RunFigure[]
}

/** `runs show` on the same library. */
const shownByCommand = async (run: string) =>
  JSON.parse(await tests.command(['runs', 'show', run, '--json'])) as ShownRun

tests.check(
  'a measurement is found in Runs, says what the command line says, and comes and goes',
  async () => {
    const { page } = await tests.openHost()
    const byId = (id: string) => page.getByTestId(id)
    await byId('status')
      .filter({ hasText: /Finished/ })
      .waitFor({ timeout: LONG })

    // The chart names its run, and leads to it.
    const caption = byId('chart-run').first()
    await expect.poll(() => caption.innerText(), { timeout: LONG }).toMatch(/^[a-z]+-\d+, \d\d:\d\d$/)
    const id = (await caption.innerText()).split(',')[0]
    await caption.click()
    const row = page.locator(`[data-run="${id}"]`)
    await row.waitFor()
    await expect.poll(() => row.getAttribute('aria-selected')).toBe('true')

    // Its figures are those of the command line.
    if (!(await byId('run-detail').isVisible())) await byId('toggle-detail').click()
    const printed = await shownByCommand(id)
    expect(printed.figures.length).toBeGreaterThan(0)
    for (const { label, value, n } of printed.figures) {
      const shown = await page.locator(`[data-figure="${label}"]`).innerText()
      expect(shown.startsWith(formatNumber(value))).toBe(true)
      expect(shown.endsWith(`n = ${n}`)).toBe(true)
    }

    // A name is changed where it stands.
    const name = row.getByTestId('run-name')
    await name.fill('the first one')
    await name.press('Enter')
    await expect.poll(async () => (await shownByCommand(id)).name).toBe('the first one')

    // Opened after another measurement, its settings and its picture are back, and undo takes them away again.
    await byId('tab-signal').click()
    const depth = byId('setting-blocks')
    const before = await depth.inputValue()
    await depth.fill('7')
    await expect
      .poll(() => byId('chart-run').first().innerText(), { timeout: LONG })
      .not.toContain('the first one')
    await byId('tab-runs').click()
    await row.click()
    await byId('run-open').click()
    await expect.poll(() => depth.inputValue()).toBe(before)
    await expect.poll(() => byId('chart-run').first().innerText()).toContain('the first one')
    expect(await byId('update').count()).toBe(0)
    await byId('announcement-action').click()
    await expect.poll(() => depth.inputValue()).toBe('7')

    // Into the trash, and back.
    await byId('tab-runs').click()
    await byId('runs-search').fill('first')
    await expect.poll(() => page.locator('[data-run]').count()).toBe(1)
    await row.click()
    await byId('run-remove').click()
    await expect.poll(() => row.count()).toBe(0)
    expect((await shownByCommand(id)).removed).not.toBeNull()
    await byId('announcement-action').click()
    await row.waitFor()
    expect((await shownByCommand(id)).removed).toBeNull()
  },
)

tests.check('paths are measured again with progress, and stopped at once', async () => {
  await tests.command(['paths', '--blocks', '11', '--replicas', '200', '--keep', '--name', 'long paths'])
  const { page } = await tests.openHost()
  const byId = (id: string) => page.getByTestId(id)
  await byId('tab-runs').click()
  await page.locator('[data-run]').filter({ hasText: /paths/ }).first().click()
  await byId('run-again').click()
  await expect.poll(() => byId('run-job-status').innerText(), { timeout: LONG }).toMatch(/Measuring paths/)
  await byId('run-job-stop').click()
  await expect
    .poll(() => page.locator('body').innerText())
    .toContain('It was stopped before it was done again.')
})

tests.check(
  'a lesion of one’s own is two runs, which its table names and either of which brings it back',
  async () => {
    const { page } = await tests.openHost()
    const byId = (id: string) => page.getByTestId(id)
    await byId('tab-lesion').click()
    await expect.poll(() => byId('job-status').innerText(), { timeout: LONG }).toMatch(/^Finished in/)
    if (!(await byId('one-lesion-blocks').isVisible())) await byId('toggle-detail').click()
    await byId('one-lesion-blocks').fill('3, 7')
    await byId('one-lesion-run').click()
    const table = byId('one-lesion-table')
    const caption = /blocks 3, 7 deleted: .*; runs ([a-z]+-\d+) and ([a-z]+-\d+)/
    await expect.poll(() => table.innerText(), { timeout: LONG }).toMatch(caption)
    const words = await table.innerText()
    const [, residual, plain] = caption.exec(words)!

    // What the table says is what the command line prints of the runs.
    for (const id of [residual, plain]) {
      const { figures } = await shownByCommand(id)
      expect(words).toContain(formatNumber(figures[0].value))
    }

    await byId('one-lesion-blocks').fill('5')
    await byId('one-lesion-run').click()
    await expect.poll(() => table.innerText(), { timeout: LONG }).toMatch(/block 5 deleted: .* and /)
    await byId('tab-runs').click()
    await page.locator(`[data-run="${plain}"]`).click()
    await byId('run-open').click()
    await expect.poll(() => table.innerText()).toContain('blocks 3, 7 deleted')
    const cells = (text: string) => text.split('\n').slice(1).join('\n')
    expect(cells(await table.innerText())).toBe(cells(words))
  },
)
