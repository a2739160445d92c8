import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { presetNamed } from '../../shared/block/presets'
import { encodeLink } from '../../shared/block/link'

type Check = (name: string, work: (page: Page) => Promise<void>) => void

/** The library and shared blocks; the library is left empty, and the workbench on the signal with the block it had. */
export function libraryChecks(check: Check): void {
  check('library: a block is saved with its picture, renamed, removed and put back', async (page) => {
    const byId = (id: string) => page.getByTestId(id)
    const names = () => byId('library-block').locator('.muted').allInnerTexts()
    await byId('tab-block').click()
    await byId('open-library').click()
    await byId('library-empty').waitFor()
    await byId('library-save').click()
    await byId('library-block').waitFor()
    await expect.poll(() => byId('library-block').locator('svg').count()).toBe(1)
    await byId('library-rename').click()
    await byId('rename-field').fill('saved by a test')
    await page.keyboard.press('Enter')
    await expect.poll(names).toEqual([expect.stringContaining('saved by a test')])
    await byId('library-remove').click()
    await byId('library-empty').waitFor()
    await byId('put-back').click()
    await expect.poll(names).toEqual([expect.stringContaining('saved by a test')])
    await byId('library-remove').click()
    await byId('library-empty').waitFor()
    await byId('library-close').click()
  })

  check('library: operations and links come back from the system’s clipboard', async (page) => {
    const byId = (id: string) => page.getByTestId(id)
    const nodes = page.locator('.svelte-flow__node-operation')
    const count = await nodes.count()
    await nodes.first().click()
    await page.keyboard.press('Control+c')
    await page.keyboard.press('Control+v')
    await expect.poll(() => nodes.count()).toBe(count + 1)
    await page.keyboard.press('Control+z')
    await expect.poll(() => nodes.count()).toBe(count)
    await byId('open-library').click()
    await byId('copy-link').click()
    await expect.poll(() => byId('library-said').innerText()).toContain('Copied a link')
    await byId('library-close').click()
    await nodes.first().click()
    await page.keyboard.press('Control+v')
    await byId('offered-block').waitFor()
    await byId('offered-refuse').click()
    await byId('offered-block').waitFor({ state: 'detached' })
  })

  check('library: a link is shown and asked about before anything happens', async (page) => {
    const byId = (id: string) => page.getByTestId(id)
    const link = await encodeLink({
      ...presetNamed('bottleneck'),
      name: 'sent',
      title: 'A block that was sent',
    })
    await byId('open-library').click()
    await byId('paste-link').fill(`${link.slice(0, -9)}`)
    await byId('open-link').click()
    await expect
      .poll(() => byId('library-problem').innerText())
      .toBe('link: it is damaged or cut off. Copy it again, as a whole.')
    await byId('paste-link').fill(link)
    await byId('open-link').click()
    const offered = byId('offered-block')
    await offered.waitFor()
    await expect.poll(() => byId('offered-facts').innerText()).toBe('sent · 7 operations')
    await expect.poll(() => offered.locator('.body svg').count()).toBe(1)
    // What is focused does nothing.
    await page.keyboard.press('Enter')
    await offered.waitFor({ state: 'detached' })
    await expect.poll(() => byId('block-view').innerText()).not.toContain('A block that was sent')

    // Pasted where nothing is written.
    await page.evaluate((text) => {
      const data = new DataTransfer()
      data.setData('text/plain', text)
      document.body.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
      )
    }, link)
    await offered.waitFor()
    await byId('offered-use').click()
    await offered.waitFor({ state: 'detached' })
    await byId('block-form').locator('[data-value="text"]').click()
    await expect.poll(() => page.locator('textarea').inputValue()).toContain('"name": "sent"')
    await byId('block-form').locator('[data-value="canvas"]').click()
    await byId('undo').click()
    await byId('tab-signal').click()
  })
}
