import * as fs from 'node:fs/promises'
import * as path from 'node:path'
import { platformName, type Context } from './context'
import { sha256 } from './download'
import { byteProgress } from './progress'
import { sumOf, type Wheel } from './sources'
import { RuntimeError, isAbort, reason } from './types'

/** Wheels that are here already, TensorFlow's first, with their files in the same order. */
export interface Given {
  wheel: Wheel
  parts: readonly Wheel[]
  archives: string[]
}

/**
 * The wheels that are in a file or folder, by their hashes: for the GPU all of them in one folder, else TensorFlow's.
 * @throws RuntimeError for anything else, with the names of those that are wanted
 */
export async function knownWheels(context: Context, given: string, gpu: boolean): Promise<Given> {
  const at = path.resolve(given)
  const here = platformName(context)
  const wheel = context.wheels[`${here}-${gpu ? 'gpu' : 'cpu'}`]
  if (!wheel) throw noLibraryFor(here)
  const parts = gpu ? context.cuda : []
  const wheels = [wheel, ...parts]
  const wanted = gpu ? `a folder with ${wheels.map(({ file }) => file).join(', ')}` : wheel.file
  const refuse = (problem: string) => new RuntimeError(problem, `Give ${wanted}.`, { badInput: true })
  const found = await fs.stat(at).catch((error: unknown) => {
    throw refuse(`${at} cannot be read (${reason(error)}).`)
  })
  if (gpu && !found.isDirectory()) throw refuse(`${at} is no folder.`)
  if (!gpu && !found.isFile()) throw refuse(`${at} is no file.`)
  const archives = gpu ? wheels.map(({ file }) => path.join(at, file)) : [at]
  const watch = byteProgress(
    context.onProgress,
    'locating',
    gpu ? 'Checking the wheels' : 'Checking the wheel',
    sumOf(wheels, 'bytes'),
  )
  let before = 0
  for (const [place, { bytes, sha256: hash }] of wheels.entries()) {
    const archive = archives[place]!
    const size = (await fs.stat(archive).catch(() => null))?.size
    if (size === undefined) throw refuse(`${archive} is not there.`)
    const onBytes = (done: number) => watch(before + done)
    const differs =
      size !== bytes
        ? 'size'
        : (await hashOf(archive, context.signal, onBytes, refuse)) !== hash
          ? 'SHA-256'
          : null
    if (differs) throw refuse(`${archive} is not the wheel that the lab knows: its ${differs} differs.`)
    before += bytes
  }
  return { wheel, parts, archives }
}

const hashOf = (
  archive: string,
  signal: AbortSignal | undefined,
  onBytes: (done: number) => void,
  refuse: (problem: string) => RuntimeError,
) =>
  sha256(archive, { signal, onBytes }).catch((error: unknown) => {
    throw isAbort(error) ? error : refuse(`${archive} cannot be read (${reason(error)}).`)
  })

export const noLibraryFor = (here: string) =>
  new RuntimeError(
    `TensorFlow publishes no library that the lab can use on ${here}.`,
    'The lab works here on a GPU by WebGPU, and without one in plain JavaScript, slowly. Linux (x64, arm64) and ' +
      'macOS (arm64) have a library.',
  )
