import type { Page } from 'playwright-core'
import { byId } from '../e2e/layout'

/** The linear regions of small networks, drawn by the page itself: they are there in a second or two. */
export async function showRegions(page: Page): Promise<void> {
  await byId(page, 'setting-width').fill('12')
  await byId(page, 'setting-width').press('Enter')
  await byId(page, 'shatter-mode').getByText('linear regions').click()
  await byId(page, 'regions-status')
    .filter({ hasText: /^Finished/ })
    .waitFor({ timeout: 30_000 })
}
