import type { Shape } from './shape'

/**
 * A window that moves over a grid: [rows, columns] of the grid, of the window, of its steps, and of the margin on each
 * side.
 */
export interface Window {
  grid: [number, number]
  kernel: [number, number]
  stride: [number, number]
  padding: [number, number]
}

/** Positions of the output, [rows, columns]; not positive where the window does not fit. */
export function windowGrid({ grid, kernel, stride, padding }: Window): [number, number] {
  const along = (axis: 0 | 1) =>
    Math.floor((grid[axis] + 2 * padding[axis] - kernel[axis]) / stride[axis]) + 1
  return [along(0), along(1)]
}

/** How many positions the window covers: the kernel area. */
export const windowArea = ({ kernel: [rows, columns] }: Window) => rows * columns

type Fields = { kernel: number; stride: number; padding: number }

/** A square window, as in images. */
export function squareWindow({ rows, columns }: Shape, { kernel, stride, padding }: Fields): Window {
  return {
    grid: [rows, columns],
    kernel: [kernel, kernel],
    stride: [stride, stride],
    padding: [padding, padding],
  }
}

/** A window along the columns; every row is a sequence of its own. */
export function rowWindow({ rows, columns }: Shape, { kernel, stride, padding }: Fields): Window {
  return { grid: [rows, columns], kernel: [1, kernel], stride: [1, stride], padding: [0, padding] }
}
