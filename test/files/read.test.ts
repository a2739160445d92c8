import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readTextFile } from '../../main/files/read'

let folder: string
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-read-'))))
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

const file = (bytes: string | Buffer) => {
  const name = path.join(folder, 'file')
  fs.writeFileSync(name, bytes)
  return name
}

test('a text is read whole, with whatever characters', () => {
  const text = `\uFEFF{"é": "${'ü€😀'.repeat(100_000)}"}\n`
  expect(readTextFile(file(text))).toBe(text)
  expect(readTextFile(file(''))).toBe('')
})

test('what is no text is refused at once, and said to be what it is', () => {
  expect(() => readTextFile(file('12345'), 4)).toThrow('it is larger than 0 MB')
  expect(readTextFile(file('1234'), 4)).toBe('1234')
  expect(() => readTextFile(file(Buffer.from([0x7b, 0xff])))).toThrow('it is not text in UTF-8')
  expect(() => readTextFile(folder)).toThrow('it is a folder')
  expect(() => readTextFile(path.join(folder, 'none'))).toThrow('ENOENT')
})

test.skipIf(process.platform === 'win32')('pipes and devices are refused, without waiting for them', () => {
  const pipe = path.join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  expect(() => readTextFile(pipe)).toThrow('it is a pipe or a device, not a file')
  expect(() => readTextFile('/dev/zero')).toThrow('it is a pipe or a device, not a file')
})
