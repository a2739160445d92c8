import type { WeightFields } from '../graph/block-graph'
import { ratioText } from './units'

/** A number in a picture's few characters: ".28", "1e-6". */
export function shortNumber(x: number): string {
  const size = Math.abs(x)
  if (size > 0 && (size < 0.001 || size >= 10_000)) return x.toExponential(0).replace('+', '')
  return String(Number(x.toPrecision(2))).replace(/^(-?)0\./, '$1.')
}

/** "linear", "lin N/4", and what is particular about how its weights start: ".28 lin", "N/4 = 0", "lin Ŵ". */
export function layerSymbol(
  { units, gain = 1, standardised = 0 }: WeightFields & { units: number },
  plain: string,
  short: string,
): string {
  const name = units === 1 ? short : ratioText(units)
  if (standardised) return `${name} Ŵ`
  if (gain === 0) return `${name} = 0`
  if (gain !== 1) return `${shortNumber(gain)} ${name}`
  return units === 1 ? plain : `${short} ${name}`
}
