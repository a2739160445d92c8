import { drawing } from './split'

export const TEACHER_INPUTS = 40
export const TEACHER_CLASSES = 10
const HIDDEN = 20

/**
 * Standard normal inputs x of 40 values, labelled by a random network: argmax_c of v_c · tanh(W x), with W [20, 40] and
 * v [10, 20] normal of variance 1/fan-in (a soft committee machine as the teacher: Saad and Solla 1995). Being odd, it
 * prefers no class by its weights' means.
 */
export function teacher(samples: number): { x: Float32Array; y: Uint8Array } {
  const random = drawing(4)
  const weights = (count: number, fanIn: number) => {
    const values = new Float64Array(count)
    random.fillNormal(values, 1 / Math.sqrt(fanIn))
    return values
  }
  const first = weights(HIDDEN * TEACHER_INPUTS, TEACHER_INPUTS)
  const second = weights(TEACHER_CLASSES * HIDDEN, HIDDEN)
  const x = new Float32Array(samples * TEACHER_INPUTS)
  random.fillNormal(x, 1)
  const dot = (a: Float64Array, row: number, b: ArrayLike<number>) => {
    let sum = 0
    for (let i = 0; i < b.length; i++) sum += a[row * b.length + i] * b[i]
    return sum
  }
  const y = new Uint8Array(samples)
  const hidden = new Float64Array(HIDDEN)
  for (let s = 0; s < samples; s++) {
    const input = x.subarray(s * TEACHER_INPUTS, (s + 1) * TEACHER_INPUTS)
    for (let j = 0; j < HIDDEN; j++) hidden[j] = Math.tanh(dot(first, j, input))
    let best = -Infinity
    for (let c = 0; c < TEACHER_CLASSES; c++) {
      const score = dot(second, c, hidden)
      if (score > best) [best, y[s]] = [score, c]
    }
  }
  return { x, y }
}
