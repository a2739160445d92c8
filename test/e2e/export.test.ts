import * as fs from 'node:fs'
import * as path from 'node:path'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { readZip } from '../../main/files/zip'
import { violations } from './axe'
import { browserTests } from './browser'
import { finished, state } from './checks'

// A trained network on its way out: offered in Train and in Runs, refused where a format lacks something, downloaded,
// and the same bytes as the command line's.

const tests = browserTests()

const SMALL = '--blocks 3 --width 12 --batch 16 --steps 20 --seeds 2'.split(' ')

/** What is downloaded by the press. */
async function downloaded(page: Page): Promise<{ name: string; file: string }> {
  const coming = page.waitForEvent('download')
  await page.getByTestId('export-start').click()
  const download = await coming
  const file = path.join(tests.data, `downloaded-${download.suggestedFilename()}`)
  await download.saveAs(file)
  return { name: download.suggestedFilename(), file }
}

tests.check('a trained network is exported, proven, and the same as the command line’s', async () => {
  await tests.command(['train', ...SMALL, '--remedies', 'none,batch-norm', '--name', 'two of them'])
  const { page, problems } = await tests.openHost(['clipboard-read', 'clipboard-write'])
  const byId = (id: string) => page.getByTestId(id)
  await byId('tab-runs').click()
  await page.locator('[data-run]').filter({ hasText: /train/ }).click()
  if (!(await byId('run-detail').isVisible())) await byId('toggle-detail').click()
  await byId('run-export-network').click()

  expect(
    (await violations(page, 'export-dialog')).map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
  ).toEqual([])

  // What the format lacks stands there before anything is pressed.
  await byId('export-format-keras').check()
  await byId('export-float16').check()
  await expect.poll(() => byId('export-state').innerText()).toContain('Keras files keep weights in float32')
  await expect.poll(() => byId('export-start').isDisabled()).toBe(true)
  await byId('export-format-onnx').check()
  await byId('export-float16').uncheck()
  await byId('export-series').selectOption({ label: '2: Type 2 + batch norm' })
  await byId('export-replica').selectOption('2')
  await byId('export-licence').fill('CC BY 4.0')
  await expect
    .poll(() => byId('export-state').innerText())
    .toMatch(/^ONNX has all that this network needs\. Its/)

  const { name, file } = await downloaded(page)
  expect(name).toBe('two-of-them-series-2-replica-2.onnx')
  await expect.poll(() => byId('export-place').innerText()).toBe(name)
  await expect
    .poll(() => byId('export-proof').innerText())
    .toMatch(
      /^Proof: opened again by ONNX Runtime\. On 4 inputs of standard normal numbers \(seed \d+\) its outputs differ /,
    )

  // The command that it names writes the same bytes.
  await byId('export-command').click()
  const copied = await page.evaluate(() => navigator.clipboard.readText())
  expect(copied).toMatch(
    /^npx residual-lab export [a-z]+-\d+ --format onnx --out two-of-them-series-2-replica-2\.onnx --series 2 /,
  )
  const words = copied.match(/'[^']*'|\S+/g)!.map((word) => word.replace(/^'|'$/g, ''))
  await tests.command(words.slice(2))
  expect(fs.readFileSync(file)).toEqual(fs.readFileSync(path.join(tests.data, name)))

  // All of them as one file.
  await byId('export-format-tfjs').check()
  await byId('export-replica').selectOption('all')
  await expect
    .poll(() => byId('export-state').innerText())
    .toMatch(/^TensorFlow\.js has all that these 2 networks need\. Their/)
  const all = await downloaded(page)
  expect(all.name).toBe('two-of-them-series-2-all-tfjs.zip')
  expect([...(await readZip(all.file)).keys()]).toContain(
    'two-of-them-series-2-all-tfjs/replica-2/model.json',
  )
  await expect.poll(() => byId('export-proof').innerText()).toContain('the outputs of all 2 networks')
  await byId('export-dialog-close').click()
  expect(await byId('export-dialog').count()).toBe(0)
  expect(problems).toEqual([])
})

tests.check(
  'the run that has just ended is exported from Train, and one on the way is cancelled',
  async () => {
    const { page, problems } = await tests.openHost()
    const byId = (id: string) => page.getByTestId(id)
    await byId('tab-train').click()
    await expect.poll(() => byId('train-export-network').isDisabled()).toBe(true)
    await byId('setting-steps').fill('10')
    await byId('setting-blocks').fill('3')
    await byId('setting-width').fill('64')
    await byId('setting-trainReplicas').fill('20')
    await byId('play').click()
    await state(page, 'training')
    await finished(page)
    await byId('train-export-network').click()
    await byId('export-format-npz').check()
    await byId('export-replica').selectOption('all')
    await byId('export-start').click()
    await expect.poll(() => byId('export-state').innerText()).toContain('Replica ')
    await byId('export-cancel').click()
    await expect.poll(() => byId('export-state').innerText()).toBe('Cancelled: nothing was written.')
    await byId('export-replica').selectOption('1')
    const { name, file } = await downloaded(page)
    expect(name).toMatch(/^[a-z]+-\d+-series-1\.npz$/)
    expect([...(await readZip(file)).keys()]).toContain('proof.json')
    expect(problems).toEqual([])
  },
)
