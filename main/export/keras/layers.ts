import type { StandardLayer } from '../../../shared/graph/standard-layer'
import { ofAxes, windowOf } from '../../../shared/export/code/shapes'
import { sampleAxes } from '../../../shared/export/layout'
import {
  layerNamesOf,
  partsOf,
  type ExportedNetwork,
  type ExportedNode,
  type ExportedPart,
  type NetworkArrays,
} from '../../../shared/export/network'
import { effectiveValues } from '../../../shared/export/weights'
import { positions, type Shape } from '../../../shared/numerics/shape'
import { writePart } from '../write-part'

/** A weight of a layer, and which of the lab's arrays it is. */
export interface KerasWeight {
  source: string
  dims: readonly number[]
  values: Float32Array
}

/** A layer of Keras's functional interface. */
export interface KerasLayer {
  /** The class: Keras's own, or of `KERAS_LAYERS_FILE` where `isOurs`. */
  type: string
  isOurs: boolean
  name: string
  config: Readonly<Record<string, unknown>>
  inputs: readonly string[]
  /** In the order in which Keras keeps them. */
  weights: readonly KerasWeight[]
  /** Of a sample of its output. */
  shape: readonly number[]
}

export interface KerasNetwork {
  input: { name: string; dims: readonly number[] }
  layers: KerasLayer[]
  output: string
}

type Given = Partial<Pick<KerasLayer, 'isOurs' | 'weights'>>

/** A network in evaluation as layers of Keras; channels come last. */
export function kerasNetwork(network: ExportedNetwork, arrays: NetworkArrays): KerasNetwork {
  return new Writer(network, arrays).network()
}

class Writer {
  private readonly layers: KerasLayer[] = []
  private readonly names: ReadonlyMap<string, string>

  constructor(
    private readonly exported: ExportedNetwork,
    private readonly arrays: NetworkArrays,
  ) {
    this.names = layerNamesOf(exported)
  }

  network(): KerasNetwork {
    const { input, top, outputs, outputName, axes } = this.exported
    const last = partsOf(this.exported).reduce((h, part) => this.part(part, h), 'input')
    const from = { name: 'input', dims: this.dims(input) }
    if (outputs === null) return { input: from, layers: this.layers, output: this.ending(last) }
    const features =
      axes === 0 ? last : this.add(`GlobalAveragePooling${axes}D`, 'pooled', [last], {}, [top.units])
    const weights = [this.weight('output.weight'), this.row('output.bias')]
    const config = { units: outputs, activation: 'linear', use_bias: true }
    return {
      input: from,
      layers: this.layers,
      output: this.add('Dense', outputName, [features], config, [outputs], { weights }),
    }
  }

  /** A network without layers has an output all the same. */
  private ending(last: string): string {
    if (last !== 'input') return last
    return this.add('Identity', 'h', [last], {}, this.dims(this.exported.top))
  }

  private part(part: ExportedPart, h: string): string {
    return writePart(part, h, (node, _name, inputs) => {
      const [source, name] = [node.id, this.names.get(node.id)!].map((own) => `${part.name}.${own}`)
      return this.node(node, source, name, inputs)
    })
  }

  private node(node: ExportedNode, source: string, name: string, inputs: readonly string[]): string {
    const { axes } = this.exported
    const { layer, output } = node
    const shape = this.dims(output)
    const add = (type: string, config: Record<string, unknown> = {}, given: Given = {}) =>
      this.add(type, name, inputs, config, shape, given)
    const ours = (type: string, config: Record<string, unknown>, weights: KerasWeight[] = []) =>
      add(type, config, { isOurs: true, weights })
    switch (layer.layer) {
      case 'linear':
      case 'convolution':
        return this.weighted(node, layer, source, name, inputs[0])
      case 'relu':
        return add('ReLU')
      case 'leaky-relu':
        return add('LeakyReLU', { negative_slope: layer.slope })
      case 'gelu':
      case 'silu':
      case 'tanh':
        return add('Activation', { activation: layer.layer })
      case 'identity':
        return inputs[0]
      case 'batch-norm':
        return add(
          'BatchNormalization',
          { axis: -1, epsilon: layer.epsilon },
          { weights: this.rows(source, 4) },
        )
      case 'group-norm': {
        const weights = this.rows(source, 2)
        if (axes === 0 && layer.groups === 1)
          return add('LayerNormalization', { axis: -1, epsilon: layer.epsilon }, { weights })
        return add(
          'GroupNormalization',
          { groups: layer.groups, axis: -1, epsilon: layer.epsilon },
          { weights },
        )
      }
      case 'center':
        return ours('Center', {}, [this.row(`${source}.mean`)])
      case 'scale':
        return add('Rescaling', { scale: layer.factor, offset: 0 })
      case 'stochastic-depth':
        return add('Rescaling', { scale: layer.keep, offset: 0 })
      case 'gain': {
        const weight = layer.perUnit ? this.row(`${source}.gain`) : this.number(`${source}.gain`)
        return ours('Gain', { per_unit: layer.perUnit, initial: layer.initial }, [weight])
      }
      case 'shift':
        return ours('Shift', { initial: layer.initial }, [this.number(`${source}.shift`)])
      case 'dropout':
        return add('Dropout', { rate: layer.rate })
      case 'average-pool':
      case 'max-pool':
        return this.pool(node, layer, name, inputs[0])
      case 'shortcut': {
        const stride = positions(node.input) > 1 ? layer.stride : 1
        return ours('Shortcut', { stride, units: layer.units })
      }
      case 'sum':
        // Keras adds no value to itself.
        if (inputs[0] !== inputs[1]) return add('Add')
        return this.add('Rescaling', name, [inputs[0]], { scale: 2, offset: 0 }, shape)
      case 'product':
        return add('Multiply')
    }
  }

