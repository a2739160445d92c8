import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { WINDOWS, byId, unreachable } from '../e2e/layout'
import { standInBrowser } from './stand-in-browser'

interface Opened {
  testId: string
  /** To the place in the page from where it is opened. */
  go?: (page: Page) => Promise<void>
  /** What has the keyboard when it is opened, and opens it. */
  opener: string
  open: (page: Page) => Promise<void>
}
const click = (testId: string) => (page: Page) => byId(page, testId).click()
const firstNode = '.svelte-flow__node'
/** The smallest designed window, and a larger one at 200 % zoom. */
const SMALL = WINDOWS.filter(({ width }) => width === 1024 || width === 640)
const onBlock = async (page: Page) => {
  await byId(page, 'tab-block').click()
  await page.locator(firstNode).first().waitFor()
}

const DIALOGS: Opened[] = [
  { testId: 'shortcuts-dialog', opener: '[data-testid="shortcuts"]', open: click('shortcuts') },
  {
    testId: 'settings-dialog',
    opener: '[data-testid="shortcuts"]',
    async open(page) {
      await byId(page, 'shortcuts').click()
      await byId(page, 'settings').click()
    },
  },
  { testId: 'library', go: onBlock, opener: '[data-testid="open-library"]', open: click('open-library') },
  {
    testId: 'command-list',
    go: onBlock,
    opener: firstNode,
    async open(page) {
      await page.locator(firstNode).first().focus()
      await page.keyboard.press('k')
    },
  },
]

/** Every dialog in a real Chromium in front of the stand-in host. */
describe('every dialog', () => {
  const chromium = standInBrowser()

  for (const { testId, go, opener, open } of DIALOGS)
    for (const viewport of SMALL)
      test(`${testId} at ${viewport.width} × ${viewport.height}`, { timeout: 60_000 }, async ({ skip }) => {
        if (chromium.missing) return skip(chromium.missing)
        const page = await chromium.browser.newPage({ viewport })
        const focused = (selector: string) =>
          page.evaluate((within) => document.activeElement!.matches(within), selector)
        const dialog = `dialog[data-testid="${testId}"]`
        try {
          await page.goto(chromium.url)
          await go?.(page)
          await open(page)
          await page.locator(dialog).waitFor()

          const box = (await page.locator(dialog).boundingBox())!
          expect(box.x).toBeGreaterThan(0)
          expect(box.y).toBeGreaterThan(0)
          expect(box.x + box.width).toBeLessThan(viewport.width)
          expect(box.y + box.height).toBeLessThan(viewport.height)
          expect(await unreachable(page, dialog)).toEqual([])

          // The keyboard stays in it, and reaches nothing behind it.
          expect(await focused(`${dialog} *`)).toBe(true)
          const theme = await page.evaluate(() => document.documentElement.dataset.theme)
          for (let presses = 0; presses < 12; presses++) {
            await page.keyboard.press('Tab')
            expect(await focused(`#app :not(${dialog}, ${dialog} *)`)).toBe(false)
          }
          await page.keyboard.press('d')
          expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe(theme)

          await page.keyboard.press('Escape')
          await page.locator(dialog).waitFor({ state: 'detached' })
          expect(await focused(opener)).toBe(true)
        } finally {
          await page.close()
        }
      })
})
