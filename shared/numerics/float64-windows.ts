import { array3, type Array3 } from './array3'
import { windowGrid, type Window } from './window'

/**
 * Calls back for every place of the output, of every sample: where it is, and where one tap of the window looks (-1:
 * outside the grid).
 */
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

/**
 * [R, B × positions, units] → kernel area × [R, B × positions of the output, units]: what each tap of the window sees,
 * with `fill` outside the grid.
 */
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

/** The adjoint of `taps`: kernel area × [R, B × positions of the output, units] → [R, B × positions, units]. */
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

/** One tap after the other; calls back with rows of the output and of the input, and the tap's rows of the weights. */
function eachProduct(
  [outputs, inputs, weights]: { shape: Array3['shape'] }[],
  window: Window,
  multiply: (output: number, input: number, weight: number) => void,
): void {
  const units = inputs.shape[2]
  const replicas = Math.max(outputs.shape[0], inputs.shape[0], weights.shape[0])
  const row = ({ shape: [own, rows] }: { shape: Array3['shape'] }, replica: number) =>
    own === 1 ? 0 : replica * rows
  const samples = inputs.shape[1] / (window.grid[0] * window.grid[1])
  for (let replica = 0; replica < replicas; replica++) {
    for (let tap = 0; tap < window.kernel[0] * window.kernel[1]; tap++) {
      eachPlace(samples, window, tap, (output, input) => {
        if (input < 0) return
        multiply(
          row(outputs, replica) + output,
          row(inputs, replica) + input,
          row(weights, replica) + tap * units,
        )
      })
    }
  }
}

const outputRows = (samples: number, window: Window) => {
  const [down, across] = windowGrid(window)
  return samples * down * across
}

/**
 * Cross-correlation with zeros outside the grid, which networks call convolution (Goodfellow et al., Deep Learning,
 * equation 9.6): [R, B × positions, in] and weights [R, kernel area × in, out] → [R, B × positions of the output, out].
 * Either may have a single replica for all.
 */
export function convolve(a: Array3, weight: Array3, window: Window): Array3 {
  const [units, wanted] = [a.shape[2], weight.shape[2]]
  const samples = a.shape[1] / (window.grid[0] * window.grid[1])
  const result = array3([Math.max(a.shape[0], weight.shape[0]), outputRows(samples, window), wanted])
  eachProduct([result, a, weight], window, (output, input, at) => {
    for (let i = 0; i < units; i++) {
      const x = a.values[input * units + i]
      for (let j = 0; j < wanted; j++)
        result.values[output * wanted + j] += x * weight.values[(at + i) * wanted + j]
    }
  })
  return result
}

/**
 * The adjoint of `convolve` in its input: gradient [R, B × positions of the output, out] and weights
 * [R, kernel area × in, out] → [R, B × positions, in].
 */
export function convolveBack(gradient: Array3, weight: Array3, window: Window): Array3 {
  const wanted = weight.shape[2]
  const units = weight.shape[1] / (window.kernel[0] * window.kernel[1])
  const samples = gradient.shape[1] / outputRows(1, window)
  const rows = samples * window.grid[0] * window.grid[1]
  const result = array3([Math.max(gradient.shape[0], weight.shape[0]), rows, units])
  eachProduct([gradient, result, weight], window, (output, input, at) => {
    for (let i = 0; i < units; i++) {
      let sum = 0
      for (let j = 0; j < wanted; j++)
        sum += gradient.values[output * wanted + j] * weight.values[(at + i) * wanted + j]
      result.values[input * units + i] += sum
    }
  })
  return result
}

/**
 * The adjoint of `convolve` in its weights: input [R, B × positions, in] and gradient
 * [R, B × positions of the output, out] → [R, kernel area × in, out].
 */
export function convolveWeights(a: Array3, gradient: Array3, window: Window): Array3 {
  const [units, wanted] = [a.shape[2], gradient.shape[2]]
  const replicas = Math.max(a.shape[0], gradient.shape[0])
  const result = array3([replicas, window.kernel[0] * window.kernel[1] * units, wanted])
  eachProduct([gradient, a, result], window, (output, input, at) => {
    for (let i = 0; i < units; i++) {
      const x = a.values[input * units + i]
      for (let j = 0; j < wanted; j++)
        result.values[(at + i) * wanted + j] += x * gradient.values[output * wanted + j]
    }
  })
  return result
}
