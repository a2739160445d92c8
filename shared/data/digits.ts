import { DIGITS } from './digits-text'

const PIXELS = 64
const ZERO = 'a'.charCodeAt(0)

/** The digits of 8 × 8 pixels as they are carried: [1797, 64], 0 (paper) to 16 (ink), with their labels. */
export function digits(): { x: Uint8Array; y: Uint8Array } {
  const lines = DIGITS.trim().split('\n')
  const x = new Uint8Array(lines.length * PIXELS)
  lines.forEach((line, i) => {
    for (let j = 0; j < PIXELS; j++) x[i * PIXELS + j] = line.charCodeAt(j + 1) - ZERO
  })
  return { x, y: Uint8Array.from(lines, (line) => Number(line[0])) }
}
