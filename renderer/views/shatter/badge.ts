import { formatNumber } from '../../../shared/base/format'
import { STEPS } from '../../../shared/shatter/float64-line'
import type { ShatterSeries } from '../../../shared/shatter/results'
import type { ShatterSettings } from '../../../shared/settings/shatter'
import type { Check } from '../../state/shatter-run.svelte'

export interface Badge {
  text: string
  definition: string
  isAlarm: boolean
}

/** Above this, a derivative would be wrong rather than rounded. */
const TOO_LARGE = 1e-4
/** float32 and float64 agree at a point within this share of the largest |dy/dx|. */
const AGREES = 1e-3

/** What the check by finite differences says of a network, in a few words and in full. */
export function badgeOf(
  check: Check | undefined,
  series: ShatterSeries | null,
  settings: ShatterSettings,
): Badge {
  if (!series || !check) return { text: '', definition: '', isAlarm: false }
  const steps = STEPS.map((step) => formatNumber(step * (settings.range[1] - settings.range[0]), 2))
  const what =
    'Checked in float64 in this page, the same seed and weights: ' +
    'dy/dx by backpropagation against central differences ' +
    `with the step ${steps[0]} (${steps[1]} where an activation switches within that), statistics held constant.`
  switch (check.state) {
    case 'waiting':
      return { text: 'check: waits', definition: what, isAlarm: false }
    case 'running':
      return { text: 'check: computing…', definition: what, isAlarm: false }
    case 'failed':
      return {
        text: 'check failed',
        definition: `${check.message} Press Measure to try again.`,
        isAlarm: true,
      }
    case 'done': {
      const { largest, excluded, points, slope } = check
      const found = Number.isNaN(largest) ? 'not finite' : formatNumber(largest, 2)
      const text = `check ${found}, ${excluded} of ${points} out`
      const all = points < settings.points ? ` ${points} of the ${settings.points} points are checked.` : ''
      return {
        text,
        definition:
          `${what} Largest difference: ${formatNumber(largest)} of the largest |dy/dx| on the line.${all} ` +
          `Left out: ${excluded} ${excluded === 1 ? 'point' : 'points'} where an activation ` +
          'switches within the smaller step. ' +
          `${agreement(series.curve.slope, slope)}`,
        isAlarm: !(largest < TOO_LARGE),
      }
    }
  }
}

function agreement(drawn: readonly number[], exact: Float64Array): string {
  const places = [...exact.keys()].filter((i) => !Number.isNaN(exact[i]))
  const scale = Math.max(...places.map((i) => Math.abs(exact[i])))
  const alike = places.filter((i) => Math.abs(drawn[i] - exact[i]) <= AGREES * scale).length
  return `The drawn float32 curve is within 0.1 % of that scale at ${alike} of ${places.length} points.`
}
