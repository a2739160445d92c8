/** How a run was computed, beside the device itself: what was found out on the way, and said where the device is. */
import { formatBytes, formatNumber } from '../base/format'

/** Whether XLA, TensorFlow's compiler of whole graphs, compiled a training's steps, and what decided it. */
export interface XlaChoice {
  used: boolean
  /** Medians for one step, in milliseconds: compiled by XLA, and without it; null where that was not measured. */
  times: { compiled: number; plain: number } | null
  /** Why it is left out, as a clause; null where it is used. */
  why: string | null
}

/** How busy a GPU is at one moment, in nvidia-smi's words and numbers. */
export interface GpuUse {
  /** utilization.gpu, 0 to 1: see `GPU_BUSY`. */
  busy: number
  /** Bytes of its memory in use, by whomever. */
  bytes: number
  /** Bytes of memory that it has. */
  total: number
}

/** How busy a GPU was while a job ran: the mean of `busy`, the largest of `bytes`. */
export interface WholeGpuUse extends GpuUse {
  /** How often it was read. */
  readings: number
}

/** NVIDIA's definition of utilization.gpu. */
export const GPU_BUSY =
  'GPU busy: the share of the last sample period (a sixth of a second to a second, by the card) in which at least ' +
  'one kernel ran on the GPU, as nvidia-smi tells it (utilization.gpu); not how many of its cores worked. Behind it ' +
  'its memory that is in use, by whichever program, of all that it has.'

const percent = (share: number) => `${Math.round(100 * share)} %`

/** "GPU 87 % busy, 3.2 GB of 85.0 GB". */
export const gpuUseWords = ({ busy, bytes, total }: GpuUse): string =>
  `GPU ${percent(busy)} busy, ${formatBytes(bytes)} of ${formatBytes(total)}`

/** As a sentence. */
export const wholeGpuUseWords = ({ busy, bytes, total, readings }: WholeGpuUse): string =>
  `Kernels ran on the GPU ${percent(busy)} of the time (utilization.gpu of nvidia-smi, ` +
  `${readings === 1 ? 'one reading' : `mean of ${readings} readings`}); ` +
  `at most ${formatBytes(bytes)} of its ${formatBytes(total)} of memory were in use.`

/** As a sentence. */
export function xlaWords({ used, times, why }: XlaChoice): string {
  const took = times
    ? `${formatNumber(times.compiled)} ms a step, ${formatNumber(times.plain)} ms without it ` +
      '(medians, measured before the first step)'
    : null
  if (used) return `Steps are compiled by XLA, TensorFlow’s compiler${took ? `: ${took}` : ', as was asked'}.`
  return `XLA, TensorFlow’s compiler, was tried and left out: ${[took, why].filter(Boolean).join('; ')}.`
}

/** All that is to be said of the device of a run, in sentences; null: nothing is. */
export function deviceWords(made: {
  deviceNote: string | null
  xla: XlaChoice | null
  gpu: WholeGpuUse | null
}): string | null {
  const { deviceNote, xla, gpu } = made
  const sentences = [deviceNote, xla && xlaWords(xla), gpu && wholeGpuUseWords(gpu)]
  return sentences.filter(Boolean).join(' ') || null
}
