import { positions } from '../../numerics/shape'
import type { CodeStyle, LayerCode } from '../code/dialect'
import { UNCHANGED, called, calledWithOwn, weightedFunction } from '../code/layer-code'
import { windowOf } from '../code/shapes'
import { factorComment } from '../names'
import type { ExportedNode } from '../network'

/** A number as JavaScript writes it. */
export const javaScript = (value: number): string => String(value)

const list = (values: readonly (number | string)[]): string => `[${values.join(', ')}]`

/** One node in TensorFlow.js: how its variables start, as an object of the lab's names, and its value. */
export function tfjsLayer(node: ExportedNode, style: CodeStyle): LayerCode {
  const { layer, input, output } = node
  const { axes, slot } = style
  switch (layer.layer) {
    case 'linear':
    case 'convolution':
      return weightedFunction(node, style, { number: javaScript, list, drawn })
    case 'relu':
    case 'tanh':
      return called(`tf.${layer.layer}`)
    case 'leaky-relu':
      return called('tf.leakyRelu', javaScript(layer.slope))
    case 'gelu':
    case 'silu':
      return called(layer.layer)
    case 'identity':
      return UNCHANGED
    case 'batch-norm': {
      const start = `batchNormStart(${slot('units', input.units)})`
      return calledWithOwn(start, 'batchNorm', 'training', ...epsilonOf(layer))
    }
    case 'group-norm': {
      const start = `normStart(${slot('units', input.units)})`
      return calledWithOwn(start, 'groupNorm', String(layer.groups), ...epsilonOf(layer))
    }
    case 'center':
      return calledWithOwn(`centerStart(${slot('units', input.units)})`, 'center', 'training')
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
      return called('dropout', javaScript(layer.rate), 'training')
    case 'stochastic-depth':
      return called('stochasticDepth', slot('keep', layer.keep, true), 'training')
    case 'average-pool':
    case 'max-pool': {
      const { padding, hasPadding } = windowOf(layer, axes)
      const isMean = layer.layer === 'average-pool'
      const margins = `${list(padding)}${isMean ? '' : ', -Infinity'}`
      const given = `${list(layer.kernel)}, ${list(layer.stride)}`
      return {
        module: null,
        value: (_self, [x]) =>
          `pool(tf.${isMean ? 'avg' : 'max'}Pool, ${hasPadding ? `padded(${x}, ${margins})` : x}, ${given})`,
      }
    }
    case 'shortcut': {
      const stride = slot('stride', positions(input) > 1 ? layer.stride : 1, true)
      return called('shortcut', stride, slot('units', output.units, true))
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
  return `${init === 'pytorch' ? 'uniform' : init}(${[list(sizes), ...more].join(', ')})`
}
