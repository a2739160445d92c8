import { isRegression, type DataDescription } from '../../../shared/data/description'
import type { Tensor, TfModule } from './tensor'

/**
 * What networks minimise, mean over the batch.
 * @param outputs [R, B, C]
 * @param y what they are to be (see `wantedOutputs`), [1, B, C]
 * @returns loss [R], accuracy [R], the loss's gradient with respect to the outputs [R, B, C]
 */
type Loss = (tf: TfModule, outputs: Tensor, y: Tensor) => Record<'loss' | 'accuracy' | 'gradient', Tensor>

/**
 * Softmax cross-entropy, -Σ_c y_c ln softmax(logits)_c, mean over the batch, in nats (Goodfellow et al., Deep Learning,
 * section 6.2.2.3); accuracy, the share of right answers; and the loss's gradient, (softmax(logits) - y)/B.
 * @param y one-hot
 */
export const crossEntropy: Loss = (tf, logits, y) => {
  const [replicas, batch] = logits.shape as [number, number, number]
  const shifted = tf.sub(logits, tf.max(logits, 2, true))
  const exponentials = tf.exp(shifted)
  const total = tf.sum(exponentials, 2, true)
  const logProbability = tf.sub(shifted, tf.log(total))
  const loss = tf.reshape(tf.neg(tf.div(tf.sum(tf.mul(logProbability, y), [1, 2]), tf.scalar(batch))), [
    replicas,
  ])
  const right = tf.equal(tf.argMax(logits, 2), tf.argMax(y, 2))
  const accuracy = tf.mean(tf.cast(right, 'float32'), 1)
  const gradient = tf.div(tf.sub(tf.div(exponentials, total), y), tf.scalar(batch))
  return { loss, accuracy, gradient }
}

/**
 * Mean squared error, Σ (f - y)²/(B C): mean over samples and targets, without a factor ½ (torch.nn.MSELoss); its
 * gradient, 2 (f - y)/(B C); as accuracy the share of the targets' variance that is explained, 1 - loss: standardised
 * targets have variance 1 over the training part.
 */
export const meanSquaredError: Loss = (tf, outputs, y) => {
  const [, batch, targets] = outputs.shape as [number, number, number]
  const error = tf.sub(outputs, y)
  const loss = tf.mean(tf.square(error), [1, 2])
  return {
    loss,
    accuracy: tf.sub(tf.scalar(1), loss),
    gradient: tf.mul(error, tf.scalar(2 / (batch * targets))),
  }
}

/** What networks that learn this data set minimise. */
export const lossOf = (description: DataDescription): Loss =>
  isRegression(description) ? meanSquaredError : crossEntropy
