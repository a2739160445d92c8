import type { Numbers } from '../../../shared/data/description'
import type { Shape } from '../../../shared/numerics/shape'
import { formatNumber } from '../../../shared/base/format'

interface Range {
  low: number
  high: number
}

/** 0 at the low end of the range, 1 at its high end. */
const within = (value: number, { low, high }: Range): number =>
  high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0.5

/** A sample's values as RGBA: three channels or more as colours, others as the grey of the first one. */
export function pixels(
  values: Numbers,
  { units, rows, columns }: Shape,
  range: Range,
): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(4 * rows * columns)
  for (let p = 0; p < rows * columns; p++) {
    for (let c = 0; c < 3; c++)
      rgba[4 * p + c] = 255 * within(values[units * p + (units >= 3 ? c : 0)], range)
    rgba[4 * p + 3] = 255
  }
  return rgba
}

/** One channel over its positions, as the path of an SVG of this size. */
export function curvePath(
  values: Numbers,
  { units, columns }: Shape,
  channel: number,
  range: Range,
  width: number,
  height: number,
): string {
  const x = (i: number) => ((width * (i + 0.5)) / columns).toFixed(2)
  const y = (i: number) => (2 + (height - 4) * (1 - within(values[units * i + channel], range))).toFixed(2)
  return Array.from({ length: columns }, (_, i) => `${i ? 'L' : 'M'}${x(i)} ${y(i)}`).join('')
}

/** Numbers of a table; what is missing says so. */
export const valueText = (value: number): string => (Number.isFinite(value) ? formatNumber(value) : '–')

/** Round numbers within a range, a handful. */
export function ticks({ low, high }: Range, count = 5): number[] {
  const rough = (high - low) / count
  if (!(rough > 0)) return [low]
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough)!
  const first = Math.ceil(low / step)
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step)
}
