import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterAll } from 'vitest'

const launcher = path.join(import.meta.dirname, '../../bin/residual-lab.mjs')

/**
 * The command line in a folder of its own, with its data in data/, which goes when the file's tests have ended.
 * @param name part of the folder's
 */
export function labFolder(name: string) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `residual-lab-cli-${name}-`))
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))
  return {
    folder,
    inFolder: (...names: string[]) => path.join(folder, ...names),
    /** One command, without quoted words. */
    lab(line: string) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, ...line.split(' ')], {
        encoding: 'utf8',
        cwd: folder,
        env: { ...process.env, RESIDUAL_LAB_DATA: path.join(folder, 'data') },
      })
      return { status, stdout, stderr: stderr.replace(/^Building.*\n/m, '') }
    },
  }
}
