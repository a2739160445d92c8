import { positions } from '../../numerics/shape'
import type { CodeStyle, LayerCode } from '../code/dialect'
import { python } from '../code/python'
import { tuple, weightedLayer, windowOf } from '../code/shapes'
import { factorComment } from '../names'
import type { ExportedNode } from '../network'

/**
 * One node in JAX: how its parameters start, as an entry of a dictionary of the lab's names, and its value. What is
 * kept of a node that draws is the key that it draws with.
 */
export function jaxLayer(node: ExportedNode, style: CodeStyle): LayerCode {
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
    case 'silu':
      return call(`jax.nn.${layer.layer}`)
    case 'leaky-relu':
      return call('jax.nn.leaky_relu', python(layer.slope))
    case 'gelu':
      return call('jax.nn.gelu', 'approximate=False')
    case 'tanh':
      return call('jnp.tanh')
    case 'identity':
      return { module: null, value: (_self, [x]) => x }
    case 'batch-norm':
      return made(
        `batch_norm_parameters(${slot('units', input.units)})`,
        ...['batch_norm', 'mode', ...epsilonOf(layer)],
      )
    case 'group-norm':
      return made(
        `norm_parameters(${slot('units', input.units)})`,
        ...['group_norm', String(layer.groups), ...epsilonOf(layer)],
      )
    case 'center':
      return made(`{'mean': jnp.zeros(${slot('units', input.units)})}`, 'center', 'mode')
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
      return call(layer.layer.replace('-', '_'), tuple(kernel), tuple(stride), tuple(padding))
    }
    case 'shortcut': {
      const stride = slot('stride', positions(input) > 1 ? layer.stride : 1, true)
      return call('shortcut', stride, slot('units', output.units, true))
    }
    case 'sum':
      return { module: null, value: (_self, [a, b]) => `${a} + ${b}` }
    case 'product':
      return { module: null, value: (_self, [a, b]) => `${a} * ${b}` }
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

/** A layer's parameters as they start. @param shape in the code */
export function drawn(shape: string, factor: number, hasBias: boolean, { init }: CodeStyle): string {
  const name = init === 'pytorch' ? 'uniform' : init
  const more = [...(factor === 1 ? [] : [python(factor)]), ...(hasBias ? [] : ['bias=False'])]
  return `${name}(${['next(keys)', shape, ...more].join(', ')})`
}

function weighted(node: ExportedNode, style: CodeStyle): LayerCode {
  const { slot } = style
  const { window, hasBias, factor, standardised } = weightedLayer(node, style)!
  const sizes = [slot('inputs', node.input.units), slot('units', node.output.units)]
  const module = drawn(tuple([...(window?.kernel ?? []), ...sizes]), factor, hasBias, style)
  const layer = (self: string) => (standardised ? `standardised(${self}, ${python(standardised)})` : self)
  if (!window) return { module, value: (self, [x]) => `linear(${layer(self)}, ${x})` }
  const { stride, padding } = window
  const isSquare = stride.every((value) => value === stride[0])
  const step = isSquare ? slot('stride', stride[0], true) : ''
  const given = [tuple(isSquare ? stride.map(() => step) : stride), tuple(padding)]
  return { module, value: (self, [x]) => `convolution(${[layer(self), x, ...given].join(', ')})` }
}
