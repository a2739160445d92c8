import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { TAB_IDS } from '../../shared/protocol/tabs'
import { standInBrowser } from './stand-in-browser'
import { WINDOWS, byId, outOfReach, pictureShare, unreachable, wordsOnPlots } from '../e2e/layout'

type Window = (typeof WINDOWS)[number]
const PANELS = ['what', 'detail'] as const

/** Every view in a real Chromium in front of the stand-in host, at every size of window. */
describe('the layout of every view', () => {
  const chromium = standInBrowser()

  for (const id of TAB_IDS)
    test(`${id} in every window`, { timeout: 120_000 }, async ({ skip }) => {
      if (chromium.missing) return skip(chromium.missing)
      const page = await chromium.browser.newPage({ viewport: WINDOWS[0] })
      try {
        await page.goto(chromium.url)
        await byId(page, `tab-${id}`).click()
        await page.locator(`[data-testid="tab-${id}"][aria-current="page"]`).waitFor()
        await byId(page, 'bar').waitFor()
        // A panel that was opened or closed by hand stays so in other windows: all are seen as they begin, before.
        const begin = []
        for (const window of WINDOWS) {
          await resize(page, window)
          expect(await problemsAtFirst(page, window), nameOf(window)).toEqual([])
          begin.push({ window, open: await openPanels(page) })
        }
        for (const { window, open } of begin) {
          await resize(page, window)
          for (const panel of PANELS)
            if ((await openPanels(page)).includes(panel) !== open.includes(panel))
              await byId(page, `toggle-${panel}`).click()
          expect(await openPanels(page)).toEqual(open)
          expect(await problemsOfPanels(page, window), nameOf(window)).toEqual([])
        }
      } finally {
        await page.close()
      }
    })
})

const nameOf = ({ width, height }: Window) => `${width} × ${height}`

/** As if it had been opened so: nothing is scrolled, and what follows the window's size, or its own, has drawn. */
async function resize(page: Page, window: Window): Promise<void> {
  await page.setViewportSize(window)
  await page.waitForFunction(({ width, height }) => innerWidth === width && innerHeight === height, window)
  await page.evaluate(async () => {
    const drawn = () => new Promise((done) => requestAnimationFrame(done))
    for (let frame = 0; frame < 2; frame++) await drawn()
    for (const element of document.querySelectorAll('*'))
      if (element.scrollLeft || element.scrollTop) element.scrollTo({ left: 0, top: 0, behavior: 'instant' })
    await drawn()
  })
}

/** Which panels the view has open. */
async function openPanels(page: Page): Promise<string[]> {
  const open: string[] = []
  for (const panel of PANELS)
    if (await page.locator(`[data-testid="toggle-${panel}"][aria-expanded="true"]`).count()) open.push(panel)
  return open
}

/** What is wrong with the view that is shown, each with its place. */
async function problemsOf(page: Page, { width }: Window, place: string): Promise<string[]> {
  const found = [...(await outOfReach(page)), ...(await wordsOnPlots(page))]
  if (width === 1280) {
    const share = await pictureShare(page)
    if (share < 0.6) found.push(`the picture takes ${share.toFixed(3)} of the window`)
  }
  return at(place, found)
}

const at = (place: string, found: readonly string[]) => found.map((one) => `${place}: ${one}`)

async function problemsAtFirst(page: Page, window: Window): Promise<string[]> {
  return [
    ...(await problemsOf(page, window, 'at first')),
    // Zoomed to 200 %, the tabs are all there before the header is scrolled.
    ...at('at first', await beyondHeader(page, window.width >= 1024 ? 'header *' : 'header nav *')),
    ...at('at first', await unreachable(page, 'header, [data-testid="picture"], [data-testid="bar"]')),
  ]
}

/** With each panel, and without; both are left as they were. */
async function problemsOfPanels(page: Page, window: Window): Promise<string[]> {
  const problems: string[] = []
  for (const panel of PANELS) {
    const toggle = byId(page, `toggle-${panel}`)
    if (!(await toggle.count())) continue
    const wasOpen = (await toggle.getAttribute('aria-expanded')) === 'true'
    if (!wasOpen) await toggle.click()
    problems.push(...at(`with ${panel}`, await outOfReach(page)))
    problems.push(...at(`with ${panel}`, await unreachable(page, `[data-testid="panel-${panel}"]`)))
    await toggle.click()
    problems.push(...(await problemsOf(page, window, `without ${panel}`)))
    if (wasOpen) await toggle.click()
  }
  const width = await page.evaluate(() => document.documentElement.scrollWidth)
  if (width > window.width) problems.push(`the page is ${width} wide`)
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
