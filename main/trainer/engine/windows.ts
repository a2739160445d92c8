import { windowArea, windowGrid, type Window } from '../../../shared/numerics/window'
import type { Tensor, TfModule } from './tensor'

/**
 * Windows over grids on TensorFlow.js. Values are [replica, sample × position, unit]; images are [replica ×
 * sample, row, column, unit].
 */

/** Every position sees itself alone. */
const isPointwise = ({ kernel, stride, padding }: Window) =>
  [...kernel, ...stride].every((n) => n === 1) && padding.every((n) => n === 0)

const toImages = (tf: TfModule, a: Tensor, grid: Window['grid']) =>
  tf.reshape(a, [-1, ...grid, a.shape[2]!]) as Image

const fromImages = (tf: TfModule, images: Tensor, replicas: number) =>
  tf.reshape(images, [replicas, -1, images.shape[3]!])

type Image = ReturnType<TfModule['tensor4d']>

/** The grid with its margin. */
function padded(tf: TfModule, a: Tensor, { grid, padding }: Window, fill = 0): Image {
  const images = toImages(tf, a, grid)
  if (padding.every((n) => n === 0)) return images
  const [rows, columns] = padding.map((n): [number, number] => [n, n])
  return tf.pad(images, [[0, 0], rows, columns, [0, 0]], fill)
}

function withoutMargin(tf: TfModule, images: Tensor, { grid, padding }: Window): Tensor {
  if (padding.every((n) => n === 0) && grid.every((n, axis) => n === images.shape[1 + axis])) return images
  return tf.slice(images, [0, ...padding, 0], [-1, ...grid, -1])
}

// ---- Single taps ----------------------------------------------------------------------------------------------------

/** Row and column of every tap, row by row. */
const tapPlaces = ({ kernel: [rows, columns] }: Window) =>
  Array.from({ length: rows * columns }, (_, tap) => [Math.floor(tap / columns), tap % columns])

/**
 * What each tap of the window sees: [R, B × positions, N] → one [R, B × output positions, N] per tap, row by
 * row; `fill` stands beyond the border.
 */
export function taps(tf: TfModule, a: Tensor, window: Window, fill: number): Tensor[] {
  if (isPointwise(window)) return [a]
  const { stride } = window
  const [rows, columns] = windowGrid(window)
  const images = padded(tf, a, window, fill)
  const [samples, , , units] = images.shape
  return tapPlaces(window).map(([i, j]) => {
    const end = [i + (rows - 1) * stride[0] + 1, j + (columns - 1) * stride[1] + 1]
    const seen = stride.every((n) => n === 1)
      ? tf.slice(images, [0, i, j, 0], [-1, rows, columns, -1])
      : tf.stridedSlice(images, [0, i, j, 0], [samples, ...end, units], [1, ...stride, 1])
    return fromImages(tf, seen, a.shape[0])
  })
}

/**
 * Every part is spread over the padded grid, from its tap's place on and `stride` apart; of the sum the
 * margin is cut off.
 */
export function untap(tf: TfModule, parts: readonly Tensor[], window: Window): Tensor {
  if (isPointwise(window)) return parts[0]
  const { grid, kernel, stride, padding } = window
  const output = windowGrid(window)
  const dilatedSize = [0, 1].map((axis) => output[axis] * stride[axis])
  // Zeros after the last place may reach beyond the grid; they are cut off with the margin.
  const size = [0, 1].map((axis) =>
    Math.max(grid[axis] + 2 * padding[axis], kernel[axis] - 1 + dilatedSize[axis]),
  )
  const spread = tapPlaces(window).map(([i, j], tap) => {
    const images = dilated(tf, parts[tap], output, stride)
    const after = [size[0] - i - dilatedSize[0], size[1] - j - dilatedSize[1]]
    if (i + j + after[0] + after[1] === 0) return images
    return tf.pad(images, [
      [0, 0],
      [i, after[0]],
      [j, after[1]],
      [0, 0],
    ])
  })
  const total = spread.length > 1 ? tf.addN(spread) : spread[0]
  return fromImages(tf, withoutMargin(tf, total, window), parts[0].shape[0])
}

/** Zeros between the positions. */
function dilated(tf: TfModule, a: Tensor, [rows, columns]: number[], [down, across]: number[]): Tensor {
  const units = a.shape[2]!
  if (down === 1 && across === 1) return toImages(tf, a, [rows, columns])
  const split = tf.reshape(a, [-1, rows, 1, columns, 1, units])
  const gaps: [number, number][] = [
    [0, 0],
    [0, 0],
    [0, down - 1],
    [0, 0],
    [0, across - 1],
    [0, 0],
  ]
  return tf.reshape(tf.pad(split, gaps), [-1, rows * down, columns * across, units])
}

// ---- Convolution ----------------------------------------------------------------------------------------------------

