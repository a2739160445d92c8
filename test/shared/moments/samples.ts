import type { Moments } from '../../../shared/moments/moments'

/** Two exchangeable samples: mean, mean square and the moment of two. */
export const pair = (mean: number, square: number, cross: number, rest: Partial<Moments> = {}): Moments => ({
  mean: Float64Array.of(mean, mean),
  kernel: Float64Array.of(square, cross, cross, square),
  gaussian: true,
  sources: new Set(['input']),
  ...rest,
})
