import * as fs from 'node:fs/promises'
import { makeContext, type Context, type RuntimeOptions } from './context'
import { fromOfficial } from './from-official'
import { fromWheel } from './from-wheel'
import { link } from './link'
import { planInstallation } from './plan'
import { renewed } from './renew'
import { exclusively } from './staging'
import { readCarried, wasInstalled } from './store'
import { RuntimeError, isAbort, reason, throwIfAborted, type TensorFlowLibrary } from './types'
import { checkPresent, linkedFolder, useCarried } from './verify'
import { knownWheel, type WheelFile } from './wheel-file'

/**
 * Gets TensorFlow's library unless one is installed of which every file is as it was: the official download, else the
 * Python wheel, or the wheel in the file that is named.
 */
export async function install(options: RuntimeOptions): Promise<TensorFlowLibrary> {
  const context = makeContext(options)
  const file = options.from === undefined ? null : await knownWheel(context, options.from)
  return exclusively(context, async (staging) => {
    const isAnew = options.force || file !== null
    const { library, problem } = isAnew
      ? { library: null, problem: null }
      : await checkPresent(context, staging)
    if (library) return (await renewed(context, staging)) ?? library
    if (problem) context.onProgress({ stage: 'locating', message: problem })
    const own = isAnew ? null : await linkedFolder(context)
    // The user may have brought their own up to date: then it is used as it is now.
    const again = own ? [(folder: string) => link(context, own, folder)] : []
    const carried = !isAnew && wasInstalled(context) ? await readCarried(context) : null
    const inPlace = carried ? [() => useCarried(context, carried)] : []
    try {
      return await firstOf(context, staging, [...again, ...inPlace, ...attempts(context, file)])
    } catch (error) {
      throw unrepaired(problem, error)
    }
  })
}

type Attempt = (staging: string) => Promise<TensorFlowLibrary>

function attempts(context: Context, file: WheelFile | null): Attempt[] {
  const { official, wheel, gpu } = planInstallation(context)
  if (file) return [(staging) => fromWheel(context, file.wheel, staging, file.gpu, file.archive)]
  const list: Attempt[] = []
  if (official) list.push((staging) => fromOfficial(context, official, staging))
  if (wheel) list.push((staging) => fromWheel(context, wheel, staging, gpu))
  return list
}

/** Tries one after the other; where none succeeds, the last one's failure is told. */
async function firstOf(context: Context, staging: string, list: Attempt[]): Promise<TensorFlowLibrary> {
  const failures: unknown[] = []
  for (const attempt of list) {
    throwIfAborted(context.signal)
    await fs.rm(staging, { recursive: true, force: true })
    await fs.mkdir(staging, { recursive: true })
    try {
      return await attempt(staging)
    } catch (error) {
      if (isAbort(error)) throw error
      failures.push(error)
    }
  }
  throw summary(context, failures)
}

/** Whoever has a damaged library must hear of that, too. */
function unrepaired(problem: string | null, error: unknown): unknown {
  if (!problem || !(error instanceof RuntimeError)) return error
  return new RuntimeError(`${problem} It could not be repaired: ${error.message}`, error.hint, {
    cause: error,
  })
}

/** The last source's failure decides what to do; the others' are told too. */
function summary(context: Context, failures: unknown[]): unknown {
  const last = failures[failures.length - 1]
  if (failures.length < 2 || !(last instanceof RuntimeError)) return last
  // What went wrong with an earlier source is worth a line only if it was not simply out of reach.
  const others = failures.slice(0, -1).map(reason)
  context.onProgress({ stage: 'locating', message: others.join(' ') })
  return last
}
