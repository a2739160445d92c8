import { positions } from '../../numerics/shape'
import type { CodeStyle, LayerCode } from '../code/dialect'
import { weightedLayer, windowOf } from '../code/shapes'
import { factorComment } from '../names'
import type { ExportedNode } from '../network'

/** A number as JavaScript writes it. */
export const javaScript = (value: number): string => String(value)

/** One node in TensorFlow.js: how its variables start, as an object of the lab's names, and its value. */
export function tfjsLayer(node: ExportedNode, style: CodeStyle): LayerCode {
  const { layer, input, output } = node
  const { axes, slot } = style
  const call = (name: string, ...more: string[]): LayerCode => ({
    module: null,
    value: (_self, [x]) => `${name}(${[x, ...more].join(', ')})`,
  })
  const made = (module: string, name: string, ...more: string[]): LayerCode => ({
    module,
    value: (self, [x]) => `${name}(${[self, x, ...more].join(', ')})`,
  })
  switch (layer.layer) {
    case 'linear':
    case 'convolution':
      return weighted(node, style)
    case 'relu':
    case 'tanh':
      return call(`tf.${layer.layer}`)
    case 'leaky-relu':
      return call('tf.leakyRelu', javaScript(layer.slope))
    case 'gelu':
    case 'silu':
      return call(layer.layer)
    case 'identity':
      return { module: null, value: (_self, [x]) => x }
    case 'batch-norm': {
      const start = `batchNormStart(${slot('units', input.units)})`
      return made(start, 'batchNorm', 'training', ...epsilonOf(layer))
    }
    case 'group-norm': {
      const start = `normStart(${slot('units', input.units)})`
      return made(start, 'groupNorm', String(layer.groups), ...epsilonOf(layer))
    }
    case 'center':
      return made(`centerStart(${slot('units', input.units)})`, 'center', 'training')
    case 'scale': {
      const factor = layer.perBlock ? slot('factor', layer.factor, true) : javaScript(layer.factor)
      const comment = layer.perBlock ? '' : factorComment(layer.text, factor)
      return { module: null, value: (_self, [x]) => `tf.mul(${factor}, ${x})`, comment }
    }
    case 'gain': {
      const shape = layer.perUnit ? `[${slot('units', input.units)}]` : '[]'
      const module = `{ gain: tf.variable(tf.fill(${shape}, ${javaScript(layer.initial)})) }`
      return { module, value: (self, [x]) => `tf.mul(${self}.gain, ${x})` }
    }
    case 'shift': {
      const module = `{ shift: tf.variable(tf.scalar(${javaScript(layer.initial)})) }`
      return { module, value: (self, [x]) => `tf.add(${x}, ${self}.shift)` }
    }
    case 'dropout':
      return call('dropout', javaScript(layer.rate), 'training')
    case 'stochastic-depth':
      return call('stochasticDepth', slot('keep', layer.keep, true), 'training')
    case 'average-pool':
    case 'max-pool': {
      const { padding, hasPadding } = windowOf(layer, axes)
      const isMean = layer.layer === 'average-pool'
      const margins = `[${padding.join(', ')}]${isMean ? '' : ', -Infinity'}`
      const given = `[${layer.kernel.join(', ')}], [${layer.stride.join(', ')}]`
      return {
        module: null,
        value: (_self, [x]) =>
          `pool(tf.${isMean ? 'avg' : 'max'}Pool, ${hasPadding ? `padded(${x}, ${margins})` : x}, ${given})`,
      }
    }
    case 'shortcut': {
      const stride = slot('stride', positions(input) > 1 ? layer.stride : 1, true)
      return call('shortcut', stride, slot('units', output.units, true))
    }
    case 'sum':
      return { module: null, value: (_self, [a, b]) => `tf.add(${a}, ${b})` }
    case 'product':
      return { module: null, value: (_self, [a, b]) => `tf.mul(${a}, ${b})` }
  }
}

/** What the norms of the helpers have by themselves. */
const EPSILON = 1e-5
const epsilonOf = ({ epsilon }: { epsilon: number }) => (epsilon === EPSILON ? [] : [javaScript(epsilon)])

/** A layer's variables as they start. @param sizes of its weights, in the code */
export function drawn(
  sizes: readonly (number | string)[],
  factor: number,
  hasBias: boolean,
  { init }: CodeStyle,
): string {
  const more = [...(factor === 1 && hasBias ? [] : [javaScript(factor)]), ...(hasBias ? [] : ['false'])]
  return `${init === 'pytorch' ? 'uniform' : init}(${[`[${sizes.join(', ')}]`, ...more].join(', ')})`
}

function weighted(node: ExportedNode, style: CodeStyle): LayerCode {
  const { slot } = style
  const { window, hasBias, factor, standardised } = weightedLayer(node, style)!
  const sizes = [slot('inputs', node.input.units), slot('units', node.output.units)]
  const module = drawn([...(window?.kernel ?? []), ...sizes], factor, hasBias, style)
  const layer = (self: string) => (standardised ? `standardised(${self}, ${javaScript(standardised)})` : self)
  if (!window) return { module, value: (self, [x]) => `linear(${layer(self)}, ${x})` }
  const { stride, padding } = window
  const isSquare = stride.every((value) => value === stride[0])
  const step = isSquare ? slot('stride', stride[0], true) : ''
  const steps = `[${(isSquare ? stride.map(() => step) : stride).join(', ')}]`
  return {
    module,
    value: (self, [x]) => `convolution(${layer(self)}, ${x}, ${steps}, [${padding.join(', ')}])`,
  }
}
