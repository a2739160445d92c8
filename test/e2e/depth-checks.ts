import { execFile } from 'node:child_process'
import * as path from 'node:path'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { formatNumber } from '../../shared/base/format'
import { root } from './bench'

type Check = (name: string, work: (page: Page) => Promise<void>) => void
const LONG = 120_000
const execute = promisify(execFile)

/** The Depth tab; it is left on the signal. */
export function depthChecks(check: Check): void {
  check('depth: plain next to residual at every depth; a number is the command line’s', async (page) => {
    const byId = (id: string) => page.getByTestId(id)
    await byId('tab-depth').click()
    await byId('depth-depths').fill('0')
    await expect.poll(() => byId('depth-depths-problem').innerText()).toContain('from 1 to 1000')
    await byId('depth-depths').fill('1, 3')
    await byId('setting-steps').fill('6')
    const seed = await byId('setting-seed').inputValue()
    await byId('depth-run').click()
    await expect.poll(() => byId('depth-status').innerText(), { timeout: LONG }).toMatch(/^Finished in/)
    await expect.poll(() => byId('depth-finding').textContent()).toContain('lain Type 2 + batch norm')
    await expect.poll(() => page.locator('[data-testid^="depth-chart-"]').count()).toBe(4)

    await byId('depth-gradients').getByText('final').click()
    await expect
      .poll(() => byId('depth-finding-gradient').textContent())
      .toMatch(/shattered gradients|No order is seen/)
    await byId('depth-gradients').getByText('size').click()

    await byId('toggle-detail').click()
    const plain = page.locator('[data-series="relu-linear/batch-norm/off"]')
    const shown = await plain.getByTestId('depth-test-3').innerText()
    await byId('toggle-detail').click()
    const options = [
      '--depths',
      '1,3',
      '--skip',
      'off',
      '--remedies',
      'batch-norm',
      '--steps',
      '6',
      '--seed',
      seed,
    ]
    const launcher = path.join(root, 'bin', 'residual-lab.mjs')
    const command = [launcher, 'depth', ...options, '--no-keep', '--json']
    const { stdout } = await execute(process.execPath, command, { cwd: root, maxBuffer: 2 ** 28 })
    expect(shown).toBe(formatNumber(100 * JSON.parse(stdout).series[0].test.error.mean[1]))

    await byId('undo').click()
    await byId('tab-signal').click()
  })
}
