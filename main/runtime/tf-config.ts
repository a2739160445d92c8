/**
 * The environment variable that a binding of the lab's reads when TensorFlow makes its devices: a ConfigProto, as
 * hexadecimal digits (`main/runtime/compile.ts`). TensorFlow's C interface has no variable of its own for it.
 */
export const TF_CONFIG = 'RESIDUAL_LAB_TF_CONFIG'
