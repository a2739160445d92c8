import { formatNumber } from '../base/format'
import type { SettingKey } from '../settings/experiment'
import { setting } from '../settings/table'
import type { SweepPoint } from './points'

/** A swept value as axes have it: short, and plain where it can be. */
export const valueText = (value: number): string =>
  Math.abs(value) >= 1e5 || (value !== 0 && Math.abs(value) < 1e-3)
    ? formatNumber(value)
    : String(Number(value.toPrecision(3)))

/** "Depth L 19, Gain 4" */
export const placeWords = (settings: SweepPoint['settings']): string =>
  Object.entries(settings)
    .map(([key, value]) => `${setting(key as SettingKey).label} ${valueText(value)}`)
    .join(', ')
