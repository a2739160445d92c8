import * as fs from 'node:fs'
import * as path from 'node:path'
import { expect } from 'vitest'
import type { FigureFormat } from '../../shared/figures/formats'
import { violations } from './axe'
import { browserTests } from './browser'

// A run's charts on their way out: shown as they will be, downloaded, and the same bytes as the command line's.

const tests = browserTests()

tests.check(
  'a run’s figure is the same from the screen, as its preview, and from the command line',
  async () => {
    await tests.command(
      'signal --blocks 6 --width 16 --batch 16 --remedies none,batch-norm --keep --name paper',
    )
    const { page, problems } = await tests.openHost()
    const byId = (id: string) => page.getByTestId(id)
    const choose = (segments: string, value: string) =>
      byId(segments).locator(`[data-value="${value}"]`).click()
    const downloaded = async (button: string) => {
      const coming = page.waitForEvent('download')
      await byId(button).click()
      const download = await coming
      const file = path.join(tests.data, `downloaded-${download.suggestedFilename()}`)
      await download.saveAs(file)
      return { name: download.suggestedFilename(), bytes: fs.readFileSync(file) }
    }
    await byId('tab-runs').click()
    await page
      .locator('[data-run]')
      .filter({ hasText: /width 16/ })
      .click()
    if (!(await byId('run-detail').isVisible())) await byId('toggle-detail').click()
    await byId('run-figures-open').click()

    await byId('figure-chart').selectOption('p')
    await choose('figure-theme', 'grey')
    await choose('figure-size', 'page')
    await choose('figure-axis', 'log10')
    expect(
      (await violations(page, 'figure-dialog')).map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
    ).toEqual([])

    const look = '--chart p --theme grey --size page --axis log10'
    const preview = async () => {
      const source = (await byId('figure-preview').locator('img').getAttribute('src'))!
      return decodeURIComponent(source.slice(source.indexOf(',') + 1))
    }
    for (const format of ['svg', 'pdf', 'png'] as const satisfies FigureFormat[]) {
      await choose('figure-format', format)
      const { name, bytes } = await downloaded('figure-save')
      expect(name).toMatch(new RegExp(`^[a-z]+-\\d+-p\\.${format}$`))
      await tests.command(
        `figure signal --run paper ${look} --format ${format} --out own-${format}.${format}`,
      )
      expect(bytes.equals(fs.readFileSync(path.join(tests.data, `own-${format}.${format}`)))).toBe(true)
      // The page, which draws the preview itself, and Node come to the same bytes.
      if (format === 'svg') expect(await preview()).toBe(bytes.toString())
    }
    const numbers = await downloaded('figure-csv')
    expect(numbers.bytes.equals(fs.readFileSync(path.join(tests.data, 'own-svg.csv')))).toBe(true)

    await byId('figure-words').uncheck()
    await expect.poll(preview).not.toContain('Backward: gradient p</text>')
    await byId('figure-dialog-close').click()
    expect(await byId('figure-dialog').count()).toBe(0)
    expect(problems).toEqual([])
  },
)
