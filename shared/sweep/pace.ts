import { formatDuration, formatNumber } from '../base/format'

/** How many points tell the speed: later ones may cost more than the first. */
const RECENT = 10

/** How fast a sweep is now, and how long it still takes at that. @param total points to be done */
export function pace(total: number) {
  const recent: number[] = []
  let done = 0
  return {
    /** One more is done. @returns "; 12 a minute, about 40 s left"; empty after the last */
    tick(seconds: number): string {
      recent.push(seconds)
      if (recent.length > RECENT) recent.shift()
      done++
      const each = recent.reduce((sum, one) => sum + one, 0) / recent.length
      if (done === total || each === 0) return ''
      return `; ${formatNumber(60 / each)} a minute, about ${formatDuration((total - done) * each)} left`
    },
  }
}
