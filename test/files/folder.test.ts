import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeFolder } from '../../bin/lib/folder.mjs'

let root: string
beforeEach(() => void (root = fs.mkdtempSync(path.join(tmpdir(), 'folder-'))))
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

test('a folder is made with those above it, for its owner alone where that is asked for', () => {
  const folder = path.join(root, 'a', 'b', 'c')
  makeFolder(folder, 0o700)
  makeFolder(folder, 0o700)
  expect(fs.statSync(folder).isDirectory()).toBe(true)
  if (process.platform !== 'win32') expect(fs.statSync(path.dirname(folder)).mode & 0o777).toBe(0o700)
})

test('a file in its place, or above it, is an error', () => {
  fs.writeFileSync(path.join(root, 'file'), '')
  expect(() => makeFolder(path.join(root, 'file', 'below'))).toThrow(/ENOTDIR|ENOENT/)
  fs.symlinkSync(path.join(root, 'nowhere'), path.join(root, 'link'))
  expect(() => makeFolder(path.join(root, 'link'))).toThrow('EEXIST')
})

// In a process of its own: what tries for ever would take the tests along.
test.runIf(process.platform === 'linux')(
  'below a folder that takes none it fails, and does not try for ever',
  () => {
    const lib = path.resolve('bin/lib/folder.mjs')
    const script = `import(${JSON.stringify(lib)}).then(({ makeFolder }) => {
    try { makeFolder('/proc/none/below') } catch (error) { console.log(error.code) }
  })`
    expect(execFileSync(process.execPath, ['-e', script], { timeout: 10_000, encoding: 'utf8' }).trim()).toBe(
      'ENOENT',
    )
  },
)
