import type { StandardLayer } from '../../graph/standard-layer'
import { positions } from '../../numerics/shape'
import type { ExportedNode } from '../network'
import { factorComment } from '../names'
import type { CodeStyle, LayerCode } from '../code/dialect'
import { UNCHANGED, called, infix } from '../code/layer-code'
import { python } from '../code/python'
import { along, strideText, weightedLayer, windowOf } from '../code/shapes'

/** Linear layers of networks with positions are convolutions of one place. */
const ONE = { kernel: [1], stride: [1], padding: [0], hasPadding: false }

/** One node in PyTorch: the layer that PyTorch has, or a line that does the same. */
export function torchLayer(node: ExportedNode, style: CodeStyle): LayerCode {
  const { layer, input, output } = node
  const { axes, slot } = style
  const asModule = (module: string): LayerCode => ({ module, value: (self, [x]) => `${self}(${x})` })
  /** What broadcasts over positions. */
  const perUnit = (units: string) =>
    `(${[units, ...new Array<string>(axes).fill('1')].join(', ')}${axes ? '' : ','})`
  switch (layer.layer) {
    case 'linear':
    case 'convolution':
      return weighted(node, style)
    case 'relu':
      return called('F.relu')
    case 'leaky-relu':
      return called('F.leaky_relu', python(layer.slope))
    case 'gelu':
      return called('F.gelu')
    case 'silu':
      return called('F.silu')
    case 'tanh':
      return called('torch.tanh')
    case 'identity':
      return UNCHANGED
    case 'batch-norm':
      return asModule(`nn.BatchNorm${axes === 2 ? 2 : 1}d(${slot('units', input.units)}${epsilonOf(layer)})`)
    case 'group-norm': {
      const units = slot('units', input.units)
      const isVector = axes === 0 && layer.groups === 1
      const norm = isVector ? `nn.LayerNorm(${units}` : `nn.GroupNorm(${layer.groups}, ${units}`
      return asModule(`${norm}${epsilonOf(layer)})`)
    }
    case 'center':
      return asModule(`Center(${slot('units', input.units)})`)
    case 'scale': {
      const factor = layer.perBlock ? slot('factor', layer.factor) : python(layer.factor)
      if (!layer.perBlock) {
        const comment = factorComment(layer.text, factor)
        return { module: null, value: (_self, [x]) => `${factor} * ${x}`, comment }
      }
      return { module: factor, value: (self, [x]) => `${self} * ${x}` }
    }
    case 'gain': {
      const shape = layer.perUnit ? perUnit(slot('units', input.units)) : '()'
      return {
        module: `nn.Parameter(torch.full(${shape}, ${floating(layer.initial)}))`,
        value: (self, [x]) => `${self} * ${x}`,
      }
    }
    case 'shift':
      return {
        module: `nn.Parameter(torch.full((), ${floating(layer.initial)}))`,
        value: (self, [x]) => `${x} + ${self}`,
      }
    case 'dropout':
      return asModule(`nn.Dropout(${python(layer.rate)})`)
    case 'stochastic-depth':
      return asModule(`StochasticDepth(${slot('keep', layer.keep)})`)
    case 'average-pool':
    case 'max-pool':
      return pool(layer, axes)
    case 'shortcut': {
      const step = slot('stride', positions(input) > 1 ? layer.stride : 1, true)
      return called('shortcut', step, slot('units', output.units, true))
    }
    case 'sum':
      return infix('+')
    case 'product':
      return infix('*')
  }
}

/** What PyTorch's norms have by themselves. */
const TORCH_EPSILON = 1e-5
const epsilonOf = ({ epsilon }: { epsilon: number }) => (epsilon === TORCH_EPSILON ? '' : `, eps=${epsilon}`)

/** With a point, so that torch.full makes a float of it. */
const floating = (value: number) => (Number.isInteger(value) ? `${value}.0` : python(value))

/** Who draws weights, by the experiment's initialisation. */
const DRAWN: Record<CodeStyle['init'], string> = {
  he: 'he',
  lecun: 'lecun',
  glorot: 'glorot',
  pytorch: 'uniform',
}

/** A layer whose weights are drawn. @param factor on their standard deviation */
export const drawn = (module: string, factor: number, { init }: CodeStyle): string =>
  factor === 1 ? `${DRAWN[init]}(${module})` : `${DRAWN[init]}(${module}, ${python(factor)})`

function weighted(node: ExportedNode, style: CodeStyle): LayerCode {
  const { axes, slot } = style
  const { window, hasBias, factor, standardised } = weightedLayer(node, style)!
  const sizes = `${slot('inputs', node.input.units)}, ${slot('units', node.output.units)}`
  const { kernel, stride, padding, hasPadding } = window ?? ONE
  const more = (isInForward: boolean) => {
    const step = strideText(stride, slot, isInForward)
    return [...(step === '1' ? [] : [`stride=${step}`]), ...(hasPadding ? [`padding=${along(padding)}`] : [])]
  }
  const bias = hasBias ? [] : ['bias=False']
  const kind = axes === 0 ? 'nn.Linear' : `nn.Conv${axes}d`
  const given = axes === 0 ? [sizes, ...bias] : [sizes, along(kernel), ...more(false), ...bias]
  const module = drawn(`${kind}(${given.join(', ')})`, factor, style)
  if (!standardised) return { module, value: (self, [x]) => `${self}(${x})` }
  const call = axes === 0 ? 'F.linear' : `F.conv${axes}d`
  const again = axes === 0 ? [] : more(true)
  return {
    module,
    value(self, [x]) {
      const effective = `standardised(${self}.weight, ${python(standardised)})`
      return `${call}(${[x, effective, hasBias ? `${self}.bias` : 'None', ...again].join(', ')})`
    },
  }
}

function pool(
  layer: Extract<StandardLayer, { layer: 'average-pool' | 'max-pool' }>,
  axes: 0 | 1 | 2,
): LayerCode {
  const { kernel, stride, padding, hasPadding } = windowOf(layer, axes)
  const isMean = layer.layer === 'average-pool'
  const name = `F.${isMean ? 'avg' : 'max'}_pool${axes}d`
  // PyTorch pads by half a kernel at most.
  const fits = padding.every((margin, i) => 2 * margin <= kernel[i])
  const inside = fits && hasPadding ? [`padding=${along(padding)}`] : []
  const given = [along(kernel), along(stride), ...inside].join(', ')
  return {
    module: null,
    value(_self, [x]) {
      if (fits) return `${name}(${x}, ${given})`
      const margins = [...padding].reverse().flatMap((margin) => [margin, margin])
      const value = isMean ? '' : ", value=float('-inf')"
      return `${name}(F.pad(${x}, (${margins.join(', ')})${value}), ${given})`
    },
  }
}
