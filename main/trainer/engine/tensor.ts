import type * as Tf from '@tensorflow/tfjs'

export type TfModule = typeof Tf

export type Tensor = Tf.Tensor
