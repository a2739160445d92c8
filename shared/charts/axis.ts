import { formatNumber, superscript } from '../base/format'

/**
 * Value axes. Chart.js draws on a linear scale; these functions say where a value lies on it, and which values lie on
 * none: those are shown as marks at the chart's edge, never dropped.
 */
export type AxisKind = 'log2' | 'log10' | 'linear'

/** For the views that let the user choose. */
export const AXIS_CHOICES = [
  {
    value: 'log2',
    label: 'log₂',
    definition: 'Each step of one doubles the value. Zero and non-finite values are marked at the edge.',
  },
  {
    value: 'log10',
    label: 'log₁₀',
    definition: 'Each step of one is a factor of ten. Zero and non-finite values are marked at the edge.',
  },
  {
    value: 'linear',
    label: 'linear',
    definition: 'Equal steps are equal differences. Non-finite values are marked at the edge.',
  },
] as const

/** Why a value has no place. `zero` and `negative` only on a logarithmic axis. */
export type Edge = 'infinite' | 'minus infinite' | 'zero' | 'negative' | 'nan'

export interface Axis {
  kind: AxisKind
  /**
   * A quantity that has both signs (the mean) lies on sign(x) log(1 + |x| / SIGNED_UNIT) instead of log x.
   */
  signed: boolean
}

export interface Range {
  min: number
  max: number
}

const SIGNED_UNIT: Record<'log2' | 'log10', number> = { log2: 1 / 64, log10: 1 / 100 }

const logarithm = (kind: 'log2' | 'log10') => (kind === 'log2' ? Math.log2 : Math.log10)
const base = (kind: 'log2' | 'log10') => (kind === 'log2' ? 2 : 10)

/** The value's place on the axis, or NaN if it has none; `edgeOf` then says why. */
export function place(value: number, axis: Axis): number {
  if (!Number.isFinite(value)) return NaN
  if (axis.kind === 'linear') return value
  if (axis.signed)
    return Math.sign(value) * logarithm(axis.kind)(1 + Math.abs(value) / SIGNED_UNIT[axis.kind])
  return value > 0 ? logarithm(axis.kind)(value) : NaN
}

export function valueAt(placed: number, axis: Axis): number {
  if (axis.kind === 'linear') return placed
  if (axis.signed)
    return Math.sign(placed) * (base(axis.kind) ** Math.abs(placed) - 1) * SIGNED_UNIT[axis.kind]
  return base(axis.kind) ** placed
}

export function edgeOf(value: number, axis: Axis): Edge | null {
  if (Number.isNaN(value)) return 'nan'
  if (value === Infinity) return 'infinite'
  if (value === -Infinity) return 'minus infinite'
  if (axis.kind === 'linear' || axis.signed || value > 0) return null
  return value === 0 ? 'zero' : 'negative'
}

/** The glyph at the edge, and whether it stands at the end where values are large. */
export const EDGE_MARKS: Record<Edge, { glyph: string; words: string; high: boolean }> = {
  infinite: { glyph: '▲', words: '∞', high: true },
  'minus infinite': { glyph: '▼', words: '−∞', high: false },
  zero: { glyph: '▽', words: '0', high: false },
  negative: { glyph: '▽', words: 'below 0', high: false },
  nan: { glyph: '×', words: 'NaN', high: true },
}

/** float32 ends here: theory may go on, but no measurement can, and it must not squeeze the measured curves. */
const FLOAT32_LARGEST = 2 ** 128

/** Places that all of `values` need, theory cut off where float32 ends; null if none has a place. */
export function extent(values: Iterable<number>, axis: Axis): Range | null {
  let min = Infinity
  let max = -Infinity
  for (const value of values) {
    if (Math.abs(value) > FLOAT32_LARGEST) continue
    const at = place(value, axis)
    if (Number.isNaN(at)) continue
    if (at < min) min = at
    if (at > max) max = at
  }
  return min <= max ? { min, max } : null
}

export function union(a: Range | null, b: Range | null): Range | null {
  if (!a || !b) return a ?? b
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) }
}

/** A range with air, at least so wide that noise around a constant looks like noise. */
export function comfortable(range: Range | null, axis: Axis): Range {
  const { min, max } = range ?? { min: place(1, axis), max: place(1, axis) }
  const middle = (min + max) / 2
  const least = axis.kind === 'log2' ? 4 : axis.kind === 'log10' ? 2 : Math.max(1e-6, Math.abs(middle))
  const size = Math.max(max - min, least)
  const air = 0.08 * size
  return { min: middle - size / 2 - air, max: middle + size / 2 + air }
}

