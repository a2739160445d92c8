import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { formatNumber } from '../../shared/base/format'
import { root } from './bench'

type Check = (name: string, work: (page: Page) => Promise<void>) => void
const execute = promisify(execFile)
const LONG = 60_000

/** The Paths tab; it is left on the signal, with the settings it was found with. */
export function pathsChecks(check: Check): void {
  check('paths: opens finished; the bars are the norms that the command line prints', async (page) => {
    const { byId, done } = helpers(page)
    await byId('tab-paths').click()
    await done()
    await expect
      .poll(() => byId('paths-finding').textContent())
      .toMatch(/^The 8 terms add up to ∂y\/∂f1: relative error/)
    await expect.poll(() => byId('formula').locator('.katex').count()).toBeGreaterThan(8)

    const options = await byId('paths-command').getAttribute('aria-describedby')
    const command = await page.locator(`[id="${options}"]`).textContent()
    const args = command!.split('npx ')[1].split(' ')
    const { stdout } = await execute('npx', [...args, '--json'], { cwd: root, maxBuffer: 2 ** 26 })
    const { measured } = JSON.parse(stdout).series[0]
    const { terms } = measured.firstDerivative
    await expect
      .poll(() => byId('paths-outputs').innerText())
      .toContain(`differs from y by ${formatNumber(measured.outputDifference.mean)} times y’s norm`)
    const shown = await page
      .locator('[data-testid^="bar-"]')
      .evaluateAll((bars) => bars.map((bar) => Number(bar.getAttribute('data-value'))))
    const printed = terms.map(({ norm }: { norm: { mean: number } }) => norm.mean)
    const sorted = (values: number[]) => [...values].sort((a, b) => a - b)
    sorted(printed).forEach((norm, i) => expect(sorted(shown)[i]).toBeCloseTo(norm, 9))
  })

  check('paths: a path lights its term, its blocks and its bar, and the other way round', async (page) => {
    const { byId, lit, paths } = helpers(page)
    // Through f1 and f3.
    await byId('path-5').hover()
    await expect.poll(paths).toEqual(['path-5'])
    await expect.poll(() => lit('term-')).toEqual(['term-5'])
    await expect.poll(() => lit('bar-')).toEqual(['bar-5'])
    await expect.poll(() => lit('copy-')).toEqual(['copy-4', 'copy-5'])
    await expect.poll(() => lit('residual-block-')).toEqual(['residual-block-1', 'residual-block-3'])
    await expect.poll(() => byId('paths-lengths').getAttribute('data-lit')).toBe('2')
    await expect.poll(() => byId('paths-detail').innerText()).toContain('x → f1 → f3 → y')

    for (const from of ['term-7', 'bar-7']) {
      await byId(from).hover()
      await expect.poll(paths).toEqual(['path-7'])
      await expect
        .poll(() => lit('sequential-block-'))
        .toEqual([1, 2, 3].map((block) => `sequential-block-${block}`))
    }
    await byId('residual-block-4').hover()
    await expect.poll(async () => (await paths()).length).toBe(8)
    await expect.poll(() => lit('copy-')).toEqual(['copy-8'])
    await expect.poll(() => lit('term-')).toHaveLength(4)
    await byId('paths-lengths').hover()
    await expect.poll(async () => (await paths()).length).toBe(6)
  })

  check('paths: the keyboard goes from path to path, and holds one', async (page) => {
    const { byId, paths } = helpers(page)
    await byId('paths-finding').hover()
    await byId('uses-1').focus()
    await page.keyboard.press('Tab')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await expect.poll(paths).toEqual(['path-2'])
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await expect.poll(() => byId('path-2').getAttribute('aria-pressed')).toBe('true')
    await expect.poll(async () => (await paths()).includes('path-2')).toBe(true)
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Enter')
    await expect.poll(() => byId('path-2').getAttribute('aria-pressed')).toBe('false')
    await byId('paths-finding').hover()
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
    await expect.poll(paths).toEqual([])
  })

  check('paths: counts of any depth; what cannot be listed is sampled, or grouped', async (page) => {
    const { byId, done } = helpers(page)
    const choose = (group: string, value: string) => byId(group).locator(`[data-value="${value}"]`).click()
    await choose('paths-page', 'lengths')
    await byId('setting-blocks').fill('14')
    await done()
    await expect.poll(() => byId('paths-counts').innerText()).toContain('14 blocks')
    await expect.poll(() => byId('path-count').getAttribute('data-count')).toBe('3432')
    await expect.poll(() => byId('paths-too-many').innerText()).toContain('more than can be listed')
    await expect.poll(() => byId('paths-method').innerText()).toContain('random paths of each length')
    await byId('paths-group').click()
    await done()
    await expect
      .poll(() => byId('paths-method').innerText(), { timeout: LONG })
      .toContain('Every path counted exactly')
    await byId('path-length').fill('0')
    await byId('path-length').press('Enter')
    await expect.poll(() => byId('path-count').getAttribute('data-count')).toBe('1')

    await byId('paths-width').fill('1')
    await expect.poll(() => byId('paths-error').innerText()).toContain('Give a whole number from 2 to 256.')
    await byId('paths-width').fill('16')
    await choose('paths-terms', 'all')
    await choose('paths-page', 'unravelled')
    await byId('setting-blocks').fill('20')
    await done()
  })

  check('paths: a network trained in place, next to itself at initialisation', async (page) => {
    const { byId, done } = helpers(page)
    const choose = (group: string, value: string) => byId(group).locator(`[data-value="${value}"]`).click()
    const steps = await byId('setting-steps').inputValue()
    const rate = await byId('setting-learningRate').inputValue()
    await byId('setting-steps').fill('20')
    await choose('paths-training', 'trained')
    await done()
    await expect
      .poll(() => byId('paths-trained').innerText())
      .toMatch(/^20 steps: test loss [\d.]+, test error [\d.]+ %$/)
    await expect
      .poll(() => byId('paths-finding').textContent())
      .toMatch(
        /^Training (moves|hardly moves) gradient energy.* \(the same network, at the same 20 test samples\)\. The 8 terms add up to ∂y\/∂f1: relative error [\d.]+e−1\d/,
      )
    await expect
      .poll(() => byId('paths-outputs').innerText())
      .toMatch(/\(one network, 20 samples; .*before training [\d.]+\)/)
    await expect.poll(() => page.locator('[data-testid^="bar-"] .before').count()).toBe(8)

    // Other settings are another network; who presses Train gets it.
    await byId('setting-learningRate').fill('1000')
    await expect.poll(() => byId('job-status').innerText()).toContain('press Train')
    await byId('job-run').click()
    await expect
      .poll(() => byId('paths-problem').innerText(), { timeout: LONG })
      .toContain('Lower the learning rate (it is 1000), or choose a remedy.')

    // The first one is still there.
    await byId('setting-learningRate').fill(rate)
    await done()
    await byId('setting-steps').fill(steps)
    await choose('paths-training', 'initial')
    await done()
    await byId('tab-signal').click()
  })
}

function helpers(page: Page) {
  const names = (selector: string) =>
    page
      .locator(selector)
      .evaluateAll((all) => [...new Set(all.map((one) => one.getAttribute('data-testid')!))].sort())
  return {
    byId: (id: string) => page.locator(`[data-testid="${id}"]`).first(),
    lit: (prefix: string) => names(`[data-testid^="${prefix}"].lit`),
    paths: () => names('[data-testid^="path-"][data-lit="true"]'),
    done: async () => {
      // What was changed has to reach the view first.
      await page.waitForTimeout(100)
      await expect
        .poll(() => page.locator('[data-testid="paths-status"]').getAttribute('data-state'), {
          timeout: LONG,
        })
        .toBe('done')
    },
  }
}
