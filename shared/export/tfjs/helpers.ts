/** What the code needs beside TensorFlow.js, by name; each is written where a network uses it. */
export const TFJS_HELPERS = {
  he: `/** A layer's weights, of variance gain^2 2/fan-in (He et al. 2015); biases are 0. */
const he = (shape, gain = 1, bias = true) => normal(shape, gain * Math.sqrt(2 / product(shape.slice(0, -1))), bias)`,
  lecun: `/** A layer's weights, of variance gain^2 / fan-in (LeCun et al. 1998); biases are 0. */
const lecun = (shape, gain = 1, bias = true) => normal(shape, gain / Math.sqrt(product(shape.slice(0, -1))), bias)`,
  glorot: `/** A layer's weights, of variance gain^2 2/(fan-in + fan-out) (Glorot and Bengio 2010); biases are 0. */
function glorot(shape, gain = 1, bias = true) {
  const [inputs, units] = shape.slice(-2)
  return normal(shape, gain * Math.sqrt(2 / (product(shape.slice(0, -2)) * (inputs + units))), bias)
}`,
  uniform: `/** A layer's weights and biases, uniform on +-gain/sqrt(fan-in), as PyTorch draws them. */
function uniform(shape, gain = 1, bias = true) {
  const bound = gain / Math.sqrt(product(shape.slice(0, -1)))
  const draw = (of) => tf.variable(tf.randomUniform(of, -bound, bound, 'float32', nextSeed()))
  return { weight: draw(shape), ...(bias ? { bias: draw(shape.slice(-1)) } : {}) }
}`,
  normal: `function normal(shape, deviation, bias) {
  const weight = tf.variable(tf.randomNormal(shape, 0, deviation, 'float32', nextSeed()))
  return { weight, ...(bias ? { bias: tf.variable(tf.zeros(shape.slice(-1))) } : {}) }
}`,
  nextSeed: `let seed = 0

/** Each draw has a seed of its own: the same program draws the same networks. */
const nextSeed = () => ++seed`,
  product: `const product = (numbers) => numbers.reduce((result, one) => result * one, 1)`,
  repeat: `/** So many of what is made. */
const repeat = (count, make) => Array.from({ length: count }, make)`,
  linear: `/** x W + b, along the last axis. */
function linear({ weight, bias }, x) {
  const y = tf.matMul(tf.reshape(x, [-1, weight.shape[0]]), weight)
  return tf.reshape(bias ? tf.add(y, bias) : y, [...x.shape.slice(0, -1), weight.shape[1]])
}`,
  convolution: `/** Over a window, channels last; so many zeros stand on each side of the grid. */
function convolution({ weight, bias }, x, stride, padding) {
  const from = padded(x, padding)
  const y = weight.rank === 3 ? tf.conv1d(from, weight, stride[0], 'valid') : tf.conv2d(from, weight, stride, 'valid')
  return bias ? tf.add(y, bias) : y
}`,
  padded: `/** x with so many positions on each side of the grid that hold this value. */
const padded = (x, margins, value = 0) =>
  tf.pad(x, [[0, 0], ...margins.map((margin) => [margin, margin]), [0, 0]], value)`,
  standardised: `/** The layer with gain (W - mean)/(sd sqrt(fan-in)) of each output unit (Brock et al. 2021). */
function standardised({ weight, ...layer }, gain) {
  const rows = tf.reshape(weight, [-1, weight.shape.at(-1)])
  const { mean, variance } = tf.moments(rows, 0)
  const scale = tf.div(gain, tf.sqrt(tf.mul(tf.add(variance, 1e-12), rows.shape[0])))
  return { ...layer, weight: tf.mul(tf.sub(weight, mean), scale) }
}`,
  gelu: `/** x Phi(x). */
const gelu = (x) => tf.mul(x, tf.mul(0.5, tf.add(1, tf.erf(tf.mul(x, Math.SQRT1_2)))))`,
  silu: `const silu = (x) => tf.mul(x, tf.sigmoid(x))`,
  normStart: `const normStart = (units) => ({
  gain: tf.variable(tf.ones([units])),
  shift: tf.variable(tf.zeros([units])),
})`,
  batchNormStart: `const batchNormStart = (units) => ({
  gain: tf.variable(tf.ones([units])),
  shift: tf.variable(tf.zeros([units])),
  // Averages over batches, which are not learned.
  mean: tf.variable(tf.zeros([units]), false),
  variance: tf.variable(tf.ones([units]), false),
})`,
  batchNorm: `/** With mean and variance of the batch in training, with their averages in evaluation. */
function batchNorm({ gain, shift, mean, variance }, x, training, epsilon = 1e-5) {
  const batch = training ? batchMoments(x) : { mean, variance }
  if (training) {
    mean.assign(averaged(mean, batch.mean))
    variance.assign(averaged(variance, batch.variance))
  }
  const normal = tf.div(tf.sub(x, batch.mean), tf.sqrt(tf.add(batch.variance, epsilon)))
  return tf.add(tf.mul(normal, gain), shift)
}`,
  groupNorm: `/** Of each sample, over groups of units and all positions. */
function groupNorm({ gain, shift }, x, groups, epsilon = 1e-5) {
  const units = x.shape.at(-1)
  const grouped = tf.reshape(x, [x.shape[0], product(x.shape.slice(1, -1)), groups, units / groups])
  const { mean, variance } = tf.moments(grouped, [1, 3], true)
  const normal = tf.reshape(tf.div(tf.sub(grouped, mean), tf.sqrt(tf.add(variance, epsilon))), x.shape)
  return tf.add(tf.mul(normal, gain), shift)
}`,
  centerStart: `const centerStart = (units) => ({ mean: tf.variable(tf.zeros([units]), false) })`,
  center: `/** x less its mean per unit: over the batch in training, else the average over batches. */
function center({ mean }, x, training) {
  if (!training) return tf.sub(x, mean)
  const batch = batchMoments(x).mean
  mean.assign(averaged(mean, batch))
  return tf.sub(x, batch)
}`,
  batchMoments: `/** Mean and variance of each unit, over samples and positions. */
const batchMoments = (x) => tf.moments(x, x.shape.slice(0, -1).map((_, axis) => axis))`,
  averaged: `const averaged = (kept, found) => tf.add(tf.mul(0.9, kept), tf.mul(0.1, found))`,
  dropout: `const dropout = (x, rate, training) => (training ? tf.dropout(x, rate) : x)`,
  stochasticDepth: `/** The branch, with probability keep, in training; else keep times it (Huang et al. 2016). */
const stochasticDepth = (x, keep, training) => tf.mul(x, training ? Number(Math.random() < keep) : keep)`,
  pool: `/** @param combine tf.avgPool or tf.maxPool, which want rows and columns */
function pool(combine, x, kernel, stride) {
  if (x.rank === 4) return combine(x, kernel, stride, 'valid')
  return tf.squeeze(combine(tf.expandDims(x, 1), kernel, stride, 'valid'), [1])
}`,
  shortcut: `/** Option A of He et al. 2015: every stride-th position; units filled up with zeros, or dropped. */
function shortcut(x, stride, units) {
  for (let axis = 1; axis < x.rank - 1; axis++)
    x = tf.gather(x, tf.range(0, x.shape[axis], stride, 'int32'), axis)
  const kept = Math.min(units, x.shape.at(-1))
  const rest = x.shape.slice(0, -1)
  x = tf.slice(x, x.shape.map(() => 0), [...rest, kept])
  return tf.pad(x, [...rest.map(() => [0, 0]), [0, units - kept]])
}`,
} as const
