/** Steps of every operation that the product uses, and of a few that it might. */
import { reluGradient, sumOfSquares } from '../../main/trainer/compile'
import type { Tensor, Tf } from '../../main/trainer/compile/native'
import { sample } from './support'

/** tfjs types tensors by rank; these cases know their ranks from the shapes beside them. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Given = any[]
type Kind = 'float32' | 'int32' | 'bool'
export type Case = {
  inputs: (number[] | [number[], Kind])[]
  step: (tf: Tf, inputs: Given) => Tensor[]
  units?: number
}

const matrix = [6, 5]
const pair = [matrix, matrix]
const image = [2, 8, 8, 3]
const ints = (shape: number[]): [number[], Kind] => [shape, 'int32']
const bools = (shape: number[]): [number[], Kind] => [shape, 'bool']
const unary = (f: (tf: Tf, x: Tensor) => Tensor): Case => ({
  inputs: [matrix],
  step: (tf, [x]) => [f(tf, x)],
})
const binary = (f: (tf: Tf, a: Tensor, b: Tensor) => Tensor): Case => ({
  inputs: [matrix, matrix, [5], [6, 1], []],
  step: (tf, [a, b, row, column, one]) => [f(tf, a, b), f(tf, a, row), f(tf, column, b), f(tf, one, a)],
})
const gradient = (f: (tf: Tf, ...inputs: Given) => Tensor, ...inputs: number[][]): Case => ({
  inputs,
  step: (tf, given) =>
    tf.grads((...xs: Tensor[]) =>
      f(tf, ...xs)
        .square()
        .sum(),
    )(given),
})

const norm = (tf: Tf, x: Tensor, axes: number[], gamma: Tensor, beta: Tensor): Tensor => {
  const mean = x.mean(axes, true)
  const centred = x.sub(mean)
  const variance = centred.square().mean(axes, true)
  return centred
    .mul(tf.rsqrt(variance.add(1e-5)))
    .mul(gamma)
    .add(beta)
}
const gelu = (tf: Tf, x: Tensor): Tensor => x.mul(0.5).mul(tf.erf(x.div(Math.SQRT2)).add(1))

export const cases: Record<string, Case> = {
  add: binary((tf, a, b) => tf.add(a, b)),
  sub: binary((tf, a, b) => tf.sub(a, b)),
  mul: binary((tf, a, b) => tf.mul(a, b)),
  div: binary((tf, a, b) => tf.div(a, b)),
  divNoNan: binary((tf, a, b) => tf.divNoNan(a, b)),
  minimum: binary((tf, a, b) => tf.minimum(a, b)),
  maximum: binary((tf, a, b) => tf.maximum(a, b)),
  pow: binary((tf, a, b) => tf.pow(tf.abs(a), b)),
  'squared difference': binary((tf, a, b) => tf.squaredDifference(a, b)),
  comparisons: {
    inputs: pair,
    step: (tf, [a, b]) => [
      tf.greater(a, b),
      tf.greaterEqual(a, b),
      tf.less(a, b),
      tf.lessEqual(a, b),
      tf.equal(a, a),
      tf.notEqual(a, b),
    ],
  },
  logic: {
    inputs: [bools([9]), bools([9])],
    step: (tf, [a, b]) => [tf.logicalAnd(a, b), tf.logicalOr(a, b), tf.logicalNot(a), a.any(), a.all()],
  },
  where: { inputs: [bools(matrix), matrix, matrix], step: (tf, [c, a, b]) => [tf.where(c, a, b)] },
  negative: unary((_, x) => x.neg()),
  square: unary((_, x) => x.square()),
  sqrt: unary((_, x) => x.abs().sqrt()),
  'sqrt of a negative number is NaN': unary((_, x) => x.sqrt()),
  rsqrt: unary((_, x) => x.square().add(1e-5).rsqrt()),
  reciprocal: unary((tf, x) => tf.reciprocal(x)),
  exp: unary((_, x) => x.exp()),
  log: unary((_, x) => x.abs().log()),
  log1p: unary((_, x) => x.abs().log1p()),
  abs: unary((_, x) => x.abs()),
  sign: unary((_, x) => x.sign()),
  round: unary((_, x) => x.mul(3).round()),
  floor: unary((_, x) => x.mul(3).floor()),
  isFinite: unary((tf, x) => tf.isFinite(x.div(x.relu()))),
  isNaN: unary((tf, x) => tf.isNaN(x.relu().div(x.relu()))),
  isInf: unary((tf, x) => tf.isInf(x.div(x.relu()))),
  step: unary((tf, x) => tf.step(x)),
  relu: unary((_, x) => x.relu()),
  'leaky relu': unary((tf, x) => tf.leakyRelu(x, 0.1)),
  elu: unary((_, x) => x.elu()),
  selu: unary((_, x) => x.selu()),
  softplus: unary((_, x) => x.softplus()),
  tanh: unary((_, x) => x.tanh()),
  sigmoid: unary((_, x) => x.sigmoid()),
  erf: unary((_, x) => x.erf()),
  gelu: { ...unary(gelu), units: 1 },
  'clip by value': unary((tf, x) => tf.clipByValue(x, -0.5, 0.5)),
  softmax: { ...unary((_, x) => x.softmax()), units: 1 },
  'log softmax': unary((_, x) => x.logSoftmax()),
  logSumExp: unary((_, x) => x.logSumExp(1)),
  reshape: unary((_, x) => x.reshape([5, 3, 2])),
  'expand and squeeze': unary((_, x) => x.expandDims(1).squeeze([1])),
  transpose: { inputs: [[2, 3, 4]], step: (tf, [x]) => [tf.transpose(x), tf.transpose(x, [0, 2, 1])] },
  tile: unary((_, x) => x.tile([2, 3])),
  'broadcast to': { inputs: [[5]], step: (tf, [x]) => [tf.broadcastTo(x, [3, 5])] },
  slice: unary((_, x) => x.slice([1, 2], [3, 2])),
  'strided slice': unary((tf, x) => tf.stridedSlice(x, [0, 0], [6, 5], [2, 2])),
  pad: unary((tf, x) =>
    tf.pad(x, [
      [1, 2],
      [0, 1],
    ]),
  ),
  reverse: unary((_, x) => x.reverse(1)),
  concat: { inputs: pair, step: (tf, [a, b]) => [tf.concat([a, b], 0), tf.concat([a, b, a], 1)] },
  stack: { inputs: pair, step: (tf, [a, b]) => [tf.stack([a, b]), ...tf.unstack(a)] },
  split: unary((tf, x) => tf.split(x, 3)[1]!),
  'zeros and ones': unary((tf, x) =>
    tf
      .add(tf.zerosLike(x), tf.onesLike(x))
      .add(tf.ones([6, 5]))
      .add(tf.zeros([5]))
      .add(tf.fill([6, 1], 2.5)),
  ),
  eye: unary((tf, x) => tf.matMul(x as never, tf.eye(5))),
  'a constant of many values': unary((tf, x) =>
    x.add(
      tf.tensor2d(
        Array.from({ length: 30 }, (_, i) => i / 7),
        [6, 5],
      ),
    ),
  ),
  'a seeded random constant': unary((tf, x) => x.add(tf.randomNormal([6, 5], 0, 1, 'float32', 7))),
  linspace: unary((tf, x) => x.add(tf.linspace(0, 1, 5))),
  cast: {
    inputs: [matrix, ints([4]), bools([4])],
    step: (tf, [x, n, b]) => [
      x.cast('int32'),
      n.cast('float32'),
      b.cast('float32'),
      x.cast('bool'),
      tf.cast(b, 'int32'),
    ],
  },
  sum: { inputs: [[2, 3, 4]], step: (_, [x]) => [x.sum(), x.sum(0), x.sum([1, 2]), x.sum(-1, true)] },
  mean: { inputs: [[2, 3, 4]], step: (_, [x]) => [x.mean(), x.mean(0), x.mean([1, 2]), x.mean(-1, true)] },
  'min, max, prod': { inputs: [[2, 3, 4]], step: (_, [x]) => [x.min(1), x.max([0, 2]), x.prod(2)] },
  moments: { inputs: [[6, 5]], step: (tf, [x]) => Object.values(tf.moments(x, 0)) },
  norm: unary((_, x) => x.norm()),
  cumsum: unary((_, x) => x.cumsum(1)),
  argMax: unary((_, x) => x.argMax(1)),
  argMin: unary((_, x) => x.argMin(0)),
  topk: unary((tf, x) => tf.topk(x, 2).values),
  gather: { inputs: [[8, 3], ints([5])], step: (tf, [x, at]) => [tf.gather(x, at)] },
  'gather along an axis': { inputs: [[3, 8], ints([5])], step: (tf, [x, at]) => [tf.gather(x, at, 1)] },
  oneHot: { inputs: [ints([6])], step: (tf, [n]) => [tf.oneHot(n, 8)] },
  bincount: { inputs: [ints([40]), [40]], step: (tf, [n, w]) => [tf.bincount(n, w, 8)] },
  'unsorted segment sum': {
    inputs: [[6, 5], ints([6])],
    step: (tf, [x, n]) => [tf.unsortedSegmentSum(x, n, 8)],
  },
  sumOfSquares: {
    inputs: [[2, 3, 4]],
    step: (tf, [x]) => [sumOfSquares(tf, x, [-2, -1]), sumOfSquares(tf, x, [-2]), sumOfSquares(tf, x, [-1])],
  },
  matMul: {
    units: 1,
    inputs: [
      [4, 5],
      [5, 3],
      [5, 4],
      [3, 5],
    ],
    step: (tf, [a, b, at, bt]) => [
      tf.matMul(a, b),
      tf.matMul(at, b, true),
      tf.matMul(a, bt, false, true),
      tf.matMul(at, bt, true, true),
    ],
  },
  'batched matMul': {
    inputs: [
      [3, 4, 5],
      [3, 5, 2],
      [3, 2, 5],
      [5, 2],
    ],
    step: (tf, [a, b, bt, shared]) => [
      tf.matMul(a, b),
      tf.matMul(a, bt, false, true),
      tf.matMul(a, shared),
      tf.matMul(b, b, true),
    ],
  },
  'dot product': { inputs: [[5], [5]], step: (tf, [a, b]) => [tf.dot(a, b)] },
  einsum: {
    inputs: [
      [3, 4],
      [4, 5],
    ],
    step: (tf, [a, b]) => [tf.einsum('ij,jk->ik', a, b)],
  },
  conv1d: {
    inputs: [
      [2, 10, 3],
      [3, 3, 4],
    ],
    step: (tf, [x, w]) => [tf.conv1d(x, w, 1, 'same'), tf.conv1d(x, w, 2, 'valid')],
  },
  conv2d: {
    inputs: [image, [3, 3, 3, 4]],
    step: (tf, [x, w]) => [
      tf.conv2d(x, w, 1, 'same'),
      tf.conv2d(x, w, 2, 'same'),
      tf.conv2d(x, w, 1, 'valid'),
    ],
  },
  'depthwise conv': {
    inputs: [image, [3, 3, 3, 2]],
    step: (tf, [x, w]) => [tf.depthwiseConv2d(x, w, 1, 'same')],
  },
  pooling: { inputs: [image], step: (tf, [x]) => [tf.avgPool(x, 2, 2, 'same'), tf.maxPool(x, 2, 2, 'same')] },
  'batch norm written out': {
    inputs: [image, [3], [3]],
    step: (tf, [x, g, b]) => [norm(tf, x, [0, 1, 2], g, b)],
  },
  'tf.batchNorm': {
    inputs: [image, [3], [3]],
    step: (tf, [x, g, b]) => [tf.batchNorm(x, g, tf.abs(b), b, g, 1e-5)],
  },
  'layer norm written out': { inputs: [matrix, [5], [5]], step: (tf, [x, g, b]) => [norm(tf, x, [1], g, b)] },
  'cross entropy': {
    units: 1,
    inputs: [[7, 8], ints([7])],
    step: (tf, [x, n]) => [tf.losses.softmaxCrossEntropy(tf.oneHot(n, 8), x)],
  },
  'gradient of relu': gradient((_, x) => x.relu(), matrix),
  'gradient of matMul': { ...gradient((tf, a, b) => tf.matMul(a, b), [4, 5], [5, 3]), units: 1 },
  'matMul of a batch of one': {
    units: 1,
    inputs: [
      [1, 4, 5],
      [1, 5, 3],
      [5, 3],
      [1, 1, 3, 5],
    ],
    step: (tf, [a, b, shared, bt]) => [tf.matMul(a, b), tf.matMul(a, shared), tf.matMul(a, bt, false, true)],
  },
  'matMul of 128 x 128': {
    inputs: [
      [128, 128],
      [128, 128],
    ],
    step: (tf, [a, b]) => [tf.matMul(a, b), tf.matMul(a, b, true), tf.matMul(a, b, false, true)],
  },
  reluGradient: {
    inputs: [matrix, matrix],
    step: (tf, [dy, x]) => [
      reluGradient(tf, dy, x),
      reluGradient(tf, dy, tf.relu(x)),
      tf.mul(dy, tf.step(x)),
    ],
  },
  'gradient of batched matMul': gradient((tf, a, b) => tf.matMul(a, b, false, true), [3, 4, 5], [3, 2, 5]),
  'gradient of broadcasting': gradient((_, a, b) => a.mul(b).add(b), matrix, [5]),
  'gradient of conv1d': gradient((tf, x, w) => tf.conv1d(x, w, 1, 'same'), [2, 10, 3], [3, 3, 4]),
  'gradient of conv2d': gradient((tf, x, w) => tf.conv2d(x, w, 2, 'same'), image, [3, 3, 3, 4]),
  'gradient of depthwise conv': gradient(
    (tf, x, w) => tf.depthwiseConv2d(x, w, 1, 'same'),
    image,
    [3, 3, 3, 2],
  ),
  'gradient of avgPool': gradient((tf, x) => tf.avgPool(x, 2, 2, 'same'), image),
  'gradient of maxPool': gradient((tf, x) => tf.maxPool(x, 2, 2, 'same'), image),
  'gradient of batch norm': gradient((tf, x, g, b) => norm(tf, x, [0, 1, 2], g, b), image, [3], [3]),
  'gradient of layer norm': {
    ...gradient((tf, x, g, b) => norm(tf, x, [1], g, b), matrix, [5], [5]),
    units: 1,
  },
  'gradient of gelu': { ...gradient(gelu, matrix), units: 3 },
  'gradient of tanh, sigmoid, softplus': gradient(
    (_, x) => x.tanh().add(x.sigmoid()).add(x.softplus()),
    matrix,
  ),
  'gradient of log softmax': gradient((_, x) => x.logSoftmax(), matrix),
  'gradient of concat and slice': gradient(
    (tf, a, b) => tf.concat([a, b], 1).slice([1, 2], [3, 5]),
    matrix,
    matrix,
  ),
  'gradient of max': gradient((_, x) => x.max(1), matrix),
  'gradient of cross entropy': {
    inputs: [[7, 8], ints([7])],
    step: (tf, [x, n]) =>
      tf.grads((z: Tensor) => tf.losses.softmaxCrossEntropy(tf.oneHot(n, 8), z) as Tensor)([x]),
  },
  'gradient of gather': {
    inputs: [[8, 3], ints([5])],
    step: (tf, [x, at]) => tf.grads((z: Tensor) => tf.gather(z, at).square().sum())([x]),
  },
}

/** Seeded inputs of a case. */
export const inputsOf = (tf: Tf, { inputs }: Case, seed: number): Tensor[] =>
  inputs.map((spec, index) => {
    const [shape, kind] = Array.isArray(spec[0])
      ? (spec as [number[], Kind])
      : [spec as number[], 'float32' as const]
    return sample(tf, shape, kind, seed * 100 + index)
  })
