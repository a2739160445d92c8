// Why TensorFlow computes on no NVIDIA GPU here: driver, card, library and CUDA, in this order.
import { ownCommand } from '../files/program'
import { makeContext, type Context, type RuntimeOptions } from './context'
import { nvidiaFolder, readBuild, whyNoCuda, type Build } from './cuda'
import { gpuRefusal, readNvidia, type Nvidia } from './nvidia'
import type { TensorFlowLibrary } from './types'

const GET = `${ownCommand('runtime install --gpu')} gets the one that can use it.`

/** What is here of NVIDIA's. */
interface NvidiaStatus extends Omit<Nvidia, 'trouble'> {
  /** Why TensorFlow does not compute on it, as sentences; null where it does. */
  why: string | null
}

/** The driver is asked once: its program takes up to seconds. */
export async function nvidiaStatus(
  library: TensorFlowLibrary | null,
  options: RuntimeOptions = {},
): Promise<NvidiaStatus> {
  const context = makeContext(options)
  const nvidia = await readNvidia(context)
  return { driver: nvidia.driver, gpus: nvidia.gpus, why: whyNoGpu(context, nvidia, library) }
}

function whyNoGpu({ env }: Context, nvidia: Nvidia, library: TensorFlowLibrary | null): string | null {
  const refusal = gpuRefusal(nvidia)
  if (refusal) return refusal.sentences
  if (library?.device === 'gpu') return null
  const { name } = nvidia.gpus[0]!
  if (!library) return `There is a GPU (${name}), and TensorFlow’s library is not installed. ${GET}`
  if (library.source !== 'user')
    return library.note ?? `There is a GPU (${name}), and the library in use is for the CPU. ${GET}`
  return whyNoCuda(usersOwn(library), env) ?? library.note
}

const usersOwn = ({ version, path: where, bindingPath }: TensorFlowLibrary) => ({
  version,
  where,
  nvidia: nvidiaFolder(bindingPath),
  build: readBuild(where),
})

interface Tried {
  version: string
  /** Where it lies for its owner. */
  where: string
  nvidia: string | null
  /** What it is built with; null: not known. */
  build: Build | null
  /** What TensorFlow says of GPUs when it is loaded. */
  said: string | null
}

/**
 * What is to be known of a library that can use a GPU and was seen to use none; null where nobody expects it to: it is
 * for the CPU, or nothing here hints at an NVIDIA GPU.
 * @param isAsked whether the user has asked for the GPU
 */
export async function noteOfUnused(context: Context, tried: Tried, isAsked: boolean): Promise<string | null> {
  if (!isAsked && !tried.build?.cuda && !tried.nvidia) return null
  const nvidia = await readNvidia(context)
  if (!isAsked && !hintsAtGpu(nvidia)) return null
  const why =
    gpuRefusal(nvidia)?.sentences ??
    whyNoCuda(tried, context.env) ??
    `TensorFlow ${tried.version} finds no GPU that it can use${tried.said ? `: ${tried.said}` : ''}.`
  return `${why} The CPU computes, and nothing of the GPU could be checked.`
}

const hintsAtGpu = ({ driver, gpus, trouble }: Nvidia) =>
  driver !== null || gpus.length > 0 || trouble !== null