const isFinite = ({ min, max }: Range) => Number.isFinite(max - min)

export interface Tick {
  value: number
  label: string
}

/** Ticks at round values, at most `most` of them. */
export function ticks(range: Range, axis: Axis, most: number): Tick[] {
  if (!isFinite(range)) return []
  if (axis.kind === 'linear') return linearTicks(range, most)
  return axis.signed ? signedTicks(range, axis, most) : powerTicks(range, axis.kind, most)
}

function powerTicks(range: Range, kind: 'log2' | 'log10', most: number): Tick[] {
  const step = niceStep((range.max - range.min) / most, [1, 2, 5, 10])
  const found: Tick[] = []
  for (let e = Math.ceil(range.min / step) * step; e <= range.max; e += step) {
    found.push({ value: e, label: powerLabel(kind, e) })
  }
  return found
}

/** 1024 and 0.125 as they are, then 2²⁰. */
function powerLabel(kind: 'log2' | 'log10', exponent: number): string {
  const plain = kind === 'log2' ? Math.abs(exponent) <= 10 : Math.abs(exponent) <= 3
  const value = base(kind) ** exponent
  if (!plain) return `${base(kind)}${superscript(exponent)}`
  return value >= 1 || exponent >= -3 ? String(value) : `1/${base(kind) ** -exponent}`
}

function linearTicks(range: Range, most: number): Tick[] {
  const raw = (range.max - range.min) / most
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = niceStep(raw / power, [1, 2, 5, 10]) * power
  const found: Tick[] = []
  for (let i = Math.ceil(range.min / step); i * step <= range.max; i++) {
    const value = Number((i * step).toPrecision(12))
    found.push({
      value,
      label: Math.abs(value) >= 1e5 ? formatNumber(value) : String(value).replace('-', '−'),
    })
  }
  return found
}

function signedTicks(range: Range, axis: Axis, most: number): Tick[] {
  const kind = axis.kind as 'log2' | 'log10'
  const unit = Math.round(logarithm(kind)(SIGNED_UNIT[kind]))
  const reach = Math.ceil(Math.max(Math.abs(range.min), Math.abs(range.max))) + unit
  const step = niceStep((range.max - range.min) / most, [1, 2, 5, 10])
  const found: Tick[] = [{ value: 0, label: '0' }]
  for (let e = unit + step; e <= reach; e += step) {
    const value = base(kind) ** e
    const label = powerLabel(kind, e)
    found.push({ value: place(value, axis), label }, { value: place(-value, axis), label: `−${label}` })
  }
  return found.filter((tick) => tick.value >= range.min && tick.value <= range.max)
}

/** The smallest of 1, 2, 5 × 10^n that is at least `raw`, and at least 1. */
function niceStep(raw: number, mantissas: readonly number[]): number {
  for (let power = 1; power < 1e15; power *= 10) {
    const found = mantissas.find((mantissa) => mantissa * power >= raw)
    if (found) return found * power
  }
  return Infinity
}

// ---- Depth axis -----------------------------------------------------------------------------------------

/** `range` scaled by `factor` around `centre` and moved back inside `whole`; null when nothing is cut off any more. */
export function zoomed(range: Range, centre: number, factor: number, whole: Range): Range | null {
  const size = Math.max(2, (range.max - range.min) * factor)
  if (size >= whole.max - whole.min) return null
  const share = (centre - range.min) / (range.max - range.min)
  return inside({ min: centre - share * size, max: centre + (1 - share) * size }, whole)
}

export function panned(range: Range, by: number, whole: Range): Range {
  return inside({ min: range.min + by, max: range.max + by }, whole)
}

function inside(range: Range, whole: Range): Range {
  const shift = Math.max(0, whole.min - range.min) - Math.max(0, range.max - whole.max)
  return { min: range.min + shift, max: range.max + shift }
}

/** Whole blocks, at most `most` of them. */
export function depthTicks(range: Range, most: number): Tick[] {
  if (!isFinite(range)) return []
  const step = niceStep((range.max - range.min) / most, [1, 2, 5, 10])
  const found: Tick[] = []
  for (let k = Math.ceil(range.min / step) * step; k <= range.max; k += step)
    found.push({ value: k, label: String(k) })
  return found
}
