import { drawing } from './split'

export const TEACHER_INPUTS = 40
export const TEACHER_CLASSES = 10
const HIDDEN = 20

/**
 * Standard normal inputs x of 40 values, [samples, 40], and what a random network puts out for them, v tanh(W x),
 * [samples, 10], with W [20, 40] and v [10, 20] normal of variance 1/fan-in (a soft committee machine as the teacher:
 * Saad and Solla 1995).
 */
export function teacherOutputs(samples: number): { x: Float32Array; y: Float64Array } {
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
  const y = new Float64Array(samples * TEACHER_CLASSES)
  const hidden = new Float64Array(HIDDEN)
  for (let s = 0; s < samples; s++) {
    const input = x.subarray(s * TEACHER_INPUTS, (s + 1) * TEACHER_INPUTS)
    for (let j = 0; j < HIDDEN; j++) hidden[j] = Math.tanh(dot(first, j, input))
    for (let c = 0; c < TEACHER_CLASSES; c++) y[s * TEACHER_CLASSES + c] = dot(second, c, hidden)
  }
  return { x, y }
}

/** The same inputs with the largest output as their class. The teacher being odd, its weights' means prefer none. */
export function teacher(samples: number): { x: Float32Array; y: Uint8Array } {
  const { x, y: scores } = teacherOutputs(samples)
  const y = new Uint8Array(samples)
  for (let s = 0; s < samples; s++) {
    const own = scores.subarray(s * TEACHER_CLASSES, (s + 1) * TEACHER_CLASSES)
    y[s] = own.indexOf(Math.max(...own))
  }
  return { x, y }
}
