import type { Page } from 'playwright-core'
import { expect, test, vi } from 'vitest'
import type { TabId } from '../../shared/protocol/tabs'
import { byId } from '../e2e/layout'
import { showRegions } from './regions'
import { standInBrowser } from './stand-in-browser'

// Every chart belongs to a run and says which; when the settings on screen are others, it fades and offers an update.

// Every page is a first start: none begins with the settings that another one has left behind.
vi.stubEnv('STAND_IN_AT_ONCE', '1')
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

/** Nothing measures as much as that by itself. */
const SLOW = '4096'

interface Case {
  id: TabId
  /** Measures where the view does not by itself. */
  begin?: (page: Page) => Promise<void>
  /** Of other networks, which are not measured by themselves; none: all that is asked for is computed at once. */
  other: string | null
}

const press = (id: string) => (page: Page) => byId(page, id).click()

test.for<[string, Case]>([
  ['signal', { id: 'signal', other: SLOW }],
  ['order', { id: 'order', other: '104' }],
  ['paths', { id: 'paths', other: null }],
  ['shatter', { id: 'shatter', other: SLOW }],
  ['shatter’s linear regions', { id: 'shatter', begin: showRegions, other: SLOW }],
  ['lesion', { id: 'lesion', other: SLOW }],
  ['train', { id: 'train', begin: press('play'), other: '48' }],
  ['depth', { id: 'depth', begin: press('depth-run'), other: '56' }],
])(
  'every chart of %s names its run, and fades where settings are others',
  { timeout: 60_000 },
  async ([, { id, begin, other }], { skip }) => {
    if (chromium.missing) return skip(chromium.missing)
    const page = await chromium.browser.newPage({ viewport: { width: 1280, height: 800 } })
    page.setDefaultTimeout(15_000)
    try {
      await page.goto(chromium.url)
      await byId(page, `tab-${id}`).click()
      await begin?.(page)
      await byId(page, 'chart-run').first().waitFor()
      const measured = (await cardsOf(page)).filter(({ title }) => !WITHOUT_RUN.includes(title))
      expect(measured.filter(({ run }) => run === null)).toEqual([])
      expect(measured.length).toBeGreaterThan(0)
      // What is quick is measured anew by itself; what is not fades, and offers it.
      if (other === null) return
      await byId(page, 'setting-width').fill(other)
      await byId(page, 'setting-width').press('Enter')
      await byId(page, 'update').first().waitFor()
      const others = await cardsOf(page)
      expect(others.filter(({ isFaded }) => !isFaded)).toEqual([])
      await expect
        .poll(() => byId(page, 'update').first().textContent())
        .toMatch(/^Older settings: updateUpdate \(/)
    } finally {
      await page.close()
    }
  },
)
