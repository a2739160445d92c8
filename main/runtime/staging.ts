import * as fs from 'node:fs/promises'
import * as path from 'node:path'
import { makeFolder } from '../../bin/lib/folder.mjs'
import { withLock } from '../../bin/lib/lock.mjs'
import { formatBytes } from '../../shared/base/format'
import { checkBinding } from './check'
import { RECIPE, makeBinding } from './compile'
import { platformName, type Context } from './context'
import { nvidiaFolder, readBuild } from './cuda'
import { recordFiles } from './integrity'
import { refuseVersion, type Found } from './locate'
import { WHEEL_CUDA } from './sources'
import { activate, layout, removeLeftovers } from './store'
import { removedAtEnd } from './tools'
import { RuntimeError, isAbort, reason, throwIfAborted, type TensorFlowLibrary } from './types'
import { checking } from './verify'
import { noteOfUnused } from './why-no-gpu'

// What every way to install shares: a folder in which it is made, room on the disk, and the last steps.

export const ROOM_FOR_BINDING = 50e6

/**
 * Makes the binding, checks that it computes, and puts what was staged in use.
 * @param cuda whether CUDA's parts are staged, because the user has asked for the GPU
 */
export async function finish(
  context: Context,
  staging: string,
  found: Found,
  source: TensorFlowLibrary['source'],
  cuda = false,
): Promise<TensorFlowLibrary> {
  // TensorFlow looks for CUDA's libraries in ../nvidia, seen from its own folder.
  if (found.nvidia) await fs.symlink(found.nvidia, path.join(staging, 'nvidia'))
  const binding = await makeBinding(context, staging, found.headers, found.libraries, found.version ?? '')
  throwIfAborted(context.signal)
  context.onProgress({ stage: 'checking', message: 'Checking that TensorFlow loads and computes' })
  const checked = await checkBinding(context, binding, staging)
  refuseVersion(checked.version, found.libraryFolder)
  throwIfAborted(context.signal)
  const where = found.libraryFolder
  const build = cuda ? { cuda: WHEEL_CUDA } : readBuild(where)
  const nvidia = nvidiaFolder(binding)
  const tried = { version: checked.version, where, nvidia, build, said: checked.said }
  const note = checked.gpu ? null : await noteOfUnused(context, tried, cuda)
  const files = await recordFiles(staging, { signal: context.signal, onBytes: checking(context) })
  const library = await activate(context, staging, {
    version: checked.version,
    source,
    device: checked.gpu ? 'gpu' : 'cpu',
    note,
    platform: platformName(context),
    libraries: found.libraries,
    linked: source === 'user' ? found.libraryFolder : null,
    ...(cuda && { cuda }),
    recipe: RECIPE,
    files,
  })
  context.onProgress({
    stage: 'done',
    message: `TensorFlow ${library.version} is ready (${library.device.toUpperCase()})`,
  })
  return library
}

/** One installation at a time; a second waits, and then mostly finds the work done. */
export async function exclusively<T>(context: Context, work: (staging: string) => Promise<T>): Promise<T> {
  const { root, lock, downloads } = layout(context.cacheFolder)
  try {
    makeFolder(downloads)
  } catch (cause) {
    throw new RuntimeError(
      `The cache folder ${context.cacheFolder} cannot be written: ${reason(cause)}.`,
      'Make it writable, or set RESIDUAL_LAB_CACHE to another folder.',
      { cause },
    )
  }
  const run = async () => {
    await removeLeftovers(context.cacheFolder)
    const staging = path.join(root, `tmp-${process.pid}-${Date.now().toString(36)}`)
    const forget = removedAtEnd(staging)
    try {
      return await work(staging)
    } finally {
      await fs.rm(staging, { recursive: true, force: true })
      forget()
    }
  }
  return withLock(lock, run, {
    signal: context.signal,
    onWait: (owner) =>
      context.onProgress({
        stage: 'locating',
        message: `Waiting for another installation${owner ? ` (process ${owner.pid})` : ''} to finish`,
      }),
  })
}

/** @throws RuntimeError with what is needed and what is free, where it does not fit */
export async function roomFor(context: Context, need: number): Promise<void> {
  const free = await context.freeBytes(context.cacheFolder)
  if (free !== null && free < need) throw noRoom(context, need, free)
}

const noRoom = (context: Context, need: number, free: number) =>
  new RuntimeError(
    `Not enough disk space in ${context.cacheFolder}: ` +
      `${formatBytes(need)} are needed and ${formatBytes(free)} are free.`,
    'Free some space, or set RESIDUAL_LAB_CACHE to a folder on another disk.',
  )

/** A full disk told as such; any other error as it is. */
export async function disk(context: Context, error: unknown, need: number): Promise<unknown> {
  if (isAbort(error) || !/ENOSPC|No space left/i.test(reason(error))) return error
  return noRoom(context, need, (await context.freeBytes(context.cacheFolder)) ?? 0)
}
