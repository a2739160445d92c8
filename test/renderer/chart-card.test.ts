import { expect, test } from 'vitest'
import { byId } from '../e2e/layout'
import { standInBrowser } from './stand-in-browser'

const chromium = standInBrowser()

test('what a card says whole depends on its width alone, not on what it was before', async ({ skip }) => {
  if (chromium.missing) return skip(chromium.missing)
  const page = await chromium.browser.newPage({ viewport: { width: 1280, height: 800 } })
  try {
    await page.goto(`${chromium.url}gallery/index.html`)
    const finding = byId(page, 'gallery-finding')
    await finding.waitFor()
    const sample = page.locator('figure').filter({ has: finding })
    /** Once its width has been seen: sentences that are hidden, and whether they are offered. */
    const shownAt = async (width: number) => {
      await sample.evaluate(async (figure, px) => {
        figure.style.width = `${px}px`
        const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
        for (let i = 0; i < 4; i++) await frame()
      }, width)
      const later = await finding.locator('.later').count()
      return { width, later, more: await byId(page, 'more-gallery-finding').count() }
    }
    const widths = Array.from({ length: 20 }, (_, i) => 400 + 10 * i)
    const growing = []
    for (const width of widths) growing.push(await shownAt(width))
    const shrinking = []
    for (const width of [...widths].reverse()) shrinking.unshift(await shownAt(width))
    // Some is hidden in the narrow card, and nothing in the wide one.
    expect(growing[0]).toMatchObject({ more: 1 })
    expect(growing.at(-1)).toMatchObject({ later: 0, more: 0 })
    expect(growing).toEqual(shrinking)

    // Measuring takes the keyboard from nobody.
    const more = byId(page, 'more-gallery-finding')
    await more.focus()
    await shownAt(410)
    expect(await more.evaluate((button) => document.activeElement === button)).toBe(true)
  } finally {
    await page.close()
  }
})
