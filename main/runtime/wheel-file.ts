import * as fs from 'node:fs/promises'
import * as path from 'node:path'
import { platformName, type Context } from './context'
import { sha256 } from './download'
import { byteProgress } from './progress'
import type { Wheel } from './sources'
import { RuntimeError, isAbort, reason } from './types'

export interface WheelFile {
  archive: string
  wheel: Wheel
  gpu: boolean
}

/** The wheel that a file is, by its hash. @throws RuntimeError for any other file, with the names of those it may be */
export async function knownWheel(context: Context, given: string): Promise<WheelFile> {
  const archive = path.resolve(given)
  const here = platformName(context)
  const wheels = [`${here}-cpu`, `${here}-gpu`].flatMap((key) => context.wheels[key] ?? [])
  if (wheels.length === 0) throw noLibraryFor(here)
  const refuse = (problem: string) =>
    new RuntimeError(problem, `Give ${wheels.map(({ file }) => file).join(' or ')}.`, { badInput: true })
  const found = await fs.stat(archive).catch((error: unknown) => {
    throw refuse(`${archive} cannot be read (${reason(error)}).`)
  })
  if (!found.isFile()) throw refuse(`${archive} is no file.`)
  const sized = wheels.filter(({ bytes }) => bytes === found.size)
  if (sized.length > 0) {
    const watch = byteProgress(context.onProgress, 'locating', 'Checking the wheel', found.size)
    const hash = await sha256(archive, { signal: context.signal, onBytes: watch }).catch((error: unknown) => {
      throw isAbort(error) ? error : refuse(`${archive} cannot be read (${reason(error)}).`)
    })
    const wheel = sized.find((one) => one.sha256 === hash)
    if (wheel) return { archive, wheel, gpu: wheel === context.wheels[`${here}-gpu`] }
  }
  throw refuse(
    `${archive} is not the wheel that the lab knows: its ${sized.length ? 'SHA-256' : 'size'} differs.`,
  )
}

export const noLibraryFor = (here: string) =>
  new RuntimeError(
    `TensorFlow publishes no library that the lab can use on ${here}.`,
    'The lab works here on the plain cpu backend, slowly. Linux (x64, arm64) and macOS (arm64) have a library.',
  )
