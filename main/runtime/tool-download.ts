import * as fs from 'node:fs/promises'
import * as path from 'node:path'
import type { Context } from './context'
import { sha256 } from './download'
import { byteProgress } from './progress'
import { removedAtEnd, runTool } from './tools'

/** A file of a package registry, as its package manager gets it. */
export interface PackageFile {
  /** Its name; or where that differs from version to version, what it ends in. */
  file: string | { ending: string }
  /** About how many, for progress. */
  bytes: number
  /** Null: what is in it is checked instead. */
  sha256: string | null
  /** What is said while it comes, or who is told how many bytes have. */
  message: string | ((done: number) => void)
}

export interface ToolDownload {
  program: string
  /** @param scratch where the tool runs, and puts the file */
  args: (scratch: string) => string[]
  env?: (scratch: string) => NodeJS.ProcessEnv
  /** What a failure is told as. @param output the tail of what the tool printed */
  failed: (output: string) => Error
  wrongHash: () => Error
}

/**
 * Gets a file with the user's own package manager, which knows their proxy and mirror, into `folder`: whole and
 * checked, or not at all. A verified earlier download counts.
 * @param tool asked for where there is something to get
 * @returns its path
 */
export async function toolDownload(
  context: Context,
  wanted: PackageFile,
  folder: string,
  tool: () => ToolDownload | Promise<ToolDownload>,
): Promise<string> {
  const { file, bytes, message } = wanted
  if (typeof file === 'string' && (await matches(path.join(folder, file), wanted)))
    return path.join(folder, file)
  const { program, args, env = () => ({}), failed, wrongHash } = await tool()
  // Such tools cannot resume and tell their progress only to terminals: their temporary folder is watched instead.
  const scratch = await fs.mkdtemp(path.join(folder, 'get-'))
  const forget = removedAtEnd(scratch)
  const watch =
    typeof message === 'string' ? byteProgress(context.onProgress, 'downloading', message, bytes) : message
  watch(0)
  const timer = setInterval(() => void largestFile(scratch).then((size) => watch(Math.min(size, bytes))), 500)
  try {
    const { code, output } = await runTool(program, args(scratch), {
      env: { ...context.env, TMPDIR: scratch, TEMP: scratch, TMP: scratch, ...env(scratch) },
      cwd: scratch,
      signal: context.signal,
    })
    if (code !== 0) throw failed(output)
    const name = typeof file === 'string' ? file : await nameEndingIn(scratch, file.ending)
    if (name === null) throw failed(output)
    if (!(await matches(path.join(scratch, name), wanted))) throw wrongHash()
    await fs.rename(path.join(scratch, name), path.join(folder, name))
    return path.join(folder, name)
  } finally {
    clearInterval(timer)
    await fs.rm(scratch, { recursive: true, force: true })
    forget()
  }
}

async function nameEndingIn(folder: string, ending: string): Promise<string | null> {
  return (await fs.readdir(folder)).find((name) => name.endsWith(ending)) ?? null
}

async function matches(file: string, wanted: PackageFile): Promise<boolean> {
  try {
    if (wanted.sha256 === null) return (await fs.stat(file)).isFile()
    return (await sha256(file)) === wanted.sha256
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
    // The tool removes its files while they are being looked at.
  }
  return largest
}
