import { array3, type Array3 } from './array3'
import { windowGrid, type Window } from './window'

/** Calls back for every place of the output, of every sample: where it is, and where one tap of the window looks (-1: outside the grid). */
function eachPlace(
  samples: number,
  window: Window,
  tap: number,
  visit: (output: number, input: number) => void,
): void {
  const { grid, kernel, stride, padding } = window
  const [rows, columns] = windowGrid(window)
  const [tapRow, tapColumn] = [Math.floor(tap / kernel[1]), tap % kernel[1]]
  let output = 0
  for (let sample = 0; sample < samples; sample++) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        const row = i * stride[0] + tapRow - padding[0]
        const column = j * stride[1] + tapColumn - padding[1]
        const inside = row >= 0 && row < grid[0] && column >= 0 && column < grid[1]
        visit(output++, inside ? (sample * grid[0] + row) * grid[1] + column : -1)
      }
    }
  }
}

export function taps(a: Array3, window: Window, fill: number): Array3[] {
  const [replicas, rows, units] = a.shape
  const samples = (replicas * rows) / (window.grid[0] * window.grid[1])
  const [down, across] = windowGrid(window)
  return Array.from({ length: window.kernel[0] * window.kernel[1] }, (_, tap) => {
    const part = array3([replicas, (samples / replicas) * down * across, units])
    eachPlace(samples, window, tap, (output, input) => {
      for (let unit = 0; unit < units; unit++)
        part.values[output * units + unit] = input < 0 ? fill : a.values[input * units + unit]
    })
    return part
  })
}

export function untap(parts: readonly Array3[], window: Window): Array3 {
  const [replicas, rows, units] = parts[0].shape
  const [down, across] = windowGrid(window)
  const samples = (replicas * rows) / (down * across)
  const result = array3([replicas, (samples / replicas) * window.grid[0] * window.grid[1], units])
  parts.forEach((part, tap) =>
    eachPlace(samples, window, tap, (output, input) => {
      for (let unit = 0; unit < units && input >= 0; unit++)
        result.values[input * units + unit] += part.values[output * units + unit]
    }),
  )
  return result
}
