import type { Page } from 'playwright-core'
import { expect } from 'vitest'

type Check = (name: string, work: (page: Page) => Promise<void>) => void
const LONG = 60_000

/** The Lesions tab; it is left on the signal. */
export function lesionChecks(check: Check): void {
  check('lesions: opens on residual next to plain, and says what it found', async (page) => {
    const byId = (id: string) => page.locator(`[data-testid="${id}"]`)
    await byId('tab-lesion').click()
    await expect.poll(() => byId('lesion-finding-random').textContent(), { timeout: LONG }).not.toBe('')
    await expect.poll(() => byId('job-status').innerText(), { timeout: LONG }).toMatch(/^Finished in/)
    const cosines = /cosine of ([\d.]+) .*residual network, ([\d.]+) in the plain one/
    const finding = () => byId('lesion-finding-each').textContent()
    await expect.poll(finding).toMatch(cosines)
    const [, residual, plain] = cosines.exec((await finding())!)!
    expect(Number(residual)).toBeGreaterThan(Number(plain) + 0.3)
    await expect.poll(() => page.locator('[data-testid^="lesion-chart-"]').count()).toBe(4)

    await byId('lesion-draws').fill('0')
    await expect
      .poll(() => byId('lesion-problem').innerText())
      .toContain('Give a whole number from 1 to 200.')
    await byId('lesion-draws').fill('5')
    await expect.poll(() => byId('lesion-problem').count()).toBe(0)
    await byId('lesion-draws').fill('6')
    const update = byId('update').first()
    await expect.poll(() => update.innerText()).toMatch(/^(Older settings: u|U)pdate\s\(about [\d.]+ s\)$/)
    await byId('lesion-draws').fill('5')
    await expect.poll(() => byId('update').count()).toBe(0)
    await byId('toggle-detail').click()
    await byId('one-lesion-blocks').fill('3,99')
    await byId('one-lesion-run').click()
    await expect
      .poll(() => byId('one-lesion-problem').innerText())
      .toBe('there is no block 99. Blocks count from 1 to 20.')
    await byId('one-lesion-blocks').fill('3, 7')
    await byId('one-lesion-run').click()
    await expect
      .poll(() => byId('one-lesion-table').innerText(), { timeout: LONG })
      .toMatch(/blocks 3, 7 deleted[^…]*$/)
    await byId('toggle-detail').click()
    await byId('tab-signal').click()
  })
}
