/**
 * Layers that Keras lacks, as code and exports have them: registered, so that a file with them opens once they are
 * imported.
 */
export const KERAS_LAYER_CLASSES = {
  Gain: `@keras.saving.register_keras_serializable(package='residual_lab')
class Gain(keras.layers.Layer):
    """Multiplies by one learned number, or by one for each unit."""

    def __init__(self, per_unit=False, initial=1.0, **kwargs):
        super().__init__(**kwargs)
        self.per_unit, self.initial = per_unit, initial

    def build(self, input_shape):
        shape = (input_shape[-1],) if self.per_unit else ()
        self.gain = self.add_weight(shape=shape, initializer=keras.initializers.Constant(self.initial), name='gain')

    def call(self, x):
        return x * self.gain

    def get_config(self):
        return {**super().get_config(), 'per_unit': self.per_unit, 'initial': self.initial}`,
  Shift: `@keras.saving.register_keras_serializable(package='residual_lab')
class Shift(keras.layers.Layer):
    """Adds one learned number."""

    def __init__(self, initial=0.0, **kwargs):
        super().__init__(**kwargs)
        self.initial = initial

    def build(self, input_shape):
        self.shift = self.add_weight(shape=(), initializer=keras.initializers.Constant(self.initial), name='shift')

    def call(self, x):
        return x + self.shift

    def get_config(self):
        return {**super().get_config(), 'initial': self.initial}`,
  Center: `@keras.saving.register_keras_serializable(package='residual_lab')
class Center(keras.layers.Layer):
    """Takes the mean of each unit away: over the batch in training, over the training samples in evaluation."""

    def build(self, input_shape):
        self.mean = self.add_weight(shape=(input_shape[-1],), initializer='zeros', trainable=False, name='mean')

    def call(self, x, training=False):
        return x - (ops.mean(x, axis=tuple(range(len(x.shape) - 1))) if training else self.mean)`,
  Shortcut: `@keras.saving.register_keras_serializable(package='residual_lab')
class Shortcut(keras.layers.Layer):
    """Option A of He et al. 2015: every stride-th position; units filled up with zeros, or dropped."""

    def __init__(self, stride, units, **kwargs):
        super().__init__(**kwargs)
        self.stride, self.units = stride, units

    def call(self, x):
        grid = [slice(None, None, self.stride if size > 1 else 1) for size in x.shape[1:-1]]
        x = x[(slice(None), *grid, slice(0, self.units))]
        return ops.pad(x, [(0, 0)] * (len(x.shape) - 1) + [(0, max(0, self.units - x.shape[-1]))])

    def get_config(self):
        return {**super().get_config(), 'stride': self.stride, 'units': self.units}`,
  LowestPadding: `@keras.saving.register_keras_serializable(package='residual_lab')
class LowestPadding(keras.layers.Layer):
    """Surrounds the grid with values below all others, for max pooling."""

    def __init__(self, padding, **kwargs):
        super().__init__(**kwargs)
        self.padding = tuple(padding)

    def call(self, x):
        margins = [(0, 0), *((margin, margin) for margin in self.padding), (0, 0)]
        return ops.pad(x, margins, constant_values=-3.4e38)

    def get_config(self):
        return {**super().get_config(), 'padding': self.padding}`,
} as const
