import pixelmatch from 'pixelmatch'
import { PNG } from 'pngjs'

/**
 * Screenshots as they are compared: reduced to a quarter, so that letters are grey lines and a page in another font
 * is still the same
 * page, in 32 steps a colour, so that the files are small.
 */
const REDUCTION = 4
/** Steps of a colour's 256. */
const STEP = 8
/** Pixels of the reduced picture: a tile is 64 × 64 of the screen. */
const TILE = 16
/** Of pixelmatch, 0 to 1: how far colours may differ. */
const THRESHOLD = 0.2
/**
 * The share of a tile's pixels that may differ. In another font (DejaVu Serif for Sans) up to 0.12 do; a card without
 * its two curves
 * gives 0.19, a missing card 0.27, a button in another colour 0.38.
 */
export const MOST_IN_TILE = 0.16
/** Of the whole picture's; another font gives up to 0.01. */
export const MOST_IN_ALL = 0.03

export function reduced(screenshot: Buffer): PNG {
  const from = PNG.sync.read(screenshot)
  const [width, height] = [Math.ceil(from.width / REDUCTION), Math.ceil(from.height / REDUCTION)]
  const to = new PNG({ width, height })
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [right, bottom] = [
        Math.min(from.width, REDUCTION * (x + 1)),
        Math.min(from.height, REDUCTION * (y + 1)),
      ]
      const sum = [0, 0, 0]
      let count = 0
      for (let v = REDUCTION * y; v < bottom; v++)
        for (let u = REDUCTION * x; u < right; u++, count++)
          for (let c = 0; c < 3; c++) sum[c] += from.data[4 * (v * from.width + u) + c]
      const at = 4 * (y * width + x)
      for (let c = 0; c < 3; c++) to.data[at + c] = Math.min(255, STEP * Math.round(sum[c] / count / STEP))
      to.data[at + 3] = 255
    }
  return to
}

export const asFile = (image: PNG): Buffer => PNG.sync.write(image, { colorType: 2, deflateLevel: 9 })
export const fromFile = (content: Buffer): PNG => PNG.sync.read(content)

export interface Comparison {
  /** Share of all pixels that differ. */
  share: number
  /** The tile that differs most: its share, and its corner on the screen, in CSS pixels. */
  worst: { share: number; x: number; y: number }
  /** What is wrong; null where the two are the same page. */
  problem: string | null
  /** Where they differ. */
  diff: PNG
}

export function compare(actual: PNG, expected: PNG): Comparison {
  const [width, height] = [Math.max(actual.width, expected.width), Math.max(actual.height, expected.height)]
  const [one, other] = [padded(actual, width, height), padded(expected, width, height)]
  const diff = new PNG({ width, height })
  const mask = new PNG({ width, height })
  const options = { threshold: THRESHOLD, includeAA: true }
  const count = pixelmatch(one.data, other.data, mask.data, width, height, { ...options, diffMask: true })
  pixelmatch(one.data, other.data, diff.data, width, height, options)
  const share = count / (width * height)
  const worst = worstTile(mask)
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`
  const problems = [
    Math.abs(actual.width - expected.width) > 1 ? 'The width differs.' : '',
    share > MOST_IN_ALL ? `${percent(share)} of the picture differs.` : '',
    worst.share > MOST_IN_TILE ? `Around ${worst.x}, ${worst.y}, ${percent(worst.share)} differs.` : '',
  ]
  return { share, worst, problem: problems.filter(Boolean).join(' ') || null, diff }
}

function worstTile(mask: PNG): Comparison['worst'] {
  let worst = { share: 0, x: 0, y: 0 }
  // Tiles overlap by half: what lies across an edge is seen whole by the next.
  for (let top = 0; top < mask.height; top += TILE / 2)
    for (let left = 0; left < mask.width; left += TILE / 2) {
      const [right, bottom] = [Math.min(mask.width, left + TILE), Math.min(mask.height, top + TILE)]
      let count = 0
      for (let y = top; y < bottom; y++)
        for (let x = left; x < right; x++) if (mask.data[4 * (y * mask.width + x) + 3]) count++
      const share = count / TILE ** 2
      if (share > worst.share) worst = { share, x: left * REDUCTION, y: top * REDUCTION }
    }
  return worst
}

/** On a ground that no theme has. */
function padded(image: PNG, width: number, height: number): PNG {
  if (image.width === width && image.height === height) return image
  const to = new PNG({ width, height })
  for (let i = 0; i < to.data.length; i += 4) to.data.set([255, 0, 255, 255], i)
  PNG.bitblt(image, to, 0, 0, image.width, image.height, 0, 0)
  return to
}
