import type { WindowFields } from '../graph/block-graph'
import type { LayerWindow } from '../graph/standard-layer'
import type { Shape } from '../numerics/shape'
import { windowGrid, type Window } from '../numerics/window'
import type { Field, Misfit } from './operation'

const field = (
  key: string,
  label: string,
  minimum: number,
  maximum: number,
  value: number,
  definition: string,
): Field => ({ key, label, type: 'integer', minimum, maximum, default: value, definition })

/** The three fields of an operation on windows. @param kernel these are the values of a new node */
export function windowFields(kernel: number, stride: number, padding: number): readonly Field[] {
  return [
    field('kernel', 'Kernel', 1, 64, kernel, 'Positions along each side of the window.'),
    field('stride', 'Stride', 1, 64, stride, 'Positions from one place of the window to the next.'),
    field('padding', 'Padding', 0, 64, padding, 'Positions of zeros added on each side of the grid.'),
  ]
}

/** The output's shape, of convolutions and pools alike: positions as the window's places, units as given. */
export function windowShape(window: Window, units: number): Shape {
  const [rows, columns] = windowGrid(window)
  return { units, rows: Math.max(1, rows), columns: Math.max(1, columns) }
}

/**
 * Whether the window fits on the padded grid: null, or what is wrong. @param name what people call the operation
 * @param text how shapes are written
 */
export function windowMisfit(
  name: string,
  window: Window,
  { kernel, padding }: WindowFields,
  input: Shape,
  text: (shape: Shape) => string,
): Misfit | null {
  if (windowGrid(window).every((places) => places >= 1)) return null
  const short = Math.max(window.kernel[0] - window.grid[0], window.kernel[1] - window.grid[1])
  return {
    problem: `the ${name}’s kernel of ${kernel} is larger than ${text(input)} with padding ${padding}`,
    hint: `Use a kernel of at most ${kernel - short + 2 * padding}, or a padding of ${Math.ceil(short / 2)}.`,
  }
}

/** A window without its grid. */
export const layerWindow = ({ kernel, stride, padding }: Window): LayerWindow => ({ kernel, stride, padding })
