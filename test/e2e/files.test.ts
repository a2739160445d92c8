import * as fs from 'node:fs'
import * as path from 'node:path'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { presetNamed } from '../../shared/block/presets'
import { defaultExperiment } from '../../shared/settings/table'
import { browserTests, type OpenPage } from './browser'

// Files in the browser's host: dropped on the window, one or several, ours or not; and the list of recent ones, which
// the application's window has made.

const tests = browserTests()
const { check } = tests

async function open(): Promise<OpenPage> {
  const opened = await tests.openHost()
  await opened.page.getByTestId('setting-seed').waitFor({ timeout: 60_000 })
  return opened
}

type Dropped = [name: string, content: string]
/** Without how far a measurement is that goes with it. */
const title = async (page: Page) => (await page.title()).replace(/^(\d+ %|…) /, '')
/** Drops files on the window. @returns whether the window took them, where `dragover` asks for it */
const drop = (page: Page, files: Dropped[]) =>
  page.evaluate((files) => {
    const dataTransfer = new DataTransfer()
    for (const [name, content] of files) dataTransfer.items.add(new File([content], name))
    const event = (type: string) => new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true })
    const isTaken = !document.body.dispatchEvent(event('dragover'))
    const isMarked = new Promise<boolean>((resolve) =>
      requestAnimationFrame(() => resolve(document.querySelector('.app.drop') !== null)),
    )
    return isMarked.then((marked) => {
      document.body.dispatchEvent(event('drop'))
      return [isTaken, marked]
    })
  }, files)
const experiment = (name: string, seed: number): Dropped => [
  name,
  JSON.stringify({ ...defaultExperiment(), seed }),
]
const block = (name: string): Dropped => [
  `${name}.json`,
  JSON.stringify({ ...presetNamed('practical'), name }),
]
const announced = (page: Page) => page.getByTestId('announcement').innerText()
const seed = (page: Page) => page.getByTestId('setting-seed').inputValue()
const facts = (page: Page) => page.getByTestId('offered-facts').innerText()

check('a dropped experiment is opened, and the title says its name and whether it is edited', async () => {
  const { page, problems } = await open()
  await expect.poll(() => title(page)).toBe('Residual Lab')
  expect(await drop(page, [experiment('mine.reslab', 61)])).toEqual([true, true])
  await expect.poll(() => seed(page)).toBe('61')
  await expect.poll(() => announced(page)).toBe('Opened mine.reslab.')
  await expect.poll(() => title(page)).toBe('mine.reslab – Residual Lab')
  await page.getByTestId('setting-seed').fill('62')
  await expect.poll(() => title(page)).toBe('• mine.reslab – Residual Lab')
  await page.getByTestId('undo').click()
  await expect.poll(() => title(page)).toBe('mine.reslab – Residual Lab')

  // Saved, it is a file again; loaded again, the window knows it.
  await page.getByTestId('setting-seed').fill('63')
  const [saved] = await Promise.all([page.waitForEvent('download'), page.getByTestId('save').click()])
  expect(saved.suggestedFilename()).toBe('mine.reslab')
  await expect.poll(() => title(page)).toBe('mine.reslab – Residual Lab')
  await expect
    .poll(() => fs.readFileSync(path.join(tests.data, 'workspace.json'), 'utf8'))
    .toMatch(/"name":"mine.reslab".*"seed":63/)
  await page.reload()
  await expect.poll(() => title(page)).toBe('mine.reslab – Residual Lab')
  expect(problems).toEqual([])
})

check('several files at once: every block has its turn, and what is none of ours is named', async () => {
  const { page, problems } = await open()
  await drop(page, [
    block('first'),
    ['notes.txt', 'Dear diary'],
    experiment('a.json', 71),
    experiment('b.json', 72),
    ['photo.png', '\x89PNG\r\n\x1a\n\0\0'],
    block('second'),
  ])
  await expect.poll(() => facts(page)).toBe('first · 5 operations')
  await expect
    .poll(() => page.getByTestId('offered-block').locator('.from').innerText())
    .toBe('A block from first.json, and 1 more after it')
  await expect
    .poll(() => announced(page))
    .toMatch(
      /^Opened a\.json\. A window shows one experiment: b\.json was not opened\. notes\.txt: this is not JSON .*photo\.png: this is not JSON/s,
    )
  await page.getByTestId('offered-keep').click()
  await expect.poll(() => facts(page)).toBe('second · 5 operations')
  await page.getByTestId('offered-use').click()
  await page.getByTestId('block-view').waitFor()
  await expect.poll(() => page.getByTestId('offered-block').count()).toBe(0)
  await page.getByTestId('open-library').click()
  await expect
    .poll(() => page.getByTestId('library-block').locator('.muted').allInnerTexts())
    .toEqual([expect.stringContaining('first')])
  expect(problems).toEqual([])
})

check('a hostile file that is dropped is given up, and the window goes on', async () => {
  const { page, problems } = await open()
  const name = 'k'.repeat(9_900)
  await drop(page, [
    ['deep.json', `${`{"${name}":`.repeat(99)}0${'}'.repeat(99)}`],
    ['wide.json', `[${'1,'.repeat(2 ** 20)}1]`],
    ['nested.json', '['.repeat(2 ** 20)],
    experiment('mine.json', 81),
  ])
  await expect.poll(() => seed(page), { timeout: 20_000 }).toBe('81')
  for (const file of ['deep.json', 'wide.json', 'nested.json'])
    // On a busy machine the worker is ended before it has found that out.
    await expect.poll(() => announced(page)).toMatch(new RegExp(`${file}: (this is|it took longer than 2 s)`))
  expect(problems).toEqual([])
})

check('recent files of the application are listed, opened and taken off the list', async () => {
  const mine = path.join(tests.data, 'mine.json')
  fs.writeFileSync(mine, experiment('', 91)[1])
  const used = new Date().toISOString()
  const files = [
    { path: path.join(tests.data, 'gone.json'), kind: 'block', used },
    { path: mine, kind: 'experiment', used },
  ]
  fs.writeFileSync(path.join(tests.data, 'recent.json'), JSON.stringify({ version: 1, files }))
  const { page, problems } = await open()
  await page.getByTestId('recent').click()
  const rows = page.getByTestId('recent-file')
  await expect.poll(() => rows.count()).toBe(2)
  await expect.poll(() => rows.nth(0).innerText()).toMatch(/gone\.json\s+Missing/)
  await expect.poll(() => rows.nth(0).getByTestId('recent-open').isDisabled()).toBe(true)
  await rows.nth(0).getByTestId('recent-remove').click()
  await expect.poll(() => rows.count()).toBe(1)
  await page.getByTestId('recent-open').click()
  await expect.poll(() => seed(page)).toBe('91')
  await expect.poll(() => page.getByTestId('recent-dialog').count()).toBe(0)
  await expect.poll(() => title(page)).toBe('mine.json – Residual Lab')

  // One that goes while the list is open.
  await page.getByTestId('recent').click()
  await expect.poll(() => page.getByTestId('recent-open').count()).toBe(1)
  fs.rmSync(mine)
  await page.getByTestId('recent-open').click()
  await expect
    .poll(() => page.getByTestId('recent-dialog-problem').innerText())
    .toContain('it is not there any more')
  await page.getByTestId('recent-remove').click()
  await page.getByTestId('recent-empty').waitFor()
  expect(problems).toEqual([])
})
