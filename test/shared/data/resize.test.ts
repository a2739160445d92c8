import { expect, test } from 'vitest'
import { grey, isGrey, resized, type ByteImage } from '../../../shared/data/resize'

const image = (rows: number, columns: number, channels: number, value: (i: number) => number): ByteImage => ({
  rows,
  columns,
  channels,
  pixels: Uint8Array.from({ length: rows * columns * channels }, (_, i) => value(i)),
})

const pattern = image(5, 7, 1, (i) => {
  const [row, column] = [Math.floor(i / 7), i % 7]
  return (7 * row * row + 13 * column * (row + 1)) % 251
})

// PyTorch's interpolate, mode bilinear, antialias on, align_corners off.
test.each<[number, number, number[]]>([
  [3, 4, [13, 42, 76, 105, 52, 112, 144, 116, 122, 174, 103, 90]],
  [2, 2, [52, 106, 125, 116]],
])('smaller, %d × %d, as PyTorch does it', (rows, columns, expected) => {
  expect([...resized(pattern, rows, columns).pixels]).toEqual(expected)
})

test('larger, as PyTorch does it, and channels each by itself', () => {
  const larger = [...resized(pattern, 8, 10).pixels]
  expect(larger.slice(0, 10)).toEqual([0, 7, 16, 25, 34, 44, 53, 62, 71, 78])
  expect(larger.slice(-10)).toEqual([112, 148, 193, 239, 121, 79, 124, 170, 102, 0])
  const two = { ...pattern, channels: 2, pixels: pattern.pixels.slice().fill(9) }
  two.pixels = Uint8Array.from({ length: 70 }, (_, i) =>
    i % 2 ? 255 - pattern.pixels[i >> 1] : pattern.pixels[i >> 1],
  )
  const { pixels } = resized(two, 3, 4)
  expect([...pixels].filter((_, i) => i % 2 === 0)).toEqual([...resized(pattern, 3, 4).pixels])
})

test('of its own size, an image is what it was', () => {
  const colours = image(4, 6, 3, (i) => (i * 37) % 256)
  expect(resized(colours, 4, 6)).toEqual(colours)
})

test('grey is Rec. 601’s luma, and grey pictures are told from others', () => {
  expect(grey(image(1, 1, 3, (i) => [200, 100, 50][i])).pixels[0]).toBe(Math.round(59.8 + 58.7 + 5.7))
  expect(isGrey(image(2, 2, 3, () => 80))).toBe(true)
  expect(isGrey(image(2, 2, 3, (i) => (i === 11 ? 81 : 80)))).toBe(false)
  expect(grey(image(2, 2, 3, () => 80)).pixels).toEqual(new Uint8Array(4).fill(80))
})
