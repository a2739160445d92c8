import type * as Tf from '@tensorflow/tfjs'

const LARGEST = 1e-4

/**
 * A small residual network with its gradients, computed by the backend in use and by hand: a driver that computes
 * something else is found out before anything is measured on it.
 * @returns how far off it is, in words; null: right
 */
export async function wrongAnswer(tf: typeof Tf): Promise<string | null> {
  const size = 8
  const of = (seed: number) => Float32Array.from({ length: size * size }, (_, i) => Math.sin(seed + 1.7 * i))
  const [x, w] = [of(1), of(2)]
  // h' = h + relu(h) W; the loss is the mean of h'^2 / 2.
  const relu = x.map((value) => Math.max(0, value))
  const out = Float64Array.from(x)
  const gradient = new Float64Array(size * size)
  for (let i = 0; i < size; i++)
    for (let k = 0; k < size; k++)
      for (let j = 0; j < size; j++) out[i * size + j] += relu[i * size + k] * w[k * size + j]
  for (let k = 0; k < size; k++)
    for (let j = 0; j < size; j++)
      for (let i = 0; i < size; i++)
        gradient[k * size + j] += (relu[i * size + k] * out[i * size + j]) / (size * size)

  const [input, weight] = [tf.tensor2d(x, [size, size]), tf.tensor2d(w, [size, size])]
  const forward = (matrix: typeof weight) => input.add(input.relu().matMul(matrix)) as typeof weight
  const [h, g] = tf.tidy(() => [
    forward(weight),
    tf.grad((matrix) =>
      forward(matrix as typeof weight)
        .square()
        .mean()
        .div(2),
    )(weight),
  ])
  try {
    const parts = [
      ['forward', await h.data(), out],
      ['backward', await g.data(), gradient],
    ] as const
    for (const [name, found, wanted] of parts) {
      const difference = Math.max(...wanted.map((value, i) => Math.abs(value - found[i])))
      if (!(difference < LARGEST)) return `${name} differs by ${difference.toPrecision(3)}`
    }
    return null
  } finally {
    tf.dispose([input, weight, h, g])
  }
}
