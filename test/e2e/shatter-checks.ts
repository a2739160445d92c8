import type { Page } from 'playwright-core'
import { expect } from 'vitest'

type Check = (name: string, work: (page: Page) => Promise<void>) => void
const LONG = 60_000

/** The Shatter tab; it is left on the signal. */
export function shatterChecks(check: Check): void {
  const byId = (page: Page, id: string) => page.locator(`[data-testid="${id}"]`)
  const isFinished = (page: Page) =>
    expect.poll(() => byId(page, 'job-status').innerText(), { timeout: LONG }).toMatch(/^Finished in/)
  /** Autocorrelation of dy/dx at lag 1: the number behind the curve. */
  const lag1 = async (page: Page, network: string) =>
    Number(
      await byId(page, 'shatter-correlation')
        .locator(`tr[data-network="${network}"]`)
        .getAttribute('data-lag1'),
    )

  check('shatter: opens with curves, each derivative checked', async (page) => {
    await byId(page, 'tab-shatter').click()
    await isFinished(page)
    const cards = byId(page, 'shatter-cards').locator('li[data-measured="true"]')
    await expect.poll(() => cards.count()).toBeGreaterThanOrEqual(6)
    await expect.poll(() => cards.first().innerText()).toContain('Shallow plain')
    expect(await lag1(page, 'deep plain')).toBeLessThan(await lag1(page, 'shallow plain'))
    await expect.poll(() => byId(page, 'shatter-finding').textContent()).toContain('Deep plain')
    const badge = byId(page, 'shatter-badge').and(page.locator('[data-network="deep plain"]'))
    const done = /^check ([\d.]+)e−(\d+), (\d+) of 256 out$/
    await expect.poll(() => badge.innerText(), { timeout: LONG }).toMatch(done)
    const [, mantissa, exponent, out] = done.exec(await badge.innerText())!
    expect(Number(mantissa) * 10 ** -Number(exponent)).toBeLessThan(1e-6)
    expect(Number(out)).toBeLessThan(64)
  })

  check('shatter: without centring nothing shatters; bad input says what to give', async (page) => {
    await expect.poll(() => lag1(page, 'deep plain')).toBeLessThan(0.9)
    await byId(page, 'shatter-center').locator('[data-value="off"]').click()
    await expect.poll(() => lag1(page, 'deep plain'), { timeout: LONG }).toBeGreaterThan(0.98)
    await expect
      .poll(() => byId(page, 'shatter-finding').textContent())
      .toContain('Without centring nothing shatters')
    await byId(page, 'undo').click()
    await expect.poll(() => lag1(page, 'deep plain'), { timeout: LONG }).toBeLessThan(0.9)

    await byId(page, 'shatter-lags').fill('256')
    await expect
      .poll(() => byId(page, 'shatter-problem').innerText())
      .toContain('Give more points, or a lag below 256.')
    await byId(page, 'shatter-lags').fill('')
    await expect.poll(() => byId(page, 'shatter-problem').count()).toBe(0)
    await isFinished(page)
  })

  check('shatter: regions are drawn, and drawing can be stopped', async (page) => {
    await byId(page, 'shatter-mode').locator('[data-value="regions"]').click()
    await expect
      .poll(() => byId(page, 'regions-finding').textContent(), { timeout: LONG })
      .toContain('in the plain network and ')
    const rows = async () => Number(await byId(page, 'regions-plane-plain').getAttribute('data-rows'))
    await expect.poll(rows, { timeout: LONG }).toBeGreaterThan(0)
    await expect
      .poll(() => byId(page, 'regions-count-plain').innerText())
      .toMatch(/^[\d,]+ patterns in [\d,]+ points$/)
    const stop = byId(page, 'regions-stop')
    if (await stop.isEnabled()) {
      await stop.click()
      await expect.poll(() => byId(page, 'regions-status').getAttribute('data-state')).toBe('stopped')
    }
    await byId(page, 'shatter-mode').locator('[data-value="gradients"]').click()
    await byId(page, 'tab-signal').click()
  })
}
