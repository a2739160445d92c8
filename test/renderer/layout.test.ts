import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { TAB_IDS } from '../../shared/protocol/tabs'
import { standInBrowser } from './stand-in-browser'
import { WINDOWS, byId, outOfReach, pictureShare, unreachable, wordsOnPlots } from '../e2e/layout'

/** Every view in a real Chromium in front of the stand-in host, at every size of window. */
describe('the layout of every view', () => {
  const chromium = standInBrowser()

  for (const viewport of WINDOWS)
    for (const id of TAB_IDS)
      test(`${id} at ${viewport.width} × ${viewport.height}`, { timeout: 60_000 }, async ({ skip }) => {
        if (chromium.missing) return skip(chromium.missing)
        const page = await chromium.browser.newPage({ viewport })
        try {
          await page.goto(chromium.url)
          await byId(page, `tab-${id}`).click()
          await page.locator(`[data-testid="tab-${id}"][aria-current="page"]`).waitFor()
          await byId(page, 'bar').waitFor()
          expect(await problemsOf(page, viewport)).toEqual([])
        } finally {
          await page.close()
        }
      })
})

/** What is wrong with the view that is shown; both panels are left as they were. */
async function problemsOf(page: Page, viewport: { width: number; height: number }): Promise<string[]> {
  const problems: string[] = []
  const note = (place: string, found: readonly string[]) =>
    problems.push(...found.map((one) => `${place}: ${one}`))
  const checkAll = async (place: string) => {
    note(place, await outOfReach(page))
    note(place, await wordsOnPlots(page))
    if (viewport.width === 1280) {
      const share = await pictureShare(page)
      if (share < 0.6) note(place, [`the picture takes ${share.toFixed(3)} of the window`])
    }
  }
  await checkAll('at first')
  // Zoomed to 200 %, the tabs are all there before the header is scrolled.
  note('at first', await beyondHeader(page, viewport.width >= 1024 ? 'header *' : 'header nav *'))
  note('at first', await unreachable(page, 'header, [data-testid="picture"], [data-testid="bar"]'))
  for (const panel of ['what', 'detail']) {
    const toggle = byId(page, `toggle-${panel}`)
    if (!(await toggle.count())) continue
    const wasOpen = (await toggle.getAttribute('aria-expanded')) === 'true'
    if (!wasOpen) await toggle.click()
    note(`with ${panel}`, await outOfReach(page))
    note(`with ${panel}`, await unreachable(page, `[data-testid="panel-${panel}"]`))
    await toggle.click()
    await checkAll(`without ${panel}`)
    if (wasOpen) await toggle.click()
  }
  const width = await page.evaluate(() => document.documentElement.scrollWidth)
  if (width > viewport.width) problems.push(`the page is ${width} wide`)
  return problems
}

/** What of `selector` within the header is only seen after scrolling it sideways. */
const beyondHeader = (page: Page, selector: string): Promise<string[]> =>
  page.evaluate(
    (within) =>
      [...document.querySelectorAll<HTMLElement>('header button, header [data-testid="device"]')]
        .filter((element) => element.matches(within))
        .flatMap((element) => {
          const { left, right } = element.getBoundingClientRect()
          return left < 0 || right > innerWidth ? [`${element.dataset.testid} is beyond the header`] : []
        }),
    selector,
  )
