import { formatBytes, formatDuration, formatSi } from '../../shared/base/format'
import { GPU_BUSY, gpuUseWords } from '../../shared/runs/computed'
import type { ProgressEvent } from '../../shared/protocol/protocol'

/** How fast a run goes and how long it still takes, as far as known, to stand behind its message. */
export function paceWords({ rate, unit, secondsLeft }: ProgressEvent): string {
  const speed = rate === null ? '' : `, ${formatSi(rate)} ${unit}/s`
  const left = secondsLeft === null ? '' : `, ${formatDuration(secondsLeft)} left`
  return `${speed}${left}`
}

/** How far a download or its like is: "103 MB of 274 MB, 12 MB/s, 14 s left"; nothing where only its message says. */
export function bytesWords({ done, total, rate, secondsLeft }: ProgressEvent): string {
  if (!total) return ''
  const speed = rate === null ? '' : `, ${formatBytes(rate)}/s`
  const left = secondsLeft === null || done >= total ? '' : `, ${formatDuration(secondsLeft)} left`
  return `${formatBytes(done)} of ${formatBytes(total)}${speed}${left}`
}

/** How busy the GPU is that computes, behind these; empty where nothing tells it. `gpuNote` is to stand with it. */
export const gpuWords = ({ gpu }: ProgressEvent): string => (gpu ? `, ${gpuUseWords(gpu)}` : '')

/** What that means; null where it is not said. */
export const gpuNote = (progress: ProgressEvent | null): string | null => (progress?.gpu ? GPU_BUSY : null)
