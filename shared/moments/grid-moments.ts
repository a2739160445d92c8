import type { GridMoments, Gradient, Moments } from './moments'
import { windowGrid, type Window } from '../numerics/window'

/** Means at each position; where positions are alike, the same at all of them. @param positions how many there are */
export function gridOf(x: Moments, positions: number): GridMoments {
  return (
    x.grid ?? {
      square: new Float64Array(positions).fill(x.kernel[0]),
      mean: new Float64Array(positions).fill(x.mean[0]),
      isShared: false,
    }
  )
}

/**
 * Standard deviation at each position, their mean, and the correlation of two samples at any two positions that makes
 * their moments right on average.
 */
export function gridDeviations(
  { kernel, mean }: Moments,
  grid: GridMoments,
): { deviation: Float64Array; typical: number; correlation: number } {
  const deviation = grid.square.map((square, s) => Math.sqrt(Math.max(0, square - grid.mean[s] ** 2)))
  const typical = average(deviation)
  const share = (kernel[1] - mean[0] * mean[1]) / typical / typical
  return { deviation, typical, correlation: Math.min(1, Math.max(-1, Number.isNaN(share) ? 0 : share)) }
}

/** Moments of two exchangeable samples, with the positions where they differ. */
export function gridMoments(
  grid: GridMoments,
  cross: number,
  rest: Pick<Moments, 'gaussian' | 'sources'>,
): Moments {
  const [square, mean] = [average(grid.square), average(grid.mean)]
  const isEven = grid.square.every((value) => Math.abs(value - square) <= 1e-12 * square)
  return {
    ...rest,
    mean: Float64Array.of(mean, mean),
    kernel: Float64Array.of(square, cross, cross, square),
    grid: isEven && !grid.isShared ? undefined : grid,
  }
}

/** A gradient's mean squares at each position. */
export function gridGradient(gradient: Gradient, positions: number): Float64Array {
  return gradient.grid ?? new Float64Array(positions).fill(gradient.square[0])
}

/** The gradient with these mean squares at each position, and their mean as its mean square (S = 2). */
export function withGrid(gradient: Gradient, grid: Float64Array): Gradient {
  const square = average(grid)
  return { ...gradient, square: Float64Array.of(square, square), grid }
}

/** All mean squares of a gradient multiplied by one factor. */
export const scaledGradient = (gradient: Gradient, factor: number): Gradient => ({
  ...gradient,
  square: gradient.square.map((g) => g * factor),
  grid: gradient.grid?.map((g) => g * factor),
})

/** The arithmetic mean; NaN of nothing. */
export const average = (values: Float64Array) => {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}

/** For each place of the window, the sum of what it sees. */
export function windowSums(values: Float64Array, window: Window): Float64Array {
  const [rows, columns] = windowGrid(window)
  const sums = new Float64Array(rows * columns)
  eachTap(window, (place, position) => (sums[place] += values[position]))
  return sums
}

/** The other way: for each position, the sum over the places of the window that see it. */
export function windowShares(values: Float64Array, window: Window): Float64Array {
  const shares = new Float64Array(window.grid[0] * window.grid[1])
  eachTap(window, (place, position) => (shares[position] += values[place]))
  return shares
}

/** For each tap, the sum over the window's places of what that tap sees. */
export function tapSums(values: Float64Array, window: Window): Float64Array {
  const sums = new Float64Array(window.kernel[0] * window.kernel[1])
  eachTap(window, (_place, position, tap) => (sums[tap] += values[position]))
  return sums
}

function eachTap(window: Window, visit: (place: number, position: number, tap: number) => void): void {
  const { grid, kernel, stride, padding } = window
  const [rows, columns] = windowGrid(window)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let y = 0; y < kernel[0]; y++) {
        const i = row * stride[0] + y - padding[0]
        if (i < 0 || i >= grid[0]) continue
        for (let x = 0; x < kernel[1]; x++) {
          const j = column * stride[1] + x - padding[1]
          if (j >= 0 && j < grid[1]) visit(row * columns + column, i * grid[1] + j, y * kernel[1] + x)
        }
      }
    }
  }
}

/** Each unit less its mean over samples and positions, whose mean square is `all`. */
export function centredGrid(x: Moments, grid: GridMoments, all: number): GridMoments {
  const { deviation, typical, correlation } = gridDeviations(x, grid)
  const square = grid.square.map((q, s) => {
    const withMean = correlation * deviation[s] * typical + grid.mean[s] * x.mean[0]
    return Math.max(0, q - 2 * withMean + all)
  })
  return { ...grid, square, mean: grid.mean.map((mean) => mean - x.mean[0]) }
}
