import { formatNumber } from '../../../shared/base/format'
import type { RunFigure } from '../../../shared/runs/run'

/** "0.312 (0.287 to 0.340), n = 5"; "not finite, n = 5" where networks diverged. */
export function figureText({ value, low, high, n }: RunFigure): string {
  if (Number.isNaN(value)) return `not finite, n = ${n}`
  const spread = low === null || high === null ? '' : ` (${formatNumber(low)} to ${formatNumber(high)})`
  return `${formatNumber(value)}${spread}, n = ${n}`
}
