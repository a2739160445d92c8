import type * as Tf from '@tensorflow/tfjs'

/** The TensorFlow.js module, as the backend loads it. */
export type TfModule = typeof Tf

/** A tensor of TensorFlow.js; the stream is [R, B × positions, N] in float32. */
export type Tensor = Tf.Tensor
