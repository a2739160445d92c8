import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { removeLeftovers } from '../../main/data/leftovers'

let folder: string
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-data-left-'))))
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

test('what a killed host left goes after a week; a living one’s, and data sets, stay', () => {
  const old = new Date(Date.now() - 8 * 24 * 3_600_000)
  const all = ['.given-old', '.removed-old', '.given-new', '.removed-new', 'mine', '.other']
  for (const name of all) {
    fs.mkdirSync(path.join(folder, name))
    fs.writeFileSync(path.join(folder, name, 'values.bin'), '1')
    if (!name.endsWith('new')) fs.utimesSync(path.join(folder, name), old, old)
  }
  removeLeftovers(folder)
  expect(fs.readdirSync(folder).sort()).toEqual(['.given-new', '.other', '.removed-new', 'mine'])
  expect(() => removeLeftovers(path.join(folder, 'nowhere'))).not.toThrow()
})
