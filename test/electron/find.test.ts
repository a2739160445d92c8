import * as fs from 'node:fs'
import { expect, test } from 'vitest'
import { findElectron } from './find'

test('a real Electron is found or fetched, or it is said why not', { timeout: 300_000 }, async ({ skip }) => {
  const { electron, missing } = await findElectron()
  if (!electron) return skip(missing)
  expect(fs.existsSync(electron.executable)).toBe(true)
  expect(electron.version).toMatch(/^\d+\.\d+\.\d+$/)
})
