import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { finished, state } from './checks'
import { root, type Bench } from './bench'

const execute = promisify(execFile)
const LONG = 60_000

/** What holds for the Train view in every host; it is left on the signal, with the depth it had. */
export function trainChecks<B extends Bench>(
  check: (name: string, work: (page: Page, bench: B) => Promise<void>) => void,
): void {
  const byId = (page: Page, testId: string) => page.getByTestId(testId)
  const testError = (page: Page) =>
    page.locator('[data-testid="train-row"][data-series="relu-linear/batch-norm"] [data-column="testError"]')
  /** As it stands in the page, with all its digits. */
  const exactError = async (page: Page) => Number(await testError(page).getAttribute('data-value'))

  check('trains, and the scrubber goes back to the initialisation', async (page) => {
    await byId(page, 'tab-train').click()
    await byId(page, 'setting-steps').fill('6')
    await byId(page, 'play').click()
    await state(page, 'training')
    await finished(page)
    const scrubber = byId(page, 'scrubber')
    const last = Number(await scrubber.getAttribute('max'))
    expect(last).toBeGreaterThan(0)
    await scrubber.fill('0')
    await expect.poll(() => scrubber.getAttribute('aria-valuetext')).toBe('step 0')
    // The table is that of the step that is shown.
    await expect.poll(() => byId(page, 'train-view').innerText()).toContain('before training')
  })

  check('stopped, training keeps what the networks have learned', async (page) => {
    await byId(page, 'setting-steps').fill('50000')
    await byId(page, 'play').click()
    await state(page, 'training')
    await expect.poll(() => byId(page, 'details').innerText(), { timeout: LONG }).toMatch(/steps\/s, .* left/)
    await byId(page, 'stop').click()
    await state(page, 'idle')
    await expect.poll(() => byId(page, 'status').innerText()).toBe('Stopped')
    const steps = Number(/^(\d+) step/.exec(await byId(page, 'details').innerText())![1])
    expect(steps).toBeGreaterThan(0)
    await expect.poll(() => byId(page, 'train-view').innerText()).toContain(`after ${steps} steps`)
    await expect.poll(() => exactError(page)).toBeLessThan(1)
  })

  check(
    'shows the test error that the copied command prints; killed and resumed, the same',
    async (page, bench) => {
      const blocks = await byId(page, 'setting-blocks').inputValue()
      await byId(page, 'setting-blocks').fill('3')
      await byId(page, 'setting-steps').fill('40')
      await byId(page, 'play').click()
      await state(page, 'training')
      await finished(page)
      const shown = await testError(page).innerText()
      const exact = await exactError(page)

      const words = (await byId(page, 'copy-command').getAttribute('data-command'))!.split(' ')
      expect(words.slice(0, 3)).toEqual(['npx', 'residual-lab', 'train'])
      const printed = await trainByCommand(words.slice(3))
      const { mean } = printed.series.find(({ remedy }) => remedy === 'batch-norm')!.final.test.error
      expect(mean).toBeGreaterThan(0.1)
      expect(Math.abs(exact / mean - 1)).toBeLessThan(1e-5)
      expect(Number(/^[\d.]+/.exec(shown)![0])).toBe(Number((100 * mean).toPrecision(3)))

      // A pause writes a checkpoint, from which the killed training goes on.
      await byId(page, 'play').click()
      await state(page, 'training')
      await expect.poll(() => byId(page, 'details').innerText(), { timeout: LONG }).toMatch(/^step \d+/)
      await byId(page, 'pause').click()
      await state(page, 'paused')
      const pid = await bench.trainerPid()
      await expect
        .poll(() => byId(page, 'details').innerText(), { timeout: LONG })
        .toMatch(/kept at step [1-9]/)
      process.kill(pid, 'SIGKILL')
      await state(page, 'interrupted')
      await byId(page, 'train-resume').click({ timeout: LONG })
      await state(page, 'training')
      await finished(page)
      expect(await bench.trainerPid()).not.toBe(pid)
      await expect.poll(() => exactError(page)).toBe(exact)
      await expect.poll(() => testError(page).innerText()).toBe(shown)
      await byId(page, 'setting-blocks').fill(blocks)
      await byId(page, 'tab-signal').click()
    },
  )
}

interface Printed {
  series: { remedy: string; final: { test: { error: { mean: number } } } }[]
}

async function trainByCommand(options: readonly string[]): Promise<Printed> {
  const words = ['residual-lab', 'train', ...options, '--no-keep', '--json']
  const { stdout } = await execute('npx', words, { cwd: root, maxBuffer: 2 ** 28 })
  return JSON.parse(stdout) as Printed
}
