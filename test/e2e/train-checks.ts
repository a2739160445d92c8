import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { finished, state } from './checks'
import type { Bench } from './bench'

/** What holds for the Train view in every host. */
export function trainChecks<B extends Bench>(
  check: (name: string, work: (page: Page, bench: B) => Promise<void>) => void,
): void {
  const byId = (page: Page, testId: string) => page.getByTestId(testId)

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
    expect(await scrubber.getAttribute('aria-valuetext')).toBe('step 0')
    // The table is that of the step that is shown.
    await expect.poll(() => byId(page, 'train-view').innerText()).toContain('before training')
  })

  check('stopped, training keeps what the networks have learned', async (page) => {
    await byId(page, 'setting-steps').fill('50000')
    await byId(page, 'play').click()
    await state(page, 'training')
    await expect
      .poll(() => byId(page, 'details').innerText(), { timeout: 60_000 })
      .toMatch(/steps\/s, .* left/)
    await byId(page, 'stop').click()
    await state(page, 'idle')
    expect(await byId(page, 'status').innerText()).toBe('Stopped')
    const steps = Number(/^(\d+) step/.exec(await byId(page, 'details').innerText())![1])
    expect(steps).toBeGreaterThan(0)
    expect(await byId(page, 'train-view').innerText()).toContain(`after ${steps} steps`)
    const error = byId(page, 'train-row').first().locator('[data-column="testError"]')
    expect(Number(await error.getAttribute('data-value'))).toBeLessThan(1)
    await byId(page, 'undo').click()
  })
}
