import * as fs from 'node:fs'
import * as path from 'node:path'
import { deflateRawSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { browserTests, type OpenPage } from './browser'

// What is autosaved, when others write there too: two hosts on one folder, a newer program, a hostile link.

const tests = browserTests()
const { check } = tests

/** A host of its own on the data folder, and a window in front of it. */
async function openWindow(): Promise<OpenPage> {
  const opened = await tests.openHost()
  await opened.page.getByTestId('device').waitFor({ timeout: 60_000 })
  return opened
}

const width = (page: Page) => page.getByTestId('setting-width')
const notice = (page: Page) => page.getByTestId('workspace-notice')
const saved = () => {
  try {
    return JSON.parse(fs.readFileSync(path.join(tests.data, 'workspace.json'), 'utf8')).experiment
      .width as number
  } catch {
    return null
  }
}
const kept = () => fs.readdirSync(tests.data).filter((name) => name.includes('.kept-'))
const keptWidths = () =>
  kept().map(
    (name) => JSON.parse(fs.readFileSync(path.join(tests.data, name), 'utf8')).experiment.width as number,
  )

describe('the autosaved workspace', () => {
  check('two hosts on one folder: the later one is asked, and each answer keeps both', async () => {
    const one = await openWindow()
    const two = await openWindow()
    await width(one.page).fill('51')
    await expect.poll(saved, { timeout: 10_000 }).toBe(51)
    await width(two.page).fill('52')
    await notice(two.page).waitFor()
    await expect
      .poll(() => notice(two.page).innerText())
      .toContain('Another window has changed this workspace.')
    expect(saved()).toBe(51)

    await two.page.getByRole('button', { name: 'Go on with this one' }).click()
    await expect.poll(saved).toBe(52)
    expect(keptWidths()).toEqual([51])
    expect(await notice(two.page).count()).toBe(0)

    await width(one.page).fill('53')
    await notice(one.page).waitFor()
    await one.page.getByRole('button', { name: 'Show the other one' }).click()
    await expect.poll(() => width(one.page).inputValue()).toBe('52')
    expect(keptWidths().sort()).toEqual([51, 53])
    expect(saved()).toBe(52)
    expect([...one.problems, ...two.problems]).toEqual([])
  })

  check('of a newer program: nothing is saved over it before the user decides', async () => {
    const text = JSON.stringify({ version: 2, experiment: { width: 99 }, view: {} })
    fs.writeFileSync(path.join(tests.data, 'workspace.json'), text)
    const { page, problems } = await openWindow()
    await notice(page).waitFor()
    await expect
      .poll(() => notice(page).innerText())
      .toMatch(/another version of Residual Lab wrote it.*It is kept as/)
    await width(page).fill('60')
    await page.waitForTimeout(2000)
    expect(fs.readFileSync(path.join(tests.data, 'workspace.json'), 'utf8')).toBe(text)
    await page.getByRole('button', { name: 'Start afresh and save from now on' }).click()
    await expect.poll(saved).toBe(60)
    expect(keptWidths()).toEqual([99])
    expect(problems).toEqual([])
  })
})

describe('a hostile link', () => {
  check('with long names in each other is refused, and the window goes on', async () => {
    const { page, problems } = await openWindow()
    const name = 'k'.repeat(9_900)
    const json = `${`{"${name}":`.repeat(99)}0${'}'.repeat(99)}`
    const link = `residual-lab://block/${deflateRawSync(json, { level: 9 }).toString('base64url')}`
    expect(link.length).toBeLessThan(3000)
    await page.getByTestId('tab-block').click()
    await page.evaluate((text) => {
      const clipboardData = new DataTransfer()
      clipboardData.setData('text/plain', text)
      document.body.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
      )
    }, link)
    // What grows with the square of the names’ length takes minutes.
    await page.getByTestId('announcement').waitFor({ timeout: 15_000 })
    await expect.poll(() => page.getByTestId('announcement').innerText()).toContain('link.')
    expect(problems).toEqual([])
  })
})
