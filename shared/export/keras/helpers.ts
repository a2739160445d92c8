import { KERAS_LAYER_CLASSES } from './layer-classes'

const standardisedLayer = (name: string, base: string, method: string) => `class ${name}(layers.${base}):
    """With weights that are standardised before they are used."""

    def __init__(self, *sizes, standardised, **kwargs):
        super().__init__(*sizes, **kwargs)
        self.standardised = standardised

${method}`

const convolution = `    def convolution_op(self, inputs, kernel):
        return super().convolution_op(inputs, standardised(kernel, self.standardised))`

/** What the code needs beside Keras's own layers, by name; each is written where a network uses it. */
export const KERAS_HELPERS = {
  he: `def he(gain=1.0):
    """Normal weights of variance gain^2 2/fan-in (He et al. 2015)."""
    return initializers.VarianceScaling(2 * gain**2, 'fan_in', 'untruncated_normal')`,
  lecun: `def lecun(gain=1.0):
    """Normal weights of variance gain^2 / fan-in (LeCun et al. 1998)."""
    return initializers.VarianceScaling(gain**2, 'fan_in', 'untruncated_normal')`,
  glorot: `def glorot(gain=1.0):
    """Normal weights of variance gain^2 2/(fan-in + fan-out) (Glorot and Bengio 2010)."""
    return initializers.VarianceScaling(gain**2, 'fan_avg', 'untruncated_normal')`,
  uniform: `def uniform(fan_in, gain=1.0):
    """Uniform weights or biases on +-gain/sqrt(fan-in), as PyTorch draws them."""
    bound = gain / math.sqrt(fan_in)
    return initializers.RandomUniform(-bound, bound)`,
  standardised: `def standardised(weight, gain):
    """gain (W - mean)/(sd sqrt(fan-in)) of each output unit: scaled weight standardisation (Brock et al. 2021)."""
    inputs = tuple(range(len(weight.shape) - 1))
    centred = weight - ops.mean(weight, inputs, keepdims=True)
    variance = ops.mean(ops.square(centred), inputs, keepdims=True)
    return gain * centred / ops.sqrt((variance + 1e-12) * math.prod(weight.shape[:-1]))`,
  StandardisedDense: standardisedLayer(
    'StandardisedDense',
    'Dense',
    `    def call(self, x):
        x = ops.matmul(x, standardised(self.kernel, self.standardised))
        return x if self.bias is None else x + self.bias`,
  ),
  StandardisedConv1D: standardisedLayer('StandardisedConv1D', 'Conv1D', convolution),
  StandardisedConv2D: standardisedLayer('StandardisedConv2D', 'Conv2D', convolution),
  padded: `def padded(x, margins):
    """x with so many positions of zeros on each side of the grid."""
    return ops.pad(x, [(0, 0), *((margin, margin) for margin in margins), (0, 0)])`,
  Gain: KERAS_LAYER_CLASSES.Gain,
  Shift: KERAS_LAYER_CLASSES.Shift,
  Center: KERAS_LAYER_CLASSES.Center,
  Shortcut: KERAS_LAYER_CLASSES.Shortcut,
  LowestPadding: KERAS_LAYER_CLASSES.LowestPadding,
  StochasticDepth: `class StochasticDepth(layers.Layer):
    """The branch, with probability keep, in training; keep times the branch in evaluation (Huang et al. 2016)."""

    def __init__(self, keep, **kwargs):
        super().__init__(**kwargs)
        self.keep = keep
        self.seeds = keras.random.SeedGenerator()

    def call(self, x, training=False):
        if not training:
            return self.keep * x
        return x * ops.cast(keras.random.uniform((), seed=self.seeds) < self.keep, x.dtype)`,
} as const
