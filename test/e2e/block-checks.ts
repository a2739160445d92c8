import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { isSerious, violations } from './axe'

type Check = (name: string, work: (page: Page) => Promise<void>) => void
const LONG = 30_000

/** The Block tab; it is left on the signal, with the block it had. */
export function blockChecks(check: Check): void {
  check('block: drawn by mouse and by keys it is the same block', async (page) => {
    await page.getByTestId('tab-block').click()

    await startFromType2(page)
    await drag(page, palette(page, 'batch-norm'), await wireEnd(page, 'relu-1'))
    await node(page, 'batch-norm-1').waitFor()
    await drag(page, palette(page, 'scale'), await wireEnd(page, 'sum', 'bottom'))
    await node(page, 'scale-1').waitFor()
    // A second branch: an operation beside the others, connected by hand.
    await node(page, 'sum').click()
    await page.getByTestId('block-commands').click()
    await page.getByTestId('command-list').locator('[data-command="branch"]').click()
    await node(page, 'sum-1').waitFor()
    await node(page, 'linear-2').click()
    await page.getByTestId('field-units').fill('0.5')
    await palette(page, 'linear').click()
    await node(page, 'linear-3').waitFor()
    const byMouse = await textForm(page)

    await startFromType2(page)
    await node(page, 'input').focus()
    // Along the skip to the sum lies nothing else: up and down are other lanes.
    await page.keyboard.press('ArrowDown')
    await focused(page, 'relu-1')
    await page.keyboard.press('ArrowLeft')
    await focused(page, 'input')
    await page.keyboard.press('ArrowDown')
    await addByName(page, 'batch norm')
    await focused(page, 'batch-norm-1')
    await page.keyboard.press('Alt+ArrowLeft')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    await focused(page, 'linear-1')
    await addByName(page, 'scale')
    await focused(page, 'scale-1')
    await page.keyboard.press('ArrowRight')
    await focused(page, 'sum')
    await page.keyboard.press('b')
    await focused(page, 'sum-1')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => focusedId(page)).toBe('linear-2')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Control+a')
    await page.keyboard.type('0.5')
    await page.keyboard.press('Escape')
    await focused(page, 'linear-2')
    await addByName(page, 'linear')
    await focused(page, 'linear-3')
    const byKeys = await textForm(page)

    expect(byMouse).toContain('"op": "scale", "inputs": ["linear-1"]')
    expect(byMouse).toContain('"op": "linear", "inputs": ["input"], "units": 0.5')
    expect(byKeys).toBe(byMouse)
  })

  check('block: the outline builds it too, without the canvas', async (page) => {
    await startFromType2(page)
    await form(page, 'outline')
    const row = (key: string) => page.locator(`[data-row="${key}"]`)
    await row('input').focus()
    for (const key of ['sum', 'sum/0', 'sum/1', 'relu-1']) {
      await page.keyboard.press('ArrowDown')
      await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-row'))).toBe(key)
    }
    await addByName(page, 'batch norm')
    await row('batch-norm-1').waitFor()
    await page.keyboard.press('Alt+ArrowUp')
    await page.keyboard.press('w')
    await row('sum-1').waitFor()
    const text = await textForm(page)
    expect(text).toContain('"op": "batch-norm", "inputs": ["input"]')
    expect(text).toContain('"op": "sum", "inputs": ["input", "batch-norm-1"]')
    await expect.poll(() => page.getByTestId('block-said').innerText()).toContain('The block is valid.')
  })

  check('block: what is put down on an empty place moves nothing else', async (page) => {
    await startFromType2(page)
    const canvas = (await page.locator('.svelte-flow').boundingBox())!
    await drag(page, palette(page, 'linear'), { x: canvas.x + 60, y: canvas.y + canvas.height - 40 })
    await node(page, 'linear-2').waitFor()
    await expect
      .poll(() => textForm(page))
      .toMatch(/"relu-1": \[\d+, 96\],\n *"linear-1": \[\d+, 96\],\n *"sum": \[\d+, 0\]/)
  })

  check('block: a wire that is missing is marked, explained and mended by one click', async (page) => {
    await startFromType2(page)
    await node(page, 'sum').click()
    await page.keyboard.press('x')
    const problem = page.getByTestId('problem')
    await problem.waitFor()
    await expect.poll(() => problem.innerText()).toContain('Nothing is connected to the sum’s first input')
    await expect.poll(() => node(page, 'sum').locator('.problem').count()).toBe(1)
    await expect.poll(() => page.getByTestId('measure-block').isDisabled()).toBe(true)
    await problem.getByTestId('mend').first().click()
    await expect.poll(() => problem.count()).toBe(0)
    await expect.poll(() => textForm(page)).toContain('"op": "sum", "inputs": ["input", "linear-1"]')
  })

  check('block: many steps back lead to where it began, and forth again', async (page) => {
    await startFromType2(page)
    await node(page, 'relu-1').click()
    const before = await textForm(page)
    await node(page, 'relu-1').click()
    for (let i = 0; i < 40; i++) await page.keyboard.press('Control+d')
    await node(page, 'relu-41').waitFor()
    const after = await textForm(page)
    await node(page, 'relu-41').focus()
    for (let i = 0; i < 40; i++) await page.keyboard.press('Control+z')
    await expect.poll(() => textForm(page)).toBe(before)
    await node(page, 'relu-1').focus()
    for (let i = 0; i < 40; i++) await page.keyboard.press('Control+Shift+z')
    await expect.poll(() => textForm(page)).toBe(after)
  })

  check('block: theory while editing: type 2 doubles, and 1/√2 makes it stay', async (page) => {
    await startFromType2(page)
    const growth = (way: string) => page.getByTestId(`growth-${way}`).innerText()
    await expect.poll(() => growth('forward'), { timeout: LONG }).toBe('×2.00')
    await expect.poll(() => growth('backward')).toBe('×2.00')
    await expect.poll(() => page.getByTestId('overflow').innerText()).toBe('≈ 128')
    await page.getByTestId('show-remedy').selectOption('rsqrt2')
    await expect.poll(() => growth('forward'), { timeout: LONG }).toBe('×1.00')
    await expect.poll(() => page.locator('.svelte-flow__node .added').count()).toBe(1)
    await page.getByTestId('end-preview').click()
  })

  check('block: the text says where it is wrong, and the last valid block stays', async (page) => {
    await startFromType2(page)
    await form(page, 'text')
    const field = page.getByTestId('block-text')
    const text = await field.inputValue()
    await field.fill(text.replace('"op": "linear"', '"op": "liner"'))
    await expect
      .poll(() => page.getByTestId('text-state').innerText())
      .toMatch(/Line 7: .*Did you mean "linear"\?/)
    await form(page, 'canvas')
    await expect.poll(() => node(page, 'linear-1').count()).toBe(1)
  })

  check('block: the network as code follows the block, and says why there is none', async (page) => {
    await startFromType2(page)
    await form(page, 'code')
    const code = page.getByTestId('network-code')
    await expect.poll(() => code.inputValue()).toContain('class Network(nn.Module)')
    await expect.poll(() => code.inputValue()).not.toContain('BatchNorm')
    for (const [framework, words] of [
      ['keras', 'class Network(keras.Model)'],
      ['jax', 'import jax.numpy as jnp'],
      ['tfjs', 'export function network()'],
      ['pytorch', 'class Network(nn.Module)'],
    ]) {
      await page.getByTestId('code-framework').selectOption(framework)
      await expect.poll(() => code.inputValue()).toContain(words)
    }
    await page.getByTestId('code-head').check()
    await expect.poll(() => code.inputValue()).toContain('logits')
    await page.getByTestId('code-head').uncheck()
    await form(page, 'canvas')
    await node(page, 'relu-1').focus()
    await addByName(page, 'batch norm')
    await form(page, 'code')
    await expect.poll(() => code.inputValue()).toContain('BatchNorm')
    await form(page, 'text')
    const field = page.getByTestId('block-text')
    await field.fill((await field.inputValue()).replace('"inputs": ["relu-1"]', '"inputs": [""]'))
    await form(page, 'code')
    await expect.poll(() => page.getByTestId('code-state').innerText()).toMatch(/^There is no code yet: .+/)
    await expect.poll(() => page.getByTestId('copy-code').isDisabled()).toBe(true)
  })

  check('block: nothing serious for axe-core, in any form', async (page) => {
    await startFromType2(page)
    for (const name of ['canvas', 'outline', 'text', 'code'] as const) {
      await form(page, name)
      const serious = (await violations(page, 'block-view')).filter(isSerious)
      expect(serious.map(({ id, nodes }) => [name, id, nodes.map((one) => one.html)])).toEqual([])
    }
    await form(page, 'canvas')
    await startFromType2(page)
    await page.getByTestId('tab-signal').click()
  })
}

