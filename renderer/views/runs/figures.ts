import { formatNumber } from '../../../shared/base/format'
import type { RunFigure } from '../../../shared/runs/run'

/** "0.312 (0.287 to 0.340), n = 5". */
export function figureText({ value, low, high, n }: RunFigure): string {
  const spread = low === null || high === null ? '' : ` (${formatNumber(low)} to ${formatNumber(high)})`
  return `${formatNumber(value)}${spread}, n = ${n}`
}
