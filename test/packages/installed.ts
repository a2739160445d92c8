import { spawn, spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { watch } from '../e2e/bench'
import { windowOf } from '../electron/window'

/** Nobody's: Chromium's sandbox works for everyone but root. */
const USER = 65534
const AS_USER = ['--reuid', String(USER), '--regid', String(USER), '--clear-groups', '--']
const DRIVER = path.resolve('node_modules/playwright-core/lib/server/electron/loader.js')

/** Whether a plain user may make the name spaces that Chromium's sandbox stands on: in some containers nobody may. */
const sandboxWorks = () => spawnSync('setpriv', [...AS_USER, 'unshare', '--user', 'true']).status === 0

/** A program as a person has it after installing: started as a plain user with a home of their own that is empty. */
export class Installed {
  readonly home = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-home-'))
  readonly hasSandbox = sandboxWorks()
  readonly #scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-start-'))
  readonly #environment: Record<string, string>

  /** @param program what is started. @param folder of the executable that it leads to */
  constructor(
    readonly program: string,
    readonly folder: string,
    display: string,
  ) {
    fs.chownSync(this.home, USER, USER)
    fs.chmodSync(this.#scratch, 0o755)
    this.#environment = {
      HOME: this.home,
      PATH: '/usr/local/bin:/usr/bin:/bin',
      DISPLAY: display,
      LANG: 'C.UTF-8',
      ...(!this.hasSandbox && { ELECTRON_DISABLE_SANDBOX: '1' }),
    }
  }

  async open(): Promise<{ app: ElectronApplication; page: Page; problems: string[] }> {
    const start = path.join(this.#scratch, 'start')
    fs.writeFileSync(start, `#!/bin/sh\nexec setpriv ${AS_USER.join(' ')} '${this.program}' "$@"\n`, {
      mode: 0o755,
    })
    const app = await _electron.launch({
      executablePath: start,
      args: ['--disable-gpu'],
      // Left to Playwright, it would switch the sandbox off.
      chromiumSandbox: true,
      cwd: this.home,
      env: { ...this.#environment, RESIDUAL_LAB_TEST_DRIVER: DRIVER },
    })
    const page = await windowOf(app)
    return { app, page, problems: watch(page) }
  }

  /** Runs a program as the user, to its end. */
  end(program: string, ...args: string[]): { code: number | null; stdout: string; stderr: string } {
    const options = { cwd: this.home, env: this.#environment, encoding: 'utf8' as const, timeout: 60_000 }
    const { status, stdout, stderr } = spawnSync('setpriv', [...AS_USER, program, ...args], options)
    return { code: status, stdout, stderr }
  }

  /** What it prints. @throws Error if it fails */
  run(program: string, ...args: string[]): string {
    const { code, stdout, stderr } = this.end(program, ...args)
    if (code !== 0) throw new Error(`${program} ended with ${code}: ${stderr}`)
    return stdout
  }

  /** Starts a program as the user, and waits for nothing. */
  begin(program: string, ...args: string[]) {
    spawn('setpriv', [...AS_USER, program, ...args], {
      cwd: this.home,
      env: this.#environment,
      stdio: 'ignore',
    }).on('error', () => {})
  }

  /** The processes of the program that run, by their numbers. */
  processes(): number[] {
    const numbers = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))
    return numbers.filter((number) => executableOf(number)?.startsWith(this.folder)).map(Number)
  }

  /** Ends what still runs and removes the home. */
  remove() {
    for (const number of this.processes()) process.kill(number, 'SIGKILL')
    for (const folder of [this.home, this.#scratch]) {
      fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    }
  }
}

function executableOf(process: string): string | null {
  try {
    return fs.readlinkSync(`/proc/${process}/exe`)
  } catch {
    // Gone meanwhile, or a part of the system.
    return null
  }
}