const node = (page: Page, id: string) => page.locator(`.svelte-flow__node[data-id="${id}"]`)
const palette = (page: Page, op: string) => page.locator(`[data-testid="palette"] [data-op="${op}"]`)

const form = (page: Page, value: 'canvas' | 'outline' | 'text' | 'code') =>
  page.getByTestId('block-form').locator(`[data-value="${value}"]`).click()

async function startFromType2(page: Page) {
  await form(page, 'canvas')
  await page.locator('[data-testid="block-presets"] [data-value="relu-linear"]').click()
  await expect.poll(() => page.locator('.svelte-flow__node').count()).toBe(5)
}

async function textForm(page: Page): Promise<string> {
  await form(page, 'text')
  const text = await page.getByTestId('block-text').inputValue()
  await form(page, 'canvas')
  return text
}

const focusedId = (page: Page) => page.evaluate(() => document.activeElement?.getAttribute('data-id'))
const focused = (page: Page, id: string) => expect.poll(() => focusedId(page)).toBe(id)

/** With the command list that a key opens. */
async function addByName(page: Page, title: string) {
  await page.keyboard.press('a')
  await page.getByTestId('command-list').waitFor()
  await page.keyboard.type(title)
  await page.keyboard.press('Enter')
  await page.getByTestId('command-list').waitFor({ state: 'detached' })
}

/** Just before a wire's arrow, on the left or below its operation. */
async function wireEnd(page: Page, id: string, side: 'left' | 'bottom' = 'left') {
  const box = (await node(page, id).boundingBox())!
  return side === 'left'
    ? { x: box.x - 9, y: box.y + box.height / 2 }
    : { x: box.x + box.width / 2, y: box.y + box.height + 14 }
}

async function drag(page: Page, from: ReturnType<Page['locator']>, to: { x: number; y: number }) {
  await from.scrollIntoViewIfNeeded()
  const box = (await from.boundingBox())!
  await page.mouse.move(box.x + 20, box.y + box.height / 2)
  await page.mouse.down()
  await page.mouse.move(to.x + 20, to.y + 20, { steps: 5 })
  await page.mouse.move(to.x, to.y, { steps: 3 })
  await page.mouse.up()
}
