import { expect, test, vi } from 'vitest'
import { byId } from '../e2e/layout'
import { showRegions } from './regions'
import { standInBrowser } from './stand-in-browser'

vi.stubEnv('STAND_IN_AT_ONCE', '1')
const chromium = standInBrowser()

test('linear regions of the library are drawn as they were found', { timeout: 90_000 }, async ({ skip }) => {
  if (chromium.missing) return skip(chromium.missing)
  const page = await chromium.browser.newPage({ viewport: { width: 1280, height: 800 } })
  page.setDefaultTimeout(15_000)
  try {
    await page.goto(chromium.url)
    await byId(page, 'tab-shatter').click()
    await showRegions(page)
    // The run's name, which comes once it is kept, takes room from the finding: sentences are folded by then.
    await expect.poll(() => byId(page, 'chart-run').count()).toBe(3)
    const finding = () => byId(page, 'regions-finding').textContent()
    const found = await finding()
    const patterns = await byId(page, 'regions-count-residual').innerText()
    expect(found).toMatch(/after 20 blocks: [\d,]+ in the plain network and [\d,]+ in the residual network/)
    expect(patterns).toMatch(/^\d+ patterns in 25,600 points$/)

    // Another picture, of other settings, takes their place.
    await byId(page, 'regions-reach').getByText('±0.5').click()
    await byId(page, 'setting-width').fill('8')
    await byId(page, 'setting-width').press('Enter')
    await expect.poll(finding).not.toBe(found)
    await byId(page, 'regions-status')
      .filter({ hasText: /^Finished/ })
      .waitFor({ timeout: 30_000 })

    await byId(page, 'tab-runs').click()
    const rows = page.locator('[data-run]').filter({ hasText: /linear regions/ })
    await rows.filter({ hasText: 'width 12' }).click()
    await byId(page, 'run-open').click()
    await byId(page, 'regions-status')
      .filter({ hasText: /^Finished/ })
      .waitFor({ timeout: 30_000 })
    await expect.poll(() => byId(page, 'setting-width').inputValue()).toBe('12')
    await expect.poll(finding).toBe(found)
    await expect.poll(() => byId(page, 'regions-count-residual').innerText()).toBe(patterns)
    await expect.poll(() => byId(page, 'update').count()).toBe(0)
    // It is that run, and no new one.
    await expect.poll(() => byId(page, 'chart-run').count()).toBe(3)
    await byId(page, 'tab-runs').click()
    await expect.poll(() => rows.count()).toBe(2)
  } finally {
    await page.close()
  }
})
