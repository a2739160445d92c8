import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterAll } from 'vitest'
import { surroundings, type Fakes } from './surroundings'

export { WHEEL_FILES, zip, type Fakes } from './surroundings'

const made: string[] = []
afterAll(() => made.forEach((folder) => fs.rmSync(folder, { recursive: true, force: true })))

/** A folder that is removed when the tests of the file have ended. */
export function temporary(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-test-'))
  made.push(folder)
  return folder
}

/** Surroundings of their own in such a folder. */
export const fakes = (tools: Parameters<typeof surroundings>[1] = {}): Fakes =>
  surroundings(temporary(), tools)

/** Also of one that has ended and that nobody has taken notice of, which is none. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^\d+ \(.*\) Z/s.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && process.platform !== 'linux'
  }
}
