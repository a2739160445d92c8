import { positions } from '../../numerics/shape'
import type { CodeStyle, LayerCode } from '../code/dialect'
import { UNCHANGED, called, calledWithOwn, infix, weightedFunction } from '../code/layer-code'
import { python } from '../code/python'
import { tuple, windowOf } from '../code/shapes'
import { factorComment } from '../names'
import type { ExportedNode } from '../network'

/**
 * One node in JAX: how its parameters start, as an entry of a dictionary of the lab's names, and its value. What is
 * kept of a node that draws is the key that it draws with.
 */
export function jaxLayer(node: ExportedNode, style: CodeStyle): LayerCode {
  const { layer, input, output } = node
  const { axes, slot } = style
  switch (layer.layer) {
    case 'linear':
    case 'convolution':
      return weightedFunction(node, style, { number: python, list: tuple, drawn })
    case 'relu':
    case 'silu':
      return called(`jax.nn.${layer.layer}`)
    case 'leaky-relu':
      return called('jax.nn.leaky_relu', python(layer.slope))
    case 'gelu':
      return called('jax.nn.gelu', 'approximate=False')
    case 'tanh':
      return called('jnp.tanh')
    case 'identity':
      return UNCHANGED
    case 'batch-norm':
      return calledWithOwn(
        `batch_norm_parameters(${slot('units', input.units)})`,
        ...['batch_norm', 'mode', ...epsilonOf(layer)],
      )
    case 'group-norm':
      return calledWithOwn(
        `norm_parameters(${slot('units', input.units)})`,
        ...['group_norm', String(layer.groups), ...epsilonOf(layer)],
      )
    case 'center':
      return calledWithOwn(`{'mean': jnp.zeros(${slot('units', input.units)})}`, 'center', 'mode')
    case 'scale': {
      const factor = layer.perBlock ? slot('factor', layer.factor, true) : python(layer.factor)
      const comment = layer.perBlock ? '' : factorComment(layer.text, factor)
      return { module: null, value: (_self, [x]) => `${factor} * ${x}`, comment }
    }
    case 'gain': {
      const shape = layer.perUnit ? slot('units', input.units) : '()'
      const module = `{'gain': jnp.full(${shape}, ${floating(layer.initial)})}`
      return { module, value: (self, [x]) => `${self}['gain'] * ${x}` }
    }
    case 'shift': {
      const module = `{'shift': jnp.full((), ${floating(layer.initial)})}`
      return { module, value: (self, [x]) => `${x} + ${self}['shift']` }
    }
    case 'dropout':
      return drawing('dropout', python(layer.rate))
    case 'stochastic-depth':
      return drawing('stochastic_depth', slot('keep', layer.keep, true))
    case 'average-pool':
    case 'max-pool': {
      const { kernel, stride, padding } = windowOf(layer, axes)
      return called(layer.layer.replace('-', '_'), tuple(kernel), tuple(stride), tuple(padding))
    }
    case 'shortcut': {
      const stride = slot('stride', positions(input) > 1 ? layer.stride : 1, true)
      return called('shortcut', stride, slot('units', output.units, true))
    }
    case 'sum':
      return infix('+')
    case 'product':
      return infix('*')
  }
}

const drawing = (name: string, given: string): LayerCode => ({
  module: null,
  value: (key, [x]) => `${name}(${x}, ${given}, mode, ${key})`,
})

/** What the norms of the helpers have by themselves. */
const EPSILON = 1e-5
const epsilonOf = ({ epsilon }: { epsilon: number }) => (epsilon === EPSILON ? [] : [`epsilon=${epsilon}`])

/** With a point: of a whole number jnp.full makes an array of whole numbers. */
const floating = (value: number) => (Number.isInteger(value) ? `${value}.0` : python(value))

/** A layer's parameters as they start. @param sizes of its weights, in the code */
export function drawn(
  sizes: readonly (number | string)[],
  factor: number,
  hasBias: boolean,
  { init }: CodeStyle,
): string {
  const name = init === 'pytorch' ? 'uniform' : init
  const more = [...(factor === 1 ? [] : [python(factor)]), ...(hasBias ? [] : ['bias=False'])]
  return `${name}(${['next(keys)', tuple(sizes), ...more].join(', ')})`
}
