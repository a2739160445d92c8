import type { Field } from './operation'

/** The output's width as a ratio of the network's. */
export const UNITS: Field = {
  key: 'units',
  label: 'Units',
  type: 'number',
  minimum: 0,
  maximum: 16,
  isPositive: true,
  default: 1,
  definition: 'Width of the output as a ratio of the network’s width N, above 0 and at most 16.',
}

/** Units of a layer in a network of this width: at least one. */
export const unitsOf = (ratio: number, width: number) => Math.max(1, Math.round(ratio * width))

/** "N/4" or "2N". */
export function ratioText(ratio: number): string {
  return ratio < 1 ? `N/${Number((1 / ratio).toPrecision(3))}` : `${Number(ratio.toPrecision(3))}N`
}
