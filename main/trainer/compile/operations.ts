/**
 * Operations that TensorFlow has and TensorFlow.js lacks. They have no gradients of their own: they are parts
 * of gradients written by hand.
 */
import { nativeBackend, type OpAttribute, type Tensor, type Tf } from './native'

/**
 * The gradient of relu, all tensors of one shape: `dy` where relu's input was above zero. `x` may be relu's
 * input or its output. One operation natively; tf.grads takes seven for it (tf.step treats NaN apart). Where
 * `x` is NaN the result is zero times `dy`, as in TensorFlow.
 */
export function reluGradient(tf: Tf, dy: Tensor, x: Tensor): Tensor {
  if (tf.getBackend() !== 'tensorflow') return tf.mul(dy, tf.cast(tf.greater(x, 0), dy.dtype))
  const { TF_FLOAT, TF_ATTR_TYPE } = nativeBackend(tf).binding
  return execute(tf, 'ReluGrad', [{ name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT }], [dy, x])
}

/**
 * The sum of squares over some axes of a float tensor, counted from the end (-1 is the last): of [R, B, N] over
 * [-2, -1] it is [R]. In one pass
 * over the data and without a tensor for the squares, where square and sum take two: statistics at each
 * training step are affordable with it.
 */
export function sumOfSquares(tf: Tf, x: Tensor, axes: number[]): Tensor {
  if (tf.getBackend() !== 'tensorflow') return tf.sum(tf.square(x), axes)
  const { TF_FLOAT, TF_INT32, TF_ATTR_TYPE, TF_ATTR_BOOL } = nativeBackend(tf).binding
  const attributes = [
    { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT },
    { name: 'Tidx', type: TF_ATTR_TYPE, value: TF_INT32 },
    { name: 'keep_dims', type: TF_ATTR_BOOL, value: false },
  ]
  return tf.tidy(() => tf.square(execute(tf, 'EuclideanNorm', attributes, [x, tf.tensor1d(axes, 'int32')])))
}

function execute(tf: Tf, op: string, attributes: OpAttribute[], inputs: Tensor[]): Tensor {
  const backend = nativeBackend(tf)
  const [result] = backend.binding.executeOp(op, attributes, backend.getInputTensorIds(inputs), 1)
  return backend.createOutputTensor(result!)
}