/**
 * Each replica has weights of its own, so TensorFlow's convolution is called once for each; `one` gets single
 * replicas.
 */
function perReplica(
  tf: TfModule,
  tensors: readonly Tensor[],
  one: (parts: Tensor[]) => Tensor,
): { result: Tensor; replicas: number } {
  const replicas = Math.max(...tensors.map((tensor) => tensor.shape[0]))
  const split = tensors.map((tensor) => (tensor.shape[0] > 1 ? tf.split(tensor, replicas, 0) : [tensor]))
  const results = Array.from({ length: replicas }, (_, r) => one(split.map((parts) => parts[r] ?? parts[0])))
  return { result: replicas > 1 ? tf.concat(results, 0) : results[0], replicas }
}

const toFilter = (tf: TfModule, weight: Tensor, { kernel }: Window) =>
  tf.reshape(weight, [...kernel, -1, weight.shape[2]!]) as Image

/** TensorFlow pads by itself where its rule gives this margin: one pass over the data less. */
const isSame = ({ kernel, stride, padding }: Window) =>
  [0, 1].every((axis) => stride[axis] === 1 && 2 * padding[axis] === kernel[axis] - 1)

/**
 * Cross-correlation with learned weights, as `convolution` is meant in deep learning (Goodfellow et al., equation 9.6):
 * [R, B × positions, in] * [R, taps × in, out] → [R, B × output positions, out]. An axis R of 1 serves all replicas.
 */
export function convolve(tf: TfModule, a: Tensor, weight: Tensor, window: Window): Tensor {
  if (windowArea(window) === 1) return tf.matMul(taps(tf, a, window, 0)[0], weight)
  const { result, replicas } = perReplica(tf, [a, weight], ([x, w]) => {
    const images = isSame(window) ? toImages(tf, x, window.grid) : padded(tf, x, window)
    return tf.conv2d(images, toFilter(tf, w, window), window.stride, isSame(window) ? 'same' : 'valid')
  })
  return fromImages(tf, result, replicas)
}

/** The adjoint of `convolve` in its input: [R, B × output positions, out] → [R, B × positions, in]. */
export function convolveBack(tf: TfModule, gradient: Tensor, weight: Tensor, window: Window): Tensor {
  if (windowArea(window) === 1) return untap(tf, [tf.matMul(gradient, weight, false, true)], window)
  const { grid, stride, padding } = window
  const { result, replicas } = perReplica(tf, [gradient, weight], ([g, w]) => {
    const dy = toImages(tf, g, windowGrid(window))
    const filter = toFilter(tf, w, window)
    // Again a convolution, by the filter turned round: two to three times as fast as TensorFlow's own adjoint of it.
    if (isSame(window)) {
      const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]) as Image
      return tf.conv2d(dy, turned, 1, 'same')
    }
    const inputShape = [
      dy.shape[0],
      grid[0] + 2 * padding[0],
      grid[1] + 2 * padding[1],
      weight.shape[1]! / windowArea(window),
    ]
    const images = kernel(
      tf,
      'Conv2DBackpropInput',
      { dy, filter },
      { ...attributes(window), strides: stride, inputShape },
    )
    return withoutMargin(tf, images, window)
  })
  return fromImages(tf, result, replicas)
}

/** The adjoint of `convolve` in its weights: the gradient [R, taps × in, out], summed over the batch. */
export function convolveWeights(tf: TfModule, a: Tensor, gradient: Tensor, window: Window): Tensor {
  // TensorFlow 2.21 corrupts its memory in the filter's gradient of a strided 1 × 1 convolution on the CPU.
  if (windowArea(window) === 1) return tf.matMul(taps(tf, a, window, 0)[0], gradient, true, false)
  const [units, wanted] = [a.shape[2]!, gradient.shape[2]!]
  const { result, replicas } = perReplica(tf, [a, gradient], ([x, g]) => {
    const images = isSame(window) ? toImages(tf, x, window.grid) : padded(tf, x, window)
    const dy = toImages(tf, g, windowGrid(window))
    const filterShape = [...window.kernel, units, wanted]
    const filter = kernel(
      tf,
      'Conv2DBackpropFilter',
      { x: images, dy },
      { ...attributes(window), strides: window.stride, filterShape },
    )
    return tf.reshape(filter, [1, -1, wanted])
  })
  return tf.reshape(result, [replicas, windowArea(window) * units, wanted])
}

const attributes = (window: Window) => ({
  pad: isSame(window) ? 'same' : 'valid',
  dataFormat: 'NHWC',
})

/** Kernels that TensorFlow.js uses for its own gradients and has no public function for. */
function kernel(tf: TfModule, name: string, inputs: Record<string, Tensor>, attrs: object): Tensor {
  return tf.engine().runKernel(name, inputs, attrs as never) as Tensor
}
