import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import type { TabId } from '../../../shared/protocol/tabs'
import { byId } from '../../e2e/layout'

export type ColourTheme = 'light' | 'dark'
export interface Look {
  theme: ColourTheme
  window?: { width: number; height: number }
  /** In place of the page's own typeface. */
  font?: string
}

/** A page in which nothing moves by itself, and which is the same on every machine but for its fonts. */
export async function openContext(browser: Browser, { theme, window, font }: Look): Promise<BrowserContext> {
  const context = await browser.newContext({
    viewport: window ?? { width: 1280, height: 800 },
    deviceScaleFactor: 1,
    colorScheme: theme,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'UTC',
  })
  await context.clock.setFixedTime(new Date('2026-01-01T12:00:00Z'))
  if (font) await context.addInitScript(forceFont, font)
  return context
}

/** Before the page's own scripts: charts read the typeface once. */
function forceFont(font: string) {
  new MutationObserver((_, observer) => {
    if (!document.head) return
    const style = document.createElement('style')
    style.textContent = `:root { --typeface: '${font}' !important }`
    document.head.append(style)
    observer.disconnect()
  }).observe(document, { childList: true, subtree: true })
}

/** What says in each view that its picture is finished; a view that is not named here has none that comes later. */
const FINISHED: Partial<Record<TabId, { testId: string; text: RegExp; press?: string; drawn?: string }>> = {
  signal: { testId: 'status', text: /Finished/ },
  order: { testId: 'job-status', text: /^Finished in/ },
  shatter: { testId: 'job-status', text: /^Finished in/ },
  lesion: { testId: 'job-status', text: /^Finished in/ },
  sweep: { testId: 'sweep-count', text: /^49 points, 49 kept/, drawn: 'canvas[data-drawn] >> nth=2' },
  data: { testId: 'data-legend', text: /smallest and largest/ },
  // Nobody trains unasked.
  train: { testId: 'status', text: /Finished/, press: 'play' },
}

export async function openView(context: BrowserContext, url: string, id: TabId): Promise<Page> {
  const page = await context.newPage()
  await page.goto(url)
  await byId(page, `tab-${id}`).click()
  await page.locator(`[data-testid="tab-${id}"][aria-current="page"]`).waitFor()
  const finished = FINISHED[id]
  if (finished?.press) await byId(page, finished.press).click()
  if (finished) await byId(page, finished.testId).filter({ hasText: finished.text }).first().waitFor()
  if (finished?.drawn) await page.locator(finished.drawn).waitFor()
  // No control shows that the pointer rests on it.
  await page.mouse.move(0, 0)
  return page
}

export async function openGallery(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`${url}gallery/index.html`)
  await page.waitForFunction(() =>
    [...document.querySelectorAll('iframe')].every((frame) =>
      frame.contentDocument?.querySelector('[data-testid="bar"], dialog[open]'),
    ),
  )
  return page
}

/** Nothing is on its way, fonts are there, and two pictures one after the other are the same. */
export async function settled(page: Page, target: Page | Locator = page): Promise<Buffer> {
  if (target === page)
    await page.waitForFunction(
      () => !document.querySelector('[data-state="running"], [data-state="waiting"]'),
    )
  await page.evaluate(() => document.fonts.ready)
  const take = () => target.screenshot({ animations: 'disabled', caret: 'hide', scale: 'css' })
  for (let before = await take(), tries = 0; tries < 40; tries++) {
    const now = await take()
    if (now.equals(before)) return now
    before = now
  }
  throw new Error('The page does not come to rest: forty pictures one after the other all differ.')
}
