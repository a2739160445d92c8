import { formatDuration, formatSi } from '../../shared/base/format'
import type { ProgressEvent } from '../../shared/protocol/protocol'

/** How fast a run goes and how long it still takes, as far as known, to stand behind its message. */
export function paceWords({ rate, unit, secondsLeft }: ProgressEvent): string {
  const speed = rate === null ? '' : `, ${formatSi(rate)} ${unit}/s`
  const left = secondsLeft === null ? '' : `, ${formatDuration(secondsLeft)} left`
  return `${speed}${left}`
}
