/** Operations that TensorFlow has and TensorFlow.js lacks. They have no gradients of their own: they are parts of gradients written by hand. */
import { nativeBackend, type Tensor, type Tf } from './native'

/**
 * The gradient of relu: `dy` where relu's input was above zero. `x` may be relu's input or its output. One operation natively; tf.grads
 * takes seven for it (tf.step treats NaN apart). Where `x` is NaN the result is zero times `dy`, as in TensorFlow.
 */
export function reluGradient(tf: Tf, dy: Tensor, x: Tensor): Tensor {
  if (tf.getBackend() !== 'tensorflow') return tf.mul(dy, tf.cast(tf.greater(x, 0), dy.dtype))
  const backend = nativeBackend(tf)
  const { TF_ATTR_TYPE, TF_FLOAT } = backend.binding
  const types = [{ name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT }]
  const [result] = backend.binding.executeOp('ReluGrad', types, backend.getInputTensorIds([dy, x]), 1)
  return backend.createOutputTensor(result!)
}
