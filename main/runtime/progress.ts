import { formatBytes } from '../../shared/base/format'
import type { InstallProgress } from './types'

const WINDOW_MS = 5000
const EVERY_MS = 200

/** Turns byte counts into progress reports with the rate over the last seconds, a few times a second at most. */
export function byteProgress(
  report: (progress: InstallProgress) => void,
  stage: InstallProgress['stage'],
  message: string,
  total: number,
  now: () => number = Date.now,
): (done: number) => void {
  const samples: { at: number; done: number }[] = []
  let last = -Infinity
  return (done) => {
    const at = now()
    if (at - last < EVERY_MS && done < total) return
    last = at
    samples.push({ at, done })
    while (samples.length > 2 && at - samples[0]!.at > WINDOW_MS) samples.shift()
    const first = samples[0]!
    const rate = at > first.at ? ((done - first.done) / (at - first.at)) * 1000 : 0
    const progress: InstallProgress = { stage, message, done, total }
    if (rate > 0) {
      progress.bytesPerSecond = rate
      progress.secondsLeft = Math.max(0, (total - done) / rate)
    }
    report(progress)
  }
}

const duration = (seconds: number): string =>
  seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`

/** One line of text for a progress report. */
export function progressText(progress: InstallProgress): string {
  const { message, done, total, bytesPerSecond, secondsLeft } = progress
  if (done === undefined || !total) return message
  const parts = [
    `${message}: ${formatBytes(done)} of ${formatBytes(total)} (${Math.floor((100 * done) / total)} %)`,
  ]
  if (bytesPerSecond) parts.push(`${formatBytes(bytesPerSecond)}/s`)
  if (secondsLeft && done < total) parts.push(`${duration(secondsLeft)} left`)
  return parts.join(', ')
}

/** For a terminal, where the next text takes the place of the line that stands there. */
export const CLEAR_LINE = '\r\x1b[2K'

/** Prints progress to a stream: one line rewritten in a terminal; elsewhere a line per step and every ten seconds. */
export function progressPrinter(
  stream: { write(text: string): unknown; isTTY?: boolean },
  now: () => number = Date.now,
): (progress: InstallProgress) => void {
  let shown = ''
  let at = -Infinity
  return (progress) => {
    const text = progressText(progress)
    if (stream.isTTY) {
      stream.write(`${CLEAR_LINE}${text}${progress.stage === 'done' ? '\n' : ''}`)
      return
    }
    const step = `${progress.stage} ${progress.message}`
    if (step === shown && now() - at < 10_000) return
    shown = step
    at = now()
    stream.write(`${text}\n`)
  }
}
