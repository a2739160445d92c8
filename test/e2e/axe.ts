import * as fs from 'node:fs'
import * as path from 'node:path'
import type { AxeResults, Result } from 'axe-core'
import type { Page } from 'playwright-core'
import { root } from './bench'

/** What axe-core finds wrong within an element. */
export async function violations(page: Page, testId: string): Promise<Result[]> {
  await page.evaluate(fs.readFileSync(path.join(root, 'node_modules/axe-core/axe.min.js'), 'utf8'))
  const found = await page.evaluate<AxeResults>(
    `axe.run('[data-testid="${testId}"]', { resultTypes: ['violations'] })`,
  )
  return found.violations
}

export const isSerious = ({ impact }: Result): boolean => impact === 'serious' || impact === 'critical'
