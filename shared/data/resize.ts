/** An image of bytes: rows of positions, the channels of each together. */
export interface ByteImage {
  rows: number
  columns: number
  channels: number
  pixels: Uint8Array
}

/** What one output position takes of a row or column: entries from `first` on, weights that sum to one. */
interface Share {
  first: number
  weights: Float64Array
}

/**
 * Tents over the inputs around each output's middle, as wide as one output is where there are fewer outputs than
 * inputs, else as one input: bilinear interpolation with anti-aliasing (Pillow's BILINEAR, PyTorch's interpolate with
 * antialias).
 */
function shares(inputs: number, outputs: number): Share[] {
  const scale = inputs / outputs
  const reach = Math.max(1, scale)
  return Array.from({ length: outputs }, (_, i) => {
    const middle = (i + 0.5) * scale
    const first = Math.max(0, Math.floor(middle - reach + 0.5))
    const end = Math.min(inputs, Math.floor(middle + reach + 0.5))
    const tent = (input: number) => Math.max(0, 1 - Math.abs((input + 0.5 - middle) / reach))
    const weights = Float64Array.from({ length: end - first }, (__, k) => tent(first + k))
    const sum = weights.reduce((total, weight) => total + weight, 0)
    return { first, weights: weights.map((weight) => weight / sum) }
  })
}

/** An image in another size, stretched where its sides are in another proportion; bilinear (see `shares`). */
export function resized(
  { rows, columns, channels, pixels }: ByteImage,
  height: number,
  width: number,
): ByteImage {
  const across = shares(columns, width)
  const down = shares(rows, height)
  const narrow = new Float64Array(rows * width * channels)
  for (let row = 0; row < rows; row++) {
    across.forEach(({ first, weights }, column) => {
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0
        for (let k = 0; k < weights.length; k++)
          sum += weights[k] * pixels[(row * columns + first + k) * channels + channel]
        narrow[(row * width + column) * channels + channel] = sum
      }
    })
  }
  const length = width * channels
  const small = new Uint8Array(height * length)
  down.forEach(({ first, weights }, row) => {
    for (let at = 0; at < length; at++) {
      let sum = 0
      for (let k = 0; k < weights.length; k++) sum += weights[k] * narrow[(first + k) * length + at]
      small[row * length + at] = Math.round(sum)
    }
  })
  return { rows: height, columns: width, channels, pixels: small }
}

/** Rec. 601's luma of red, green and blue, as Pillow's "L" and torchvision's Grayscale: one channel. */
export function grey({ rows, columns, channels, pixels }: ByteImage): ByteImage {
  if (channels === 1) return { rows, columns, channels, pixels }
  const single = new Uint8Array(rows * columns)
  for (let i = 0; i < single.length; i++) {
    const at = i * channels
    single[i] = Math.round(0.299 * pixels[at] + 0.587 * pixels[at + 1] + 0.114 * pixels[at + 2])
  }
  return { rows, columns, channels: 1, pixels: single }
}

/** Whether red, green and blue are equal everywhere. */
export function isGrey({ channels, pixels }: ByteImage): boolean {
  if (channels === 1) return true
  for (let i = 0; i < pixels.length; i += channels)
    if (pixels[i] !== pixels[i + 1] || pixels[i] !== pixels[i + 2]) return false
  return true
}
