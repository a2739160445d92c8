import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { TabId } from '../../shared/protocol/tabs'
import { byId } from '../e2e/layout'
import { standInBrowser } from './stand-in-browser'

// Every chart belongs to a run and says which; when the settings on screen are others, it fades and offers an update.

const chromium = standInBrowser()

/** Pictures of what is known without a measurement. */
const WITHOUT_RUN = ['Sequential', 'Residual', 'Unravelled', 'How many paths']

interface Card {
  title: string
  run: string | null
  isFaded: boolean
}

const cardsOf = (page: Page): Promise<Card[]> =>
  page.$$eval('[data-testid="picture"] article[data-title]', (articles) =>
    articles.map((article) => ({
      title: article.getAttribute('data-title')!,
      run: article.querySelector('[data-testid="chart-run"]')?.textContent ?? null,
      isFaded: article.querySelector('[data-testid="update"]') !== null,
    })),
  )

test.for<[TabId, string | null]>([
  ['signal', null],
  ['order', null],
  ['paths', null],
  ['shatter', null],
  ['lesion', null],
  ['train', 'play'],
  ['depth', 'depth-run'],
])('every chart of %s names its run', { timeout: 60_000 }, async ([id, press], { skip }) => {
  if (chromium.missing) return skip(chromium.missing)
  const page = await chromium.browser.newPage({ viewport: { width: 1280, height: 800 } })
  page.setDefaultTimeout(15_000)
  try {
    await page.goto(chromium.url)
    await byId(page, `tab-${id}`).click()
    if (press) await byId(page, press).click()
    await byId(page, 'chart-run').first().waitFor()
    const measured = (await cardsOf(page)).filter(({ title }) => !WITHOUT_RUN.includes(title))
    expect(measured.filter(({ run }) => run === null)).toEqual([])
    expect(measured.length).toBeGreaterThan(0)
    // What is quick is measured anew by itself; what is not fades, and offers it.
    if (!press) return
    // The page of the next view begins with what this one has saved.
    await byId(page, 'setting-width').fill(id === 'train' ? '48' : '56')
    await byId(page, 'setting-width').press('Enter')
    await byId(page, 'update').first().waitFor()
    const others = await cardsOf(page)
    expect(others.filter(({ isFaded }) => !isFaded)).toEqual([])
    expect(await byId(page, 'update').first().textContent()).toMatch(/^Older settings: updateUpdate \(/)
  } finally {
    await page.close()
  }
})
