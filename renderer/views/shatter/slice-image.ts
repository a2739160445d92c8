import { patternColour } from '../../../shared/charts/regions'

/** One colour per pattern, soft ones; rows that are not there yet stay clear. */
export function sliceImage(patterns: Uint32Array, size: number, isDark: boolean): ImageData {
  const image = new ImageData(size, size)
  const known = new Map<number, [number, number, number]>()
  for (let i = 0; i < patterns.length; i++) {
    let colour = known.get(patterns[i])
    if (!colour) known.set(patterns[i], (colour = patternColour(patterns[i], isDark)))
    image.data.set(colour, 4 * i)
    image.data[4 * i + 3] = 255
  }
  return image
}
