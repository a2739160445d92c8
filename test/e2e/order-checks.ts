import { execFile } from 'node:child_process'
import * as path from 'node:path'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { root } from './bench'

type Check = (name: string, work: (page: Page) => Promise<void>) => void
const LONG = 120_000
const execute = promisify(execFile)

/** The Order and the Network tab; they are left on the signal. */
export function orderChecks(check: Check): void {
  check(
    'order: a press measures the set and ranks it; a cell is what the command line prints',
    async (page) => {
      const byId = (id: string) => page.getByTestId(id)
      await byId('tab-order').click()
      await settled(page)
      await expect.poll(() => page.locator('[data-testid^="multiple-"]').count()).toBe(8)

      await byId('order-set-types').click()
      await byId('order-seeds').fill('2')
      await byId('job-run').click()
      await expect.poll(() => byId('job-status').innerText(), { timeout: LONG }).toMatch(/^Finished in/)
      await expect.poll(() => page.locator('[data-testid^="multiple-"]').count()).toBe(3)
      await expect
        .poll(() => byId('order-finding').textContent())
        .toMatch(/^Type \d .* keeps its size best: ×/)

      await byId('order-view').locator('[data-value="table"]').click()
      const rows = await tableRows(page)
      expect(rows.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5, 6])
      expect(rows[5].series).toBe('linear-relu/none')
      expect(new Set(rows.map(({ n }) => n))).toEqual(new Set([40]))
      await byId('order-sort-forward').click()
      const forward = (await tableRows(page)).map((row) => row.forward)
      expect(forward).toEqual([...forward].sort((a, b) => a - b))

      const seed = Number(await byId('setting-seed').inputValue())
      const means = await Promise.all([seed, seed + 1].map(meanByCommand))
      const ratio = ((means[0][20] + means[1][20]) / (means[0][0] + means[1][0])) ** (1 / 20)
      const cell = rows.find(({ series }) => series === 'relu-linear/none')!.forward
      expect(ratio).toBeGreaterThan(1.9)
      expect(Math.abs(cell / ratio - 1)).toBeLessThan(1e-5)
    },
  )

  check('order: trained side by side; stopped, what was found stays', async (page) => {
    const byId = (id: string) => page.getByTestId(id)
    await byId('order-seeds').fill('1')
    await byId('order-train').click()
    await byId('setting-steps').fill('4')
    await byId('job-run').click()
    await expect.poll(() => byId('job-status').innerText(), { timeout: LONG }).toMatch(/^Finished in/)
    const error = byId('order-row').first().locator('[data-column="testError"]')
    await expect.poll(() => error.innerText()).toMatch(/ %|diverged/)

    await byId('setting-steps').fill('100000')
    await byId('job-run').click()
    await expect.poll(() => byId('job-status').innerText(), { timeout: LONG }).toMatch(/training, step/i)
    await byId('job-stop').click()
    await expect.poll(() => byId('job-status').innerText(), { timeout: LONG }).toMatch(/^Stopped after/)
    expect((await tableRows(page)).map(({ n }) => n)).toEqual([20, 20, 20, 20, 20, 20])

    await byId('setting-steps').fill('6')
    await byId('order-train').click()
    await byId('order-view').locator('[data-value="multiples"]').click()
  })

  check('network: ResNet-20 has 269,722 parameters, and undo gives back what was there', async (page) => {
    const byId = (id: string) => page.getByTestId(id)
    await byId('tab-network').click()
    const before = await byId('network-total').innerText()
    await byId('network-resnet20-cifar').click()
    await expect.poll(() => byId('network-total').innerText()).toBe('269,722')
    await expect.poll(() => byId('network-facts').innerText()).toContain('20 layers = 6 × 3 + 2')
    await expect.poll(() => byId('network-edge-2').textContent()).toBe('16 × 32 × 32')
    await expect.poll(() => byId('given-width').innerText()).toBe('16, 32, 64')

    await byId('network-width-2').fill('8')
    await expect.poll(() => byId('network-problem').innerText()).toContain('Stage 3')
    await expect.poll(() => byId('network-total').innerText()).toBe('269,722')
    await byId('network-mend-0').click()
    expect(await byId('network-problem').count()).toBe(0)
    await expect.poll(() => byId('network-edge-4').textContent()).toBe('8 × 8 × 8')

    await byId('network-single').click()
    await expect.poll(() => byId('setting-blocks').inputValue()).toBe('9')
    for (let i = 0; i < 3; i++) await byId('undo').click()
    await expect.poll(() => byId('network-total').innerText()).toBe(before)
    await byId('tab-signal').click()
    await expect.poll(() => byId('status').innerText(), { timeout: LONG }).toBe('Finished')
  })
}

/** The set that the tab opens on is measured unasked. */
const settled = (page: Page) =>
  expect
    .poll(() => page.getByTestId('job-status').innerText(), { timeout: LONG })
    .toMatch(/^(Finished in|Settings have changed)/)

async function tableRows(page: Page) {
  const rows = await page.getByTestId('order-row').all()
  return Promise.all(
    rows.map(async (row) => ({
      series: await row.getAttribute('data-series'),
      rank: Number(await row.locator('[data-column="rank"]').innerText()),
      forward: Number(await row.locator('[data-column="forward"]').getAttribute('data-value')),
      n: parseInt(await row.locator('[data-column="n"]').innerText(), 10),
    })),
  )
}

async function meanByCommand(seed: number): Promise<number[]> {
  const options = ['signal', '--block', 'relu-linear', '--seed', String(seed), '--json']
  const launcher = path.join(root, 'bin', 'residual-lab.mjs')
  const { stdout } = await execute(process.execPath, [launcher, ...options], {
    cwd: root,
    maxBuffer: 2 ** 28,
  })
  return JSON.parse(stdout).series[0].q.mean
}
