import { ownCommand } from '../files/program'
import type { Context } from './context'
import type { Wheel } from './sources'
import { toolDownload } from './tool-download'
import { findTool, runTool } from './tools'
import { AGAIN, RuntimeError } from './types'

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

export const noPip = (): RuntimeError =>
  new RuntimeError(
    "Python's pip was not found; the lab downloads TensorFlow's library with it.",
    `Install it (Debian, Ubuntu: apt-get install python3-pip; macOS: brew install python), then ${AGAIN}.`,
  )

export const wrongWheel = ({ file }: Wheel): RuntimeError =>
  new RuntimeError(
    `The downloaded ${file} does not have the expected checksum, so it is not used.`,
    `Check the package index that pip is set up to use (pip config list), then ${AGAIN}.`,
  )

/** Gets the wheel into `folder` with pip, and returns its path. */
export function pipDownload(
  context: Context,
  wheel: Wheel,
  folder: string,
  pip: readonly string[],
  onBytes: (done: number) => void,
): Promise<string> {
  const options = [
    '--no-deps',
    '--no-cache-dir',
    '--disable-pip-version-check',
    '--no-input',
    '--timeout',
    '30',
  ]
  const target = ['--only-binary=:all:', '--python-version', '3.11', '--platform', wheel.tag]
  const [program, ...first] = pip
  return toolDownload(context, { ...wheel, message: onBytes }, folder, () => ({
    program: program!,
    args: (scratch) => [
      ...[...first, 'download', ...options, '--retries', '2', ...target, '--dest', scratch],
      `${wheel.package}==${wheel.version}`,
    ],
    failed: (output) => pipError(output, wheel),
    wrongHash: () => wrongWheel(wheel),
  }))
}

function pipError(output: string, wheel: Wheel): RuntimeError {
  const name = `${wheel.package} ${wheel.version}`
  if (/No space left on device|ENOSPC/i.test(output)) {
    return new RuntimeError(
      `The disk filled up while ${name} was being downloaded.`,
      `Free some space, then ${AGAIN}.`,
    )
  }
  // pip says both when the index cannot be reached: the cause first, "no matching distribution" as its conclusion.
  if (/connection|resolution|timed out|unreachable|ProxyError|SSLError|Max retries/i.test(output)) {
    return new RuntimeError(
      `The Python package index could not be reached, so ${name} could not be downloaded.`,
      `Connect to the network (or set pip's index or proxy), then ${AGAIN}; ` +
        `or point at an installation you have: ${ownCommand('runtime use PATH')}.`,
    )
  }
  if (/No matching distribution/i.test(output)) {
    return new RuntimeError(
      `The Python package index has no ${name} for this machine (${wheel.tag}).`,
      `Point at a TensorFlow installation you have: ${ownCommand('runtime use PATH')}.`,
    )
  }
  const last = output.trim().split('\n').pop() ?? ''
  return new RuntimeError(`pip could not download ${name}: ${last}`, `Mend what pip reports, then ${AGAIN}.`)
}
