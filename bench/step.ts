/**
 * The step that is measured: residual blocks of type 2, h + W relu(h) + b, mean squared error, plain SGD. With more
 * than one network all carry a leading axis. Forward and backward are written out, as in the product's engine.
 */
import { reluGradient, sumOfSquares, type Step } from '../main/trainer/compile'
import type { Tensor, Tf, Variable } from '../main/trainer/compile/native'

export interface Network {
  weights: Variable[]
  biases: Variable[]
}

/** Gives the losses, one for each network, and with probes a tensor of statistics, [4 (blocks + 1), networks]. */
export function trainingStep(tf: Tf, { weights, biases }: Network, probes: boolean): Step {
  return ([x, y, rate]) => {
    const blocks = weights.length
    const activations: Tensor[] = []
    const hidden = [x!]
    for (let k = 0; k < blocks; k++) {
      activations[k] = tf.relu(hidden[k]!)
      hidden[k + 1] = hidden[k]!.add(multiply(tf, activations[k]!, weights[k]!)).add(biases[k]!)
    }
    const error = hidden[blocks]!.sub(y!)
    const [batch, width] = x!.shape.slice(-2) as [number, number]
    let gradient = error.mul(2 / (batch * width))
    const signals = [gradient]
    for (let k = blocks - 1; k >= 0; k--) {
      const weightGradient = multiply(tf, activations[k]!, gradient, true)
      const biasGradient = gradient.sum(-2, true)
      const activationGradient = multiply(tf, gradient, weights[k]!, false, true)
      gradient = gradient.add(reluGradient(tf, activationGradient, activations[k]!))
      signals.unshift(gradient)
      weights[k]!.assign(weights[k]!.sub(weightGradient.mul(rate!)))
      biases[k]!.assign(biases[k]!.sub(biasGradient.mul(rate!)))
    }
    const loss = error.square().mean([-2, -1])
    return probes ? [loss, statistics(tf, hidden, signals)] : [loss]
  }
}

/**
 * Per block: mean square, batch variance and mean of the forward signal, mean square of the backward signal. Each big
 * tensor is read as seldom as possible: means over the batch are products with a row of ones (TensorFlow reduces an
 * inner axis several times as slowly), and the mean square follows from variance and means.
 */
function statistics(tf: Tf, hidden: Tensor[], signals: Tensor[]): Tensor {
  const [batch, width] = hidden[0]!.shape.slice(-2) as [number, number]
  const row = tf.fill([...hidden[0]!.shape.slice(0, -2), 1, batch], 1 / batch)
  const meanSquare = (x: Tensor): Tensor => sumOfSquares(tf, x, [-2, -1]).div(batch * width)
  const forward = hidden.map((h) => {
    const means = multiply(tf, row, h)
    const variance = meanSquare(h.sub(means))
    return tf.stack([variance.add(means.square().mean([-2, -1])), variance, means.mean([-2, -1])])
  })
  return tf.concat([...forward, tf.stack(signals.map(meanSquare))])
}

const multiply = (tf: Tf, a: Tensor, b: Tensor, transposeA = false, transposeB = false): Tensor =>
  tf.matMul(a as never, b as never, transposeA, transposeB)
