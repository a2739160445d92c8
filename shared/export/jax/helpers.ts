/** What the code needs beside jax.numpy, by name; each is written where a network uses it. */
export const JAX_HELPERS = {
  he: `def he(key, shape, gain=1.0, bias=True):
    """A layer's weights, of variance gain^2 2/fan-in (He et al. 2015); biases are 0."""
    return normal(key, shape, gain * math.sqrt(2 / math.prod(shape[:-1])), bias)`,
  lecun: `def lecun(key, shape, gain=1.0, bias=True):
    """A layer's weights, of variance gain^2 / fan-in (LeCun et al. 1998); biases are 0."""
    return normal(key, shape, gain * math.sqrt(1 / math.prod(shape[:-1])), bias)`,
  glorot: `def glorot(key, shape, gain=1.0, bias=True):
    """A layer's weights, of variance gain^2 2/(fan-in + fan-out) (Glorot and Bengio 2010); biases are 0."""
    *window, inputs, units = shape
    return normal(key, shape, gain * math.sqrt(2 / (math.prod(window) * (inputs + units))), bias)`,
  uniform: `def uniform(key, shape, gain=1.0, bias=True):
    """A layer's weights and biases, uniform on +-gain/sqrt(fan-in), as PyTorch draws them."""
    bound = gain / math.sqrt(math.prod(shape[:-1]))
    keys = jax.random.split(key)
    layer = {'weight': jax.random.uniform(keys[0], shape, minval=-bound, maxval=bound)}
    return {**layer, 'bias': jax.random.uniform(keys[1], shape[-1:], minval=-bound, maxval=bound)} if bias else layer`,
  normal: `def normal(key, shape, deviation, bias):
    layer = {'weight': deviation * jax.random.normal(key, shape)}
    return {**layer, 'bias': jnp.zeros(shape[-1])} if bias else layer`,
  linear: `def linear(p, x):
    """x W + b, along the last axis."""
    x = x @ p['weight']
    return x + p['bias'] if 'bias' in p else x`,
  convolution: `def convolution(p, x, stride, padding):
    """Over a window, channels last; so many zeros stand on each side of the grid."""
    grid = 'HW'[-len(stride):]
    layout = (f'N{grid}C', f'{grid}IO', f'N{grid}C')
    margins = [(margin, margin) for margin in padding]
    x = jax.lax.conv_general_dilated(x, p['weight'], stride, margins, dimension_numbers=layout)
    return x + p['bias'] if 'bias' in p else x`,
  standardised: `def standardised(p, gain):
    """The layer with gain (W - mean)/(sd sqrt(fan-in)) of each output unit (Brock et al. 2021)."""
    weight = p['weight']
    inputs = tuple(range(weight.ndim - 1))
    centred = weight - weight.mean(inputs)
    variance = jnp.square(centred).mean(inputs)
    return {**p, 'weight': gain * centred / jnp.sqrt((variance + 1e-12) * math.prod(weight.shape[:-1]))}`,
  norm_parameters: `def norm_parameters(units):
    return {'gain': jnp.ones(units), 'shift': jnp.zeros(units)}`,
  batch_norm: `def batch_norm(p, x, mode, epsilon=1e-5):
    """With mean and variance of the batch, in evaluation with those that were measured."""
    if mode == 'evaluate':
        mean, variance = p['mean'], p['variance']
    else:
        batch = tuple(range(x.ndim - 1))
        mean, variance = x.mean(batch), x.var(batch)
        if mode == 'measure':
            p.update(mean=mean, variance=variance)
    return (x - mean) / jnp.sqrt(variance + epsilon) * p['gain'] + p['shift']`,
  batch_norm_parameters: `def batch_norm_parameters(units):
    return {
        'gain': jnp.ones(units),
        'shift': jnp.zeros(units),
        # Not learned: keep them out of weight decay.
        'mean': jnp.zeros(units),
        'variance': jnp.ones(units),
    }`,
  group_norm: `def group_norm(p, x, groups, epsilon=1e-5):
    """Of each sample, over groups of units and all positions."""
    grouped = x.reshape(x.shape[0], -1, groups, x.shape[-1] // groups)
    mean, variance = grouped.mean((1, 3), keepdims=True), grouped.var((1, 3), keepdims=True)
    x = ((grouped - mean) / jnp.sqrt(variance + epsilon)).reshape(x.shape)
    return x * p['gain'] + p['shift']`,
  center: `def center(p, x, mode):
    """x less its mean per unit: over the batch, in evaluation that which was measured."""
    if mode == 'evaluate':
        return x - p['mean']
    mean = x.mean(tuple(range(x.ndim - 1)))
    if mode == 'measure':
        p.update(mean=mean)
    return x - mean`,
  dropout: `def dropout(x, rate, mode, key):
    if mode != 'train':
        return x
    return jnp.where(jax.random.bernoulli(key, 1 - rate, x.shape), x / (1 - rate), 0.0)`,
  stochastic_depth: `def stochastic_depth(x, keep, mode, key):
    """The branch, with probability keep, in training; else keep times the branch (Huang et al. 2016)."""
    if mode != 'train':
        return keep * x
    return jnp.where(jax.random.bernoulli(key, keep), x, 0.0)`,
  folded: `def folded(key, number):
    """A key of its own for each number; none in evaluation, which draws nothing."""
    return None if key is None else jax.random.fold_in(key, number)`,
  average_pool: `def average_pool(x, kernel, stride, padding):
    """Zeros on each side of the grid count."""
    margins = [(0, 0), *((margin, margin) for margin in padding), (0, 0)]
    total = jax.lax.reduce_window(x, 0.0, jax.lax.add, (1, *kernel, 1), (1, *stride, 1), margins)
    return total / math.prod(kernel)`,
  max_pool: `def max_pool(x, kernel, stride, padding):
    margins = [(0, 0), *((margin, margin) for margin in padding), (0, 0)]
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, *kernel, 1), (1, *stride, 1), margins)`,
  shortcut: `def shortcut(x, stride, units):
    """Option A of He et al. 2015: every stride-th position; units filled up with zeros, or dropped."""
    x = x[(slice(None), *[slice(None, None, stride)] * (x.ndim - 2), slice(units))]
    return jnp.pad(x, [(0, 0)] * (x.ndim - 1) + [(0, units - x.shape[-1])])`,
} as const
