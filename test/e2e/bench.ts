import { execFile } from 'node:child_process'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { promisify } from 'node:util'
import type { ConsoleMessage, Page } from 'playwright-core'

/** A workbench that runs: a page in some host, with the host's real trainer behind it. */
export interface Bench {
  page: Page
  /** What must not happen: errors on the console, uncaught ones, violations of the content security policy. */
  problems: string[]
  trainerPid(): Promise<number>
  close(): Promise<void>
}

export interface BenchOptions {
  /** Where the host keeps the user's data: the same folder again is a restart. */
  data: string
  /** A file to open, as on the command line. */
  file?: string
  /** Beside this process's environment. */
  env?: Record<string, string>
}

/** One kind of host, or the reason why it cannot be tested here. */
export interface BenchHost<B extends Bench = Bench> {
  missing: string | null
  open(options: BenchOptions): Promise<B>
  /** What must go when all tests are done. */
  close(): Promise<void>
}

export const root = path.resolve(__dirname, '..', '..')

export function dataFolder(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-e2e-'))
}

/**
 * Waits for what an ended host's children still write there. Node's own retries would not do: they remove what was
 * there at the first look, and then only the folder.
 */
export function removeDataFolder(folder: string): void {
  for (let left = 50; ; left--) {
    try {
      return fs.rmSync(folder, { recursive: true, force: true })
    } catch (error) {
      if (left === 0) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
    }
  }
}

const execute = promisify(execFile)

/** A command of the lab on a data folder, which is where it is called, too. */
export const runCommand = (data: string, words: readonly string[]) =>
  execute(process.execPath, [path.join(root, 'bin', 'residual-lab.mjs'), ...words], {
    cwd: data,
    env: { ...process.env, RESIDUAL_LAB_DATA: data },
    maxBuffer: 2 ** 28,
  })

/** The bundles, or why there are none. `npm test` builds them. */
export function missingBuild(): string | null {
  const built = ['main/index.cjs', 'main/cli.cjs', 'main/trainer.cjs', 'renderer/index.html']
  const lacking = built.find((file) => !fs.existsSync(path.join(root, 'out', file)))
  return lacking ? `out/${lacking} is not built: run \`npm test\`, or \`npm run build\` first` : null
}

/** Keeps what goes wrong on a page. */
export function watch(page: Page): string[] {
  const problems: string[] = []
  page.on('console', (message: ConsoleMessage) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(String(error)))
  return problems
}