  private weighted(
    node: ExportedNode,
    layer: Extract<StandardLayer, { layer: 'linear' | 'convolution' }>,
    source: string,
    name: string,
    x: string,
  ): string {
    const { axes } = this.exported
    const { input, output } = node
    const hasBias = node.parameters.some(({ role }) => role === 'bias')
    const own = this.arrays(`${source}.weight`)
    const values = effectiveValues(own, layer.standardised)
    const bias = hasBias ? [this.row(`${source}.bias`)] : []
    const shape = this.dims(output)
    const common = { activation: 'linear', use_bias: hasBias }
    const kernel = (dims: readonly number[]): KerasWeight => ({ source: `${source}.weight`, dims, values })
    if (layer.layer === 'linear') {
      const weights = [kernel(own.shape), ...bias]
      return this.add('Dense', name, [x], { units: output.units, ...common }, shape, { weights })
    }
    const { kernel: size, stride } = windowOf(layer, axes)
    const before = this.padded(name, x, layer.padding, input)
    const config = {
      ...{ filters: output.units, kernel_size: size, strides: stride, padding: 'valid' },
      ...{ data_format: 'channels_last', ...common },
    }
    const weights = [kernel([...size, input.units, output.units]), ...bias]
    return this.add(`Conv${axes}D`, name, [before], config, shape, { weights })
  }

  private pool(
    { input, output }: ExportedNode,
    layer: Extract<StandardLayer, { layer: 'average-pool' | 'max-pool' }>,
    name: string,
    x: string,
  ): string {
    const { axes } = this.exported
    const { kernel, stride } = windowOf(layer, axes)
    const isMean = layer.layer === 'average-pool'
    const before = this.padded(name, x, layer.padding, input, isMean ? 'zeros' : 'lowest')
    const config = { pool_size: kernel, strides: stride, padding: 'valid' }
    return this.add(`${isMean ? 'Average' : 'Max'}Pooling${axes}D`, name, [before], config, this.dims(output))
  }

  /** @param fill outside the grid: zeros, or values below all others, of which none is the largest */
  private padded(
    name: string,
    x: string,
    padding: readonly [number, number],
    { units, rows, columns }: Shape,
    fill: 'zeros' | 'lowest' = 'zeros',
  ): string {
    if (padding.every((margin) => margin === 0)) return x
    const { axes } = this.exported
    const size = ofAxes(axes, padding)
    const shape = this.dims({ units, rows: rows + 2 * padding[0], columns: columns + 2 * padding[1] })
    const own = `${name}_padded`
    if (fill === 'lowest')
      return this.add('LowestPadding', own, [x], { padding: size }, shape, { isOurs: true })
    const margins = axes === 1 ? [size[0], size[0]] : size.map((margin) => [margin, margin])
    return this.add(`ZeroPadding${axes}D`, own, [x], { padding: margins }, shape)
  }

  /** Of a sample. */
  private dims(shape: Shape): number[] {
    return sampleAxes(shape, this.exported.axes, 'channels last')
  }

  private weight(source: string): KerasWeight {
    const { shape, values } = this.arrays(source)
    return { source, dims: shape, values }
  }

  private row(source: string): KerasWeight {
    const { values } = this.arrays(source)
    return { source, dims: [values.length], values }
  }

  private number(source: string): KerasWeight {
    return { source, dims: [], values: this.arrays(source).values }
  }

  /** Gain and shift of a norm, and mean and variance of batch norm. */
  private rows(source: string, count: 2 | 4): KerasWeight[] {
    return ['gain', 'shift', 'mean', 'variance'].slice(0, count).map((role) => this.row(`${source}.${role}`))
  }

  private add(
    type: string,
    name: string,
    inputs: readonly string[],
    config: Record<string, unknown>,
    shape: readonly number[],
    { isOurs = false, weights = [] }: Given = {},
  ): string {
    this.layers.push({ type, isOurs, name, config, inputs, weights, shape })
    return name
  }
}
