import type { GraphNode } from '../graph/block-graph'
import { scaledGradient } from '../moments/grid-moments'
import { scaleLaw } from '../moments/law'
import type { Moments } from '../moments/moments'
import { scaleParticles } from '../moments/trajectories'
import type { BlockIndex } from '../graph/parameter-shape'
import type { Operation } from './operation'
import { shortNumber } from './symbols'

/** Multiplication by a constant. */
export const scale: Operation<Extract<GraphNode, { op: 'scale' }>> = {
  title: 'scale',
  kind: 'scale',
  definition: 'Multiplication of every value by a constant.',
  symbol: (node) => `×${node.text}`,
  inputs: 1,
  fields: [
    {
      key: 'factor',
      label: 'Factor',
      type: 'number',
      default: 0.5,
      definition: 'What every value is multiplied by.',
    },
    {
      key: 'text',
      label: 'Written as',
      type: 'text',
      default: '1/2',
      definition: 'How the factor is written on pictures.',
    },
  ],
  shape: (_node, [input]) => input,
  parameters: () => [],
  layer: ({ factor, text }) => ({ layer: 'scale', factor, text, perBlock: false }),
  sign: (node) => (node.factor > 0 ? 'kept' : null),
  forward: (math, node, [x]) => ({ output: math.scale(x, node.factor), saved: [] }),
  backward: (math, node, gradient) => ({ inputs: [math.scale(gradient, node.factor)], parameters: [] }),
  coefficients: (node) => [node.factor],
  law: { ...scaleLaw((node) => node.factor), constant: (node) => node.factor },
  moments: (node, [x]) => scaleMoments(x, node.factor),
  gradientMoments: (node, gradient) => [scaledGradient(gradient, node.factor ** 2)],
  particles: (node, [x]) => scaleParticles(x, node.factor),
  gradientParticles: (node, gradient) => [gradient.map((g) => g * node.factor)],
}

/** Multiplication by one learned scalar, shared by all units. */
export const gain: Operation<Extract<GraphNode, { op: 'gain' }>> = {
  title: 'learned scale',
  kind: 'scale',
  definition: 'Multiplication of every value by one learned number.',
  symbol: (node) => `×${shortNumber(node.initial)}`,
  inputs: 1,
  fields: [
    {
      key: 'initial',
      label: 'Initial value',
      type: 'number',
      default: 0,
      definition: 'Where the learned number starts.',
    },
  ],
  shape: (_node, [input]) => input,
  parameters: (node) => [{ role: 'gain', shape: [1, 1], fanIn: 1, initial: node.initial }],
  layer: ({ initial }) => ({ layer: 'gain', perUnit: false, initial }),
  forward: (math, _node, [x], [factor]) => ({ output: math.multiply(x, factor), saved: [x] }),
  backward: (math, _node, gradient, [x], [factor]) => ({
    inputs: [math.multiply(gradient, factor)],
    parameters: [math.sum(math.multiply(gradient, x), [1, 2])],
  }),
  coefficients: (node) => [node.initial],
  law: scaleLaw((node) => node.initial),
  moments: (node, [x]) => scaleMoments(x, node.initial),
  gradientMoments: (node, gradient) => [scaledGradient(gradient, node.initial ** 2)],
  particles: (node, [x]) => scaleParticles(x, node.initial),
  gradientParticles: (node, gradient) => [gradient.map((g) => g * node.initial)],
}

/** Multiplication by a constant of the block's own. */
export const blockScale: Operation<BlockScale> = {
  title: 'scale by block',
  kind: 'scale',
  definition: 'Multiplication of every value by a constant that differs from block to block.',
  symbol: (node) => `×${node.text}`,
  inputs: 1,
  fields: [
    {
      key: 'factors',
      label: 'Factors',
      type: 'numbers',
      default: [1],
      definition: 'Block k multiplies by the k-th of these numbers; after the last comes the first again.',
    },
    {
      key: 'text',
      label: 'Written as',
      type: 'text',
      default: '1/β',
      definition: 'How the factor is written on pictures.',
    },
  ],
  shape: (_node, [input]) => input,
  parameters: (node, _input, _output, at) => [
    { role: 'constant', shape: [1, 1], fanIn: 1, initial: factorOf(node, at) },
  ],
  layer: (node, _input, _output, at) => ({
    layer: 'scale',
    factor: factorOf(node, at),
    text: node.text,
    perBlock: true,
  }),
  forward: (math, _node, [x], [factor]) => ({ output: math.multiply(x, factor), saved: [] }),
  backward: (math, _node, gradient, _saved, [factor]) => ({
    inputs: [math.multiply(gradient, factor)],
    parameters: [],
  }),
  coefficients: (node, at) => [factorOf(node, at)],
  moments: (node, [x], { at }) => scaleMoments(x, factorOf(node, at)),
  gradientMoments: (node, gradient, _inputs, { at }) => [scaledGradient(gradient, factorOf(node, at) ** 2)],
  particles: (node, [x], { at }) => scaleParticles(x, factorOf(node, at)),
  gradientParticles: (node, gradient, _inputs, _output, { at }) => [
    gradient.map((g) => g * factorOf(node, at)),
  ],
}

type BlockScale = Extract<GraphNode, { op: 'block-scale' }>

const factorOf = ({ factors }: BlockScale, { block }: BlockIndex) => factors[(block - 1) % factors.length]

/** Multiplication by learned numbers, one for each unit, that all start at `initial`. */
export const diagonal: Operation<Extract<GraphNode, { op: 'diagonal' }>> = {
  title: 'learned scale per unit',
  kind: 'scale',
  definition: 'Multiplication of each unit by a learned number of its own (a diagonal matrix).',
  symbol: (node) => `⊙${shortNumber(node.initial)}`,
  inputs: 1,
  fields: [
    {
      key: 'initial',
      label: 'Initial value',
      type: 'number',
      default: 0.1,
      definition: 'Where all the learned numbers start.',
    },
  ],
  shape: (_node, [input]) => input,
  parameters: (node, { units }) => [{ role: 'gain', shape: [1, units], fanIn: 1, initial: node.initial }],
  layer: ({ initial }) => ({ layer: 'gain', perUnit: true, initial }),
  forward: (math, _node, [x], [factors]) => ({ output: math.multiply(x, factors), saved: [x] }),
  backward: (math, _node, gradient, [x], [factors]) => ({
    inputs: [math.multiply(gradient, factors)],
    parameters: [math.sum(math.multiply(gradient, x), [1])],
  }),
  coefficients: (node) => [node.initial],
  moments: (node, [x]) => scaleMoments(x, node.initial),
  gradientMoments: (node, gradient) => [scaledGradient(gradient, node.initial ** 2)],
  particles: (node, [x]) => scaleParticles(x, node.initial),
  gradientParticles: (node, gradient) => [gradient.map((g) => g * node.initial)],
}

const scaleMoments = (x: Moments, factor: number): Moments => ({
  ...x,
  mean: x.mean.map((mean) => mean * factor),
  kernel: x.kernel.map((moment) => moment * factor ** 2),
  grid: x.grid && {
    ...x.grid,
    square: x.grid.square.map((square) => square * factor ** 2),
    mean: x.grid.mean.map((mean) => mean * factor),
  },
})
