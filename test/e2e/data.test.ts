import * as fs from 'node:fs'
import * as path from 'node:path'
import { PNG } from 'pngjs'
import { expect } from 'vitest'
import { isSerious, violations } from './axe'
import { browserTests } from './browser'

// The Data view in front of a real host: samples looked at, a file of the user's taken in, learnt, removed and put
// back.

const LONG = 60_000

const tests = browserTests()

/** What the command line lists on the same data folder. */
async function listed(): Promise<{ name: string; splitSeed?: number; training: number }[]> {
  const printed = await tests.command('data list --json')
  return (JSON.parse(printed) as { data: { name: string; training: number }[] }).data
}

const ROWS = Array.from({ length: 40 }, (_, i) => `${i},${i % 2 ? 'oak' : 'ash'},${(7 * i) % 13}`)
const TREES = `length,kind,width\n${ROWS.join('\n')}\n`

tests.check('data: images, curves, points and rows are looked at, counted and filtered', async () => {
  const { page, problems } = await tests.openHost()
  const byId = (id: string) => page.getByTestId(id)
  await byId('tab-data').click()
  await byId('data-legend').filter({ hasText: 'positions' }).waitFor({ timeout: LONG })
  await byId('data-set-digits').click()
  await byId('data-legend').filter({ hasText: 'Black to white: 0 to 16.0' }).waitFor({ timeout: LONG })
  const samples = byId('data-sample')
  await expect.poll(() => samples.count()).toBeGreaterThan(20)
  // A picture is drawn: it has light and dark.
  const levels = await samples.first().evaluate((button) => {
    const canvas = button.querySelector('canvas')!
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
    return new Set(data).size
  })
  expect(levels).toBeGreaterThan(4)
  // As a training takes them: other pictures at another step, and those of the first one again when it comes back.
  const pixels = () =>
    samples
      .first()
      .locator('canvas')
      .evaluate((one: HTMLCanvasElement) => one.toDataURL())
  await byId('data-augmented').check()
  await byId('data-not-augmented').filter({ hasText: 'augments nothing' }).waitFor()
  const plain = await pixels()
  if (!(await byId('data-facts').isVisible())) await byId('toggle-detail').click()
  await byId('setting-augmentCrop').fill('8')
  await byId('data-not-augmented').filter({ hasText: 'Give at most 7.' }).waitFor()
  await byId('setting-augmentCrop').fill('2')
  await byId('data-legend').filter({ hasText: 'augmented as at step 1 of a training with seed' }).waitFor()
  const first = await pixels()
  expect(first).not.toBe(plain)
  await byId('data-step').fill('2')
  await byId('data-legend').filter({ hasText: 'as at step 2' }).waitFor()
  await expect.poll(pixels, { timeout: LONG }).not.toBe(first)
  await byId('data-step').fill('1')
  await expect.poll(pixels, { timeout: LONG }).toBe(first)
  await byId('data-augmented').uncheck()

  const before = await byId('data-range').innerText()
  await byId('data-after').click()
  await expect.poll(() => byId('data-range').innerText(), { timeout: LONG }).not.toBe(before)
  await byId('data-class').selectOption('3')
  await expect.poll(() => byId('data-range').innerText(), { timeout: LONG }).toMatch(/^1 – \d+ of 154$/)
  for (const label of await samples.allInnerTexts()) expect(label.trim()).toBe('3')
  await page.locator('[data-testid="data-part"] [data-value="test"]').click()
  await expect.poll(() => byId('data-range').innerText(), { timeout: LONG }).toMatch(/of 29$/)
  await byId('data-standardised').check()
  await byId('data-legend').filter({ hasText: 'standardised' }).waitFor()
  await samples.first().click()
  if (!(await byId('data-facts').isVisible())) await byId('toggle-detail').click()
  await expect.poll(() => byId('data-chosen-sample').innerText()).toContain('class 3')
  await expect.poll(() => byId('data-facts').innerText()).toContain('at random, by seed 1')

  await page.locator('[data-testid="data-page"] [data-value="labels"]').click()
  await byId('data-classes').waitFor()
  const row = await byId('data-classes').locator('tbody tr').nth(3).innerText()
  expect(row.split(/\s+/)).toEqual(['3', '154', '29'])
  await byId('data-set-spirals').click()
  await page.locator('[data-testid="data-page"] [data-value="ranges"]').click()
  await expect.poll(() => byId('data-ranges').locator('tbody tr').count(), { timeout: LONG }).toBe(2)
  await page.locator('[data-testid="data-page"] [data-value="samples"]').click()
  await byId('data-scatter').waitFor({ timeout: LONG })
  await byId('data-set-teacher').click()
  await byId('data-table').waitFor({ timeout: LONG })

  // Colours that are on their way from one theme to the other are of neither.
  await page.emulateMedia({ reducedMotion: 'reduce' })
  for (const theme of ['light', 'dark']) {
    await page.evaluate((one) => (document.documentElement.dataset.theme = one), theme)
    const serious = (await violations(page, 'data-view')).filter(isSerious)
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes[0].html}`)).toEqual([])
  }
  expect(problems).toEqual([])
})

tests.check('data: a file is looked at before it is kept, learnt, removed and put back', async () => {
  const { page, problems } = await tests.openHost()
  const byId = (id: string) => page.getByTestId(id)
  await byId('tab-data').click()
  const choose = async (name: string, text: string) => {
    const chooser = page.waitForEvent('filechooser')
    await byId('data-import').click()
    await (await chooser).setFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) })
    await byId('data-name').waitFor({ timeout: LONG })
  }
  // What is wrong with a file is said in one line, and nothing is kept.
  await choose('ragged.csv', 'a,b\n1,x\n2,y,z\n')
  await byId('data-read').click()
  await byId('data-problem')
    .filter({ hasText: 'ragged.csv: line 3 has 3 columns, and the first has 2' })
    .waitFor({ timeout: LONG })
  await byId('data-discard').click()

  await choose('My trees.csv', TREES)
  await expect.poll(() => byId('data-name').inputValue()).toBe('my-trees')
  await byId('data-target').selectOption('kind')
  await byId('data-seed').fill('7')
  await byId('data-read').click()
  await byId('data-scatter').waitFor({ timeout: LONG })
  await expect.poll(() => byId('data-title').innerText()).toContain('not kept yet')
  expect((await listed()).some(({ name }) => name === 'my-trees')).toBe(false)
  await byId('data-keep').click()
  await byId('data-set-my-trees').waitFor({ timeout: LONG })
  const kept = (await listed()).find(({ name }) => name === 'my-trees')
  expect(kept).toMatchObject({ training: 32, splitSeed: 7 })

  // Networks learn it, until that is undone.
  await byId('data-train').click()
  await byId('data-set-my-trees').filter({ hasText: 'learnt' }).waitFor()
  await byId('tab-train').click()
  await expect.poll(() => byId('setting-data').inputValue()).toBe('my-trees')
  // The page's paths see its samples, which the host alone has: statistics over training samples, gradients at others.
  await byId('tab-paths').click()
  await byId('setting-steps').fill('20')
  await page.locator('[data-testid="paths-training"] [data-value="trained"]').click()
  await byId('paths-finding')
    .filter({ hasText: /the same network, at the same 8 test samples/ })
    .waitFor({ timeout: LONG })
  for (let i = 0; i < 2; i++) await byId('undo').click()
  await byId('tab-data').click()
  await byId('undo').click()
  await byId('data-set-mnist1d').filter({ hasText: 'learnt' }).waitFor()

  await byId('data-set-my-trees').click()
  await byId('data-remove').click()
  await expect.poll(() => byId('data-set-my-trees').count(), { timeout: LONG }).toBe(0)
  await byId('announcement-action').click()
  await byId('data-set-my-trees').waitFor({ timeout: LONG })
  await byId('data-set-my-trees').click()
  await byId('data-scatter').waitFor({ timeout: LONG })
  expect(problems).toEqual([])
})

/** A picture of one colour. */
function png(side: number, colour: readonly [number, number, number]): Buffer {
  const picture = new PNG({ width: side, height: side })
  for (let i = 0; i < side * side; i++) picture.data.set([...colour, 255], 4 * i)
  return PNG.sync.write(picture)
}

tests.check('data: a folder of pictures, one folder a class, is looked at, kept and learnt', async () => {
  const folder = path.join(tests.data, 'My flowers')
  for (const [c, kind] of ['rose', 'tulip'].entries()) {
    fs.mkdirSync(path.join(folder, kind), { recursive: true })
    for (let i = 0; i < 20; i++)
      fs.writeFileSync(path.join(folder, kind, `${i}.png`), png(8, [200 * c, 4 * i, 50]))
  }
  const { page, problems } = await tests.openHost()
  const byId = (id: string) => page.getByTestId(id)
  await byId('tab-data').click()
  const chooser = page.waitForEvent('filechooser')
  await byId('data-import-folder').click()
  await (await chooser).setFiles(folder)
  await byId('data-name').waitFor({ timeout: LONG })
  await expect.poll(() => byId('data-name').inputValue()).toBe('my-flowers')
  await byId('data-read').click()
  await byId('data-title').filter({ hasText: 'not kept yet' }).waitFor({ timeout: LONG })
  // The names of the folders are the classes; every picture is in one part.
  await page.locator('[data-testid="data-page"] [data-value="labels"]').click()
  const rows = byId('data-classes').locator('tbody tr')
  await expect.poll(() => rows.count()).toBe(2)
  const counts = (await rows.allInnerTexts()).map((text) => text.trim().split(/\s+/))
  expect(counts.map(([name]) => name)).toEqual(['rose', 'tulip'])
  for (const [, training, test] of counts) expect(Number(training) + Number(test)).toBe(20)
  await byId('data-keep').click()
  await byId('data-set-my-flowers').waitFor({ timeout: LONG })
  expect((await listed()).find(({ name }) => name === 'my-flowers')).toMatchObject({ training: 32 })

  await byId('data-train').click()
  await byId('tab-train').click()
  // Of 32 training samples.
  await byId('setting-batch').fill('16')
  await byId('setting-steps').fill('20')
  await byId('play').click()
  const error = byId('train-row').first().locator('[data-column="testError"]')
  await expect
    .poll(() => error.getAttribute('data-value').catch(() => null), { timeout: LONG })
    .not.toBeNull()
  await byId('status').filter({ hasText: 'Finished' }).waitFor({ timeout: LONG })
  // Two colours are soon told apart: one wrong of two is chance.
  expect(Number(await error.getAttribute('data-value'))).toBeLessThan(0.3)
  expect(problems).toEqual([])
})
