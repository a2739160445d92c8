import type { StandardLayer } from '../../graph/standard-layer'
import { positions } from '../../numerics/shape'
import type { CodeStyle, LayerCode } from '../code/dialect'
import { UNCHANGED, called, infix } from '../code/layer-code'
import { python } from '../code/python'
import { along, isSame, strideText, weightedLayer, windowOf } from '../code/shapes'
import { factorComment, quoted } from '../names'
import type { ExportedNode } from '../network'

/** Of the average that batch norm keeps, in PyTorch's sense 0.1: what the lab's other exports have. */
const MOMENTUM = 'momentum=0.9'

/** One node in Keras: the layer that Keras has, an operation of keras.ops, or a layer of `KERAS_HELPERS`. */
export function kerasLayer(node: ExportedNode, style: CodeStyle): LayerCode {
  const { layer, input, output } = node
  const { axes, slot } = style
  /** A layer with weights is named as its arrays are in the lab. */
  const made = (type: string, given: readonly string[], { named = false, trains = false }): LayerCode => ({
    module: `${type}(${[...given, ...(named ? [nameOf(node, style)] : [])].join(', ')})`,
    value: (self, [x]) => `${self}(${x}${trains ? ', training=training' : ''})`,
  })
  const named = { named: true }
  switch (layer.layer) {
    case 'linear':
    case 'convolution':
      return weighted(node, style)
    case 'relu':
    case 'silu':
    case 'tanh':
      return called(`ops.${layer.layer}`)
    case 'leaky-relu':
      return called('ops.leaky_relu', python(layer.slope))
    case 'gelu':
      return called('ops.gelu', 'approximate=False')
    case 'identity':
      return UNCHANGED
    case 'batch-norm':
      return made('layers.BatchNormalization', [MOMENTUM, `epsilon=${python(layer.epsilon)}`], {
        named: true,
        trains: true,
      })
    case 'group-norm': {
      const epsilon = `epsilon=${python(layer.epsilon)}`
      if (axes === 0 && layer.groups === 1) return made('layers.LayerNormalization', [epsilon], named)
      return made('layers.GroupNormalization', [String(layer.groups), epsilon], named)
    }
    case 'center':
      return made('Center', [], { named: true, trains: true })
    case 'scale': {
      if (layer.perBlock)
        return { module: slot('factor', layer.factor), value: (self, [x]) => `${self} * ${x}` }
      const factor = python(layer.factor)
      return {
        module: null,
        value: (_self, [x]) => `${factor} * ${x}`,
        comment: factorComment(layer.text, factor),
      }
    }
    case 'gain': {
      const given = [...(layer.perUnit ? ['per_unit=True'] : []), `initial=${python(layer.initial)}`]
      return made('Gain', given, named)
    }
    case 'shift':
      return made('Shift', [`initial=${python(layer.initial)}`], named)
    case 'dropout':
      return made('layers.Dropout', [python(layer.rate)], { trains: true })
    case 'stochastic-depth':
      return made('StochasticDepth', [slot('keep', layer.keep)], { trains: true })
    case 'average-pool':
    case 'max-pool':
      return pool(layer, axes)
    case 'shortcut': {
      const stride = slot('stride', positions(input) > 1 ? layer.stride : 1)
      return made('Shortcut', [stride, slot('units', output.units)], {})
    }
    case 'sum':
      return infix('+')
    case 'product':
      return infix('*')
  }
}

/** `load` finds a layer's arrays by its name. */
const nameOf = ({ id }: ExportedNode, { names }: CodeStyle): string => `name=${quoted(names.get(id)!)}`

/** What draws weights, and biases where they are not 0. @param fanIn in the code */
export function drawn(factor: number, fanIn: string, hasBias: boolean, { init }: CodeStyle): string[] {
  // Keras draws no numbers of variance 0.
  if (factor === 0) return ["kernel_initializer='zeros'"]
  const gain = factor === 1 ? '' : python(factor)
  if (init !== 'pytorch') return [`kernel_initializer=${init}(${gain})`]
  const draws = `uniform(${[fanIn, ...(gain ? [gain] : [])].join(', ')})`
  return [`kernel_initializer=${draws}`, ...(hasBias ? [`bias_initializer=${draws}`] : [])]
}

function weighted(node: ExportedNode, style: CodeStyle): LayerCode {
  const { axes, slot } = style
  const { window, hasBias, factor, standardised } = weightedLayer(node, style)!
  const taps = window ? window.kernel.reduce((product, size) => product * size, 1) : 1
  // Keras finds the number of inputs by itself, but for the bounds of uniform weights.
  const inputs = style.init === 'pytorch' && factor !== 0 ? slot('inputs', node.input.units) : ''
  const units = slot('units', node.output.units)
  const isPadded = window?.hasPadding && !isSame(window)
  const step = window ? strideText(window.stride, slot) : '1'
  const sizes = window
    ? [
        ...[units, along(window.kernel)],
        ...(step === '1' ? [] : [`strides=${step}`]),
        ...(window.hasPadding && !isPadded ? ["padding='same'"] : []),
      ]
    : [units]
  const given = [
    ...sizes,
    ...(hasBias ? [] : ['use_bias=False']),
    ...drawn(factor, taps === 1 ? inputs : `${taps} * ${inputs}`, hasBias, style),
    ...(standardised ? [`standardised=${python(standardised)}`] : []),
    nameOf(node, style),
  ]
  const kind = window ? `Conv${axes}D` : 'Dense'
  return {
    module: `${standardised ? 'Standardised' : 'layers.'}${kind}(${given.join(', ')})`,
    value: (self, [x]) => `${self}(${isPadded ? padded(x, window.padding) : x})`,
  }
}

const padded = (x: string, padding: readonly number[]): string => `padded(${x}, [${padding.join(', ')}])`

function pool(
  layer: Extract<StandardLayer, { layer: 'average-pool' | 'max-pool' }>,
  axes: 0 | 1 | 2,
): LayerCode {
  const { kernel, stride, padding, hasPadding } = windowOf(layer, axes)
  const isMean = layer.layer === 'average-pool'
  const pooled = (x: string) =>
    `ops.${isMean ? 'average' : 'max'}_pool(${x}, ${along(kernel)}, ${along(stride)}, 'valid')`
  if (!hasPadding) return { module: null, value: (_self, [x]) => pooled(x) }
  if (isMean) return { module: null, value: (_self, [x]) => pooled(padded(x, padding)) }
  return {
    module: `LowestPadding([${padding.join(', ')}])`,
    value: (self, [x]) => pooled(`${self}(${x})`),
  }
}
