import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { byId } from '../e2e/layout'
import { standInBrowser } from './stand-in-browser'

// A chart is built once, and brought up to date after that: building it takes longer than a screen frame has.

const chromium = standInBrowser()

/** What Chart.js keeps on a canvas for as long as a chart lives there, for the charts of the view. */
const remember = (page: Page) =>
  page.evaluate(() => {
    const built = [...document.querySelectorAll('canvas')].map((canvas) => (canvas as never)['$chartjs'])
    Object.assign(globalThis, { built })
    return built.filter(Boolean).length
  })
const isAsBuilt = (page: Page) =>
  page.evaluate(() => {
    const { built } = globalThis as unknown as { built: unknown[] }
    return [...document.querySelectorAll('canvas')].map(
      (canvas, i) => (canvas as never)['$chartjs'] === built[i],
    )
  })
const choose = async (page: Page, segments: string, value: string) => {
  const button = byId(page, segments).locator(`[data-value="${value}"]`)
  await button.click()
  await expect.poll(() => button.getAttribute('aria-pressed')).toBe('true')
}

test('another model is drawn by the chart that is there; another theme by another chart', async ({
  skip,
}) => {
  if (chromium.missing) return skip(chromium.missing)
  const page = await chromium.browser.newPage()
  await page.goto(chromium.url)
  await expect.poll(() => page.locator('canvas').count()).toBe(2)
  await expect.poll(() => byId(page, 'status').getAttribute('data-state')).toBe('idle')
  expect(await remember(page)).toBe(2)
  await choose(page, 'statistic', 'median')
  await choose(page, 'axis', 'linear')
  await choose(page, 'axis', 'log2')
  expect(await isAsBuilt(page)).toEqual([true, true])
  await page.keyboard.press('d')
  await expect.poll(() => isAsBuilt(page)).toEqual([false, false])
}, 60_000)
