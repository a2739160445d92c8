import * as fs from 'node:fs'
import * as path from 'node:path'
import type { Locator } from 'playwright-core'
import { expect } from 'vitest'
import { browserTests } from './browser'

// Each view's chart leaves by the button on its card, with the bytes that the command line makes of the same run.

const tests = browserTests()
const SMALL = '--blocks 4 --width 12 --batch 16'

/** The tests of one page: its cards' figures held against files of the command line. */
async function bench() {
  const { page, problems } = await tests.openHost()
  const byId = (id: string) => page.getByTestId(id)
  let count = 0

  const downloaded = async (button: string) => {
    const coming = page.waitForEvent('download')
    await byId(button).click()
    const file = path.join(tests.data, `downloaded-${count++}`)
    await (await coming).saveAs(file)
    return fs.readFileSync(file)
  }

  /** @param figure the command that makes the same */
  async function isSame(card: string, figure: string) {
    await expect.poll(() => byId(card).first().isEnabled()).toBe(true)
    await byId(card).first().click()
    await expect.poll(() => byId('figure-save').isEnabled()).toBe(true)
    for (const format of ['svg', 'pdf']) {
      await byId('figure-format').locator(`[data-value="${format}"]`).click()
      const bytes = await downloaded('figure-save')
      const own = path.join(tests.data, `own-${count++}.${format}`)
      await tests.command(`figure ${figure} --format ${format} --out ${own}`)
      const made = fs.readFileSync(own)
      if (format === 'svg') expect(bytes.toString()).toBe(made.toString())
      expect(bytes.equals(made), `${card} as ${format}`).toBe(true)
      const numbers = await downloaded('figure-csv')
      expect(numbers.toString()).toBe(fs.readFileSync(own.replace(/\w+$/, 'csv'), 'utf8'))
    }
    await byId('figure-dialog-close').click()
  }

  /** Opens a kept run in its view. @param words of its row in the list */
  async function openRun(words: RegExp) {
    await selectRun(page.locator('[data-run]').filter({ hasText: words }).first())
    await byId('run-open').click()
  }

  async function selectRun(row: Locator) {
    await byId('tab-runs').click()
    await row.click()
    if (!(await byId('run-detail').isVisible())) await byId('toggle-detail').click()
  }

  return { page, byId, isSame, openRun, selectRun, problems }
}

tests.check('figures of measured networks: Signal, Order, Shatter, Lesions', async () => {
  await tests.command(`signal ${SMALL} --replicas 2 --remedies none,batch-norm --keep --name s`)
  await tests.command(`order --block original,full-preactivation ${SMALL} --replicas 2 --name o`)
  await tests.command(`shatter ${SMALL} --replicas 2 --points 64 --keep --name h`)
  await tests.command(`shatter --regions --block relu-linear ${SMALL} --center on --keep --name r`)
  await tests.command(`lesion ${SMALL} --replicas 2 --each delete --keep --name l`)
  const { byId, isSame, openRun, problems } = await bench()
  await openRun(/signal/)
  await isSame('figure-finding-forward', 'signal --run s --chart q')
  await isSame('figure-finding-backward', 'signal --run s --chart p')
  await openRun(/orderings/)
  await isSame('order-figure', 'order --run o --chart q-multiples')
  await openRun(/shattered/)
  await isSame('shatter-figure-curves', 'shatter --run h --chart gradients')
  await isSame('shatter-figure-acf', 'shatter --run h --chart autocorrelation')
  await openRun(/linear regions/)
  await isSame('regions-figure', 'shatter --run r --chart regions')
  await isSame('regions-figure-breaks', 'shatter --run r --chart breaks')
  await openRun(/lesions/)
  await isSame('lesion-figure-each-residual', 'lesion --run l --chart cosine')

  // Without theory, the chart is offered as the screen shows it.
  await openRun(/signal/)
  await byId('theory').click()
  await byId('figure-finding-forward').click()
  await expect
    .poll(() => byId('figure-chart').locator('option:checked').innerText())
    .toMatch(/^As on the screen/)
  await byId('figure-dialog-close').click()
  expect(problems).toEqual([])
})

tests.check('figures of trained networks: Train at a step, Depth', async () => {
  await tests.command(
    `train ${SMALL} --steps 20 --replicas 2 --remedies none,batch-norm --shattering on --name t`,
  )
  await tests.command('depth --depths 2,3 --width 12 --batch 16 --steps 10 --replicas 2 --name d')
  const { byId, isSame, openRun, problems } = await bench()
  await openRun(/training/)
  await isSame('figure-train-loss', 'train --run t --chart loss')
  await isSame('figure-train-error', 'train --run t --chart error')
  await isSame('figure-train-correlation', 'train --run t --chart gradient-correlation')
  await isSame('figure-train-autocorrelation', 'train --run t --chart autocorrelation --step 20')
  await isSame('figure-train-forward', 'train --run t --chart q --step 20')
  await isSame('figure-train-below', 'train --run t --chart update-ratio --step 20')
  await openRun(/depth/)
  await isSame('depth-figure-test', 'depth --run d --chart test-error-by-depth')
  await byId('depth-gradients').locator('[data-value="final"]').click()
  await isSame('depth-figure-gradient', 'depth --run d --chart shattering-final')
  expect(problems).toEqual([])
})

tests.check('figures of sweeps, comparisons, paths and theory', async () => {
  await tests.command(
    `sweep signal --blocks 2,4 --gain 0.5,1,2 --width 12 --batch 16 --replicas 2 --remedies none,batch-norm --name w`,
  )
  const { page, byId, isSame, selectRun, problems } = await bench()
  await byId('tab-block').click()
  await byId('theory-figure').waitFor()
  await isSame('theory-figure', 'theory --remedies none --chart q')

  const { runs } = JSON.parse(await tests.command('runs list --json')) as {
    runs: { run: string; name: string }[]
  }
  const marked = runs.filter(({ name }) => name.startsWith('w,')).map(({ run }) => run)
  expect(marked).toHaveLength(6)
  await selectRun(page.locator(`[data-run="${marked[0]}"]`))
  await byId('run-mark-sweep').click()
  await byId('runs-page').locator('[data-value="compare"]').click()
  await isSame('compare-figure', `runs --runs ${marked.join(',')}`)

  await byId('runs-page').locator('[data-value="list"]').click()
  await byId('run-open-sweep').click()
  await isSame('sweep-figure-open', 'sweep --run w')
  await byId('sweep-page').locator('[data-value="curve"]').click()
  await isSame('sweep-figure-open', 'sweep --run w --chart curve')
  await byId('sweep-page').locator('[data-value="multiples"]').click()
  await isSame('sweep-figure-open', 'sweep --run w --chart multiples')

  await byId('tab-paths').click()
  await expect.poll(() => byId('chart-run').first().innerText(), { timeout: 60_000 }).toMatch(/^[a-z]+-\d+,/)
  const run = (await byId('chart-run').first().innerText()).split(',')[0]
  await isSame('paths-figure-share', `paths --run ${run} --chart share`)
  await isSame('paths-figure-first-terms', `paths --run ${run} --chart first-terms`)

  expect(problems).toEqual([])
})
