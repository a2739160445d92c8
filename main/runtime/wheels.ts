// Wheels of the Python package index, on this machine: each whole and with its hash, or not there.
import * as fs from 'node:fs/promises'
import * as path from 'node:path'
import { formatBytes } from '../../shared/base/format'
import { pause, type Context } from './context'
import { download, sha256 } from './download'
import { pipIndex, wheelAddress } from './package-index'
import { findPip, noPip, pipDownload, wrongWheel } from './pip'
import { byteProgress } from './progress'
import { sumOf, type Wheel } from './sources'
import { disk } from './staging'
import { AGAIN, RuntimeError, isAbort, reason, throwIfAborted } from './types'

/** What has come of a file whose download broke off. */
const PART = '.part'
const ATTEMPTS = 4

/** Bytes of these that are still to come into the folder. */
export async function bytesToCome(wheels: readonly Wheel[], folder: string): Promise<number> {
  const sizes = await Promise.all(
    wheels.map(async ({ file, bytes }) => {
      const whole = await sizeOf(path.join(folder, file))
      return whole === bytes ? 0 : Math.max(0, bytes - (await sizeOf(path.join(folder, file + PART))))
    }),
  )
  return sizes.reduce((total, bytes) => total + bytes, 0)
}

const sizeOf = async (file: string) => (await fs.stat(file).catch(() => null))?.size ?? 0

/**
 * Gets all of these into `folder`; what is there with the right hash counts, and what has come in part is gone on with.
 * @param name what they are together, for progress
 * @returns their paths, in the same order
 * @throws RuntimeError where one cannot be had or is not what it should be
 */
export async function getWheels(
  context: Context,
  wheels: readonly Wheel[],
  folder: string,
  name: string,
): Promise<string[]> {
  const places = wheels.map(({ file }) => path.join(folder, file))
  const missing = await missingOf(context, wheels, folder)
  if (missing.length === 0) return places
  context.onProgress({ stage: 'locating', message: 'Asking the Python package index' })
  const pip = await findPip(context)
  if (!pip) throw noPip()
  const all = sumOf(wheels, 'bytes')
  let before = all - sumOf(missing, 'bytes')
  const watch = byteProgress(context.onProgress, 'downloading', `Downloading ${name}`, all)
  let index = await pipIndex(context, pip)
  for (const wheel of missing) {
    const onBytes = (done: number) => watch(before + done)
    if (index && !(await directly(context, wheel, folder, index, onBytes))) index = null
    // pip keeps what has come to itself: only whole wheels survive a break.
    if (!index) await pipDownload(context, wheel, folder, pip, onBytes)
    before += wheel.bytes
  }
  return places
}

async function missingOf(context: Context, wheels: readonly Wheel[], folder: string): Promise<Wheel[]> {
  const there: Wheel[] = []
  for (const wheel of wheels)
    if ((await sizeOf(path.join(folder, wheel.file))) === wheel.bytes) there.push(wheel)
  const watch = byteProgress(
    context.onProgress,
    'checking',
    'Checking what was downloaded before',
    sumOf(there, 'bytes'),
  )
  const right: Wheel[] = []
  let before = 0
  for (const wheel of there) {
    const onBytes = (done: number) => watch(before + done)
    if ((await sha256(path.join(folder, wheel.file), { signal: context.signal, onBytes })) === wheel.sha256)
      right.push(wheel)
    before += wheel.bytes
  }
  return wheels.filter((wheel) => !right.includes(wheel))
}

/**
 * From the address that the index names, going on where an earlier download stopped.
 * @returns false where not a byte could be had this way: then pip may know a way that Node does not
 */
async function directly(
  context: Context,
  wheel: Wheel,
  folder: string,
  index: string,
  onBytes: (done: number) => void,
): Promise<boolean> {
  const part = path.join(folder, wheel.file + PART)
  for (let attempt = 1; ; attempt += 1) {
    throwIfAborted(context.signal)
    let had = await sizeOf(part)
    if (had > wheel.bytes) {
      await fs.rm(part, { force: true })
      had = 0
    }
    try {
      if (had !== wheel.bytes) {
        const address = await wheelAddress(index, wheel, context.signal)
        await download(address, part, { signal: context.signal, onBytes, bytes: wheel.bytes })
      }
      break
    } catch (error) {
      if (isAbort(error)) throw error
      const full = await disk(context, error, wheel.bytes - had)
      if (full !== error) throw full
      const has = await sizeOf(part)
      if (had === 0 && has === 0) return false
      if (attempt === ATTEMPTS) throw brokeOff(wheel, has, error)
      await pause(1000 * attempt, context.signal)
    }
  }
  if ((await sha256(part, { signal: context.signal })) !== wheel.sha256) {
    await fs.rm(part, { force: true })
    throw wrongWheel(wheel)
  }
  await fs.rename(part, path.join(folder, wheel.file))
  return true
}

const brokeOff = ({ package: name, version, bytes }: Wheel, has: number, error: unknown) =>
  new RuntimeError(
    `The download of ${name} ${version} broke off at ${formatBytes(has)} of ${formatBytes(bytes)} (${reason(error)}).`,
    `To go on there, ${AGAIN}.`,
    { cause: error },
  )

/** Removes what was downloaded for an installation that is finished. */
export async function removeWheels(wheels: readonly Wheel[], folder: string): Promise<void> {
  for (const { file } of wheels)
    for (const name of [file, file + PART]) await fs.rm(path.join(folder, name), { force: true })
}
