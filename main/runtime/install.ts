import * as fs from 'node:fs/promises'
import { makeContext, type Context, type RuntimeOptions } from './context'
import { fromOfficial } from './from-official'
import { fromWheels } from './from-wheel'
import { link } from './link'
import { gpuRefusal, readNvidia } from './nvidia'
import { planInstallation, type Plan } from './plan'
import { renewed } from './renew'
import { exclusively } from './staging'
import { readCarried, readInstalled, wasInstalled } from './store'
import { RuntimeError, isAbort, reason, throwIfAborted, type TensorFlowLibrary } from './types'
import { checkPresent, linkedFolder, useCarried } from './verify'
import { knownWheels, type Given } from './wheel-file'

/**
 * Gets TensorFlow's library unless one is installed of which every file is as it was: the official download, else the
 * Python wheel, or what is in the file or folder that is named. With `gpu` the build that can use an NVIDIA GPU, with
 * CUDA's libraries; that is refused where no GPU could be used, unless it is forced.
 */
export async function install(options: RuntimeOptions): Promise<TensorFlowLibrary> {
  const context = makeContext(options)
  const { force = false, from, gpu: isGpuAsked = false } = options
  if (isGpuAsked) await requireGpu(context, force)
  const given = from === undefined ? null : await knownWheels(context, from, isGpuAsked)
  return exclusively(context, async (staging) => {
    const cuda = await hasCuda(context)
    const isAnew = force || given !== null || (isGpuAsked && !cuda)
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
      // What is repaired stays what it was.
      const plan = planInstallation(context, isGpuAsked || (cuda && !force))
      return await firstOf(context, staging, [...again, ...inPlace, ...attempts(context, plan, given)])
    } catch (error) {
      throw unrepaired(problem, error)
    }
  })
}

/** @throws RuntimeError where TensorFlow could use no GPU, before anything is downloaded */
async function requireGpu(context: Context, isForced: boolean): Promise<void> {
  planInstallation(context, true)
  const refusal = gpuRefusal(await readNvidia(context))
  if (!refusal) return
  if (isForced)
    return context.onProgress({ stage: 'locating', message: `${refusal.message} It is installed anyway.` })
  throw new RuntimeError(
    refusal.message,
    `${refusal.hint} With --force it is installed anyway; the CPU computes.`,
  )
}

/** Whether what is installed is TensorFlow for the GPU, got by the lab, in whatever state it is. */
async function hasCuda(context: Context): Promise<boolean> {
  const installed = await readInstalled(context)
  return 'record' in installed && installed.record.cuda === true
}

type Attempt = (staging: string) => Promise<TensorFlowLibrary>

function attempts(context: Context, plan: Plan, given: Given | null): Attempt[] {
  if (given) return [(staging) => fromWheels(context, given, staging, given.archives)]
  const { official, wheel, parts } = plan
  const list: Attempt[] = []
  if (official) list.push((staging) => fromOfficial(context, official, staging))
  if (wheel) list.push((staging) => fromWheels(context, { wheel, parts }, staging))
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
