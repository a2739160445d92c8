import type { LayerWindow, StandardLayer } from '../../../shared/graph/standard-layer'
import { sampleAxes } from '../../../shared/export/layout'
import {
  partsOf,
  type ExportedNetwork,
  type ExportedNode,
  type ExportedPart,
  type NetworkArrays,
} from '../../../shared/export/network'
import { effectiveValues } from '../../../shared/export/weights'
import { toTorch, torchArrays, type TorchArray } from '../../../shared/export/pytorch/state'
import { positions, type Shape } from '../../../shared/numerics/shape'
import { writePart } from '../write-part'
import type { Attribute, Initializer, OnnxModel, OnnxNode, OnnxValue } from './model'

/** Name of the one input. */
export const ONNX_INPUT = 'input'
/** Any number of samples. */
const BATCH = 'batch'

type Graph = Pick<OnnxModel, 'nodes' | 'initializers' | 'input' | 'output' | 'values'>

/**
 * A network as ONNX operators: values and nodes are called as the parts of the network, "blocks.3.linear_1"; channels
 * come before positions.
 */
export function onnxGraph(network: ExportedNetwork, arrays: NetworkArrays, isFloat16: boolean): Graph {
  return new GraphWriter(network, arrays, isFloat16).graph()
}

class GraphWriter {
  private readonly nodes: OnnxNode[] = []
  private readonly initializers: Initializer[] = []
  private readonly values: OnnxValue[] = []
  private readonly arraysByName: ReadonlyMap<string, TorchArray>

  constructor(
    private readonly network: ExportedNetwork,
    private readonly arrays: NetworkArrays,
    private readonly isFloat16: boolean,
  ) {
    this.arraysByName = new Map(torchArrays(network).map((array) => [array.source, array]))
  }

  graph(): Graph {
    const { network } = this
    const { input, top, outputs, outputName } = network
    const last = partsOf(network).reduce((h, part) => this.part(part, h), ONNX_INPUT)
    const output = outputs === null ? this.named(outputName, last, top) : this.readout(last, outputs)
    return {
      ...{ nodes: this.nodes, initializers: this.initializers },
      input: this.value(ONNX_INPUT, input),
      output,
      values: this.values.filter(({ name }) => name !== output.name),
    }
  }

  private readout(h: string, outputs: number): OnnxValue {
    const { axes, top, outputName } = this.network
    let features = h
    if (axes > 0) {
      const pooled = this.add('pooled', 'GlobalAveragePool', [h], {}, { ...top, rows: 1, columns: 1 })
      features = this.node('features', 'Flatten', [pooled])
      this.values.push({ name: features, dims: [BATCH, top.units] })
    }
    const weight = this.plain('output.weight', this.arrays('output.weight'))
    const bias = this.own('output.bias')
    this.node(outputName, 'Gemm', [features, weight, bias])
    return { name: outputName, dims: [BATCH, outputs] }
  }

  /** A value under the name of an output. */
  private named(name: string, value: string, shape: Shape): OnnxValue {
    this.node(name, 'Identity', [value])
    return this.value(name, shape)
  }

  private part(part: ExportedPart, h: string): string {
    return writePart(part, h, (node, name, inputs) => this.layer(part, node, `${part.name}.${name}`, inputs))
  }

  private layer(part: ExportedPart, node: ExportedNode, name: string, inputs: readonly string[]): string {
    const { layer, input, output } = node
    const [x] = inputs
    const own = (role: string) => this.own(`${part.name}.${node.id}.${role}`)
    const add = (op: string, given: readonly string[], attributes: Record<string, Attribute> = {}) =>
      this.add(name, op, given, attributes, output)
    switch (layer.layer) {
      case 'linear':
      case 'convolution':
        return this.weighted(part, node, layer, name, x)
      case 'relu':
        return add('Relu', [x])
      case 'leaky-relu':
        return add('LeakyRelu', [x], { alpha: { float: layer.slope } })
      case 'gelu':
        return this.gelu(name, x, output)
      case 'silu':
        return add('Mul', [x, this.add(`${name}.sigmoid`, 'Sigmoid', [x], {}, output)])
      case 'tanh':
        return add('Tanh', [x])
      case 'identity':
      case 'dropout':
        return x
      case 'batch-norm': {
        const given = [own('gain'), own('shift'), own('mean'), own('variance')]
        return add('BatchNormalization', [x, ...given], { epsilon: { float: layer.epsilon } })
      }
      case 'group-norm':
        return this.groupNorm(part, node, layer, name, x)
      case 'center':
        return add('Sub', [x, this.perUnit(`${part.name}.${node.id}.mean`)])
      case 'scale':
        return add('Mul', [x, this.number(`${name}.factor`, layer.factor)])
      case 'stochastic-depth':
        return add('Mul', [x, this.number(`${name}.keep`, layer.keep)])
      case 'gain':
        return add('Mul', [x, layer.perUnit ? this.perUnit(`${part.name}.${node.id}.gain`) : own('gain')])
      case 'shift':
        return add('Add', [x, own('shift')])
      case 'average-pool':
        return add('AveragePool', [x], { ...this.window(layer), count_include_pad: { int: 1 } })
      case 'max-pool':
        return add('MaxPool', [x], this.window(layer))
      case 'shortcut':
        return this.shortcut(name, x, layer.stride, input, output)
      case 'sum':
        return add('Add', inputs)
      case 'product':
        return add('Mul', inputs)
    }
  }

  private weighted(
    part: ExportedPart,
    node: ExportedNode,
    layer: Extract<StandardLayer, { layer: 'linear' | 'convolution' }>,
    name: string,
    x: string,
  ): string {
    const source = `${part.name}.${node.id}.weight`
    const { shape } = this.arrays(source)
    const values = effectiveValues(this.arrays(source), layer.standardised)
    const bias = node.parameters.some(({ role }) => role === 'bias')
      ? [this.own(`${part.name}.${node.id}.bias`)]
      : []
    if (this.network.axes === 0)
      return this.add(name, 'Gemm', [x, this.plain(source, { shape, values }), ...bias], {}, node.output)
    const array = this.arraysByName.get(source)!
    const weight = this.initializer(source, array.shape, toTorch(array, values))
    const window =
      layer.layer === 'convolution'
        ? layer
        : ({ kernel: [1, 1], stride: [1, 1], padding: [0, 0] } as LayerWindow)
    return this.add(name, 'Conv', [x, weight, ...bias], this.window(window), node.output)
  }

  private gelu(name: string, x: string, shape: Shape): string {
    const part = (suffix: string, op: string, given: readonly string[]) =>
      this.add(`${name}.${suffix}`, op, given, {}, shape)
    const scaled = part('scaled', 'Mul', [x, this.number('gelu.sqrt_half', Math.SQRT1_2)])
    const odd = part('erf', 'Erf', [scaled])
    const above = part('above', 'Add', [odd, this.number('gelu.one', 1)])
    const half = part('half', 'Mul', [x, this.number('gelu.half', 0.5)])
    return this.add(name, 'Mul', [half, above], {}, shape)
  }

  /** Each group as a channel of its own, normalised over all that it holds. */
  private groupNorm(
    part: ExportedPart,
    node: ExportedNode,
    { groups, epsilon }: Extract<StandardLayer, { layer: 'group-norm' }>,
    name: string,
    x: string,
  ): string {
    const { axes } = this.network
    const source = `${part.name}.${node.id}`
    if (axes === 0 && groups === 1) {
      const given = [x, this.own(`${source}.gain`), this.own(`${source}.shift`)]
      const attributes = { axis: { int: -1 }, epsilon: { float: epsilon } }
      return this.add(name, 'LayerNormalization', given, attributes, node.output)
    }
    const inGroups = this.node(`${name}.groups`, 'Reshape', [
      x,
      this.ints(`${name}.in_groups`, [0, groups, -1]),
    ])
    const ones = this.constant(`${name}.ones`, [groups], new Array<number>(groups).fill(1))
    const zeros = this.constant(`${name}.zeros`, [groups], new Array<number>(groups).fill(0))
    const attributes = { epsilon: { float: epsilon } }
    const even = this.node(`${name}.normalised`, 'InstanceNormalization', [inGroups, ones, zeros], attributes)
    const back = this.node(`${name}.back`, 'Reshape', [
      even,
      this.ints(`${name}.in_units`, [0, ...sampleAxes(node.output, axes, 'channels first')]),
    ])
    const scaled = this.add(`${name}.scaled`, 'Mul', [back, this.perUnit(`${source}.gain`)], {}, node.output)
    return this.add(name, 'Add', [scaled, this.perUnit(`${source}.shift`)], {}, node.output)
  }

  /** Option A of He et al. 2015. */
  private shortcut(name: string, x: string, stride: number, from: Shape, to: Shape): string {
    const { axes } = this.network
    const sizes = [from.units, ...(axes === 2 ? [from.rows, from.columns] : axes === 1 ? [from.columns] : [])]
    const kept = Math.min(from.units, to.units)
    const steps = sizes.map((_, i) => (i === 0 || positions(from) === 1 ? 1 : stride))
    const ints = (what: string, values: readonly number[]) => this.ints(`${name}.${what}`, values)
    const given = [
      ...[
        x,
        ints(
          'starts',
          sizes.map(() => 0),
        ),
        ints(
          'ends',
          sizes.map((size, i) => (i === 0 ? kept : size)),
        ),
      ],
      ...[
        ints(
          'axes',
          sizes.map((_, i) => i + 1),
        ),
        ints('steps', steps),
      ],
    ]
    if (to.units === kept) return this.add(name, 'Slice', given, {}, to)
    const sliced = this.add(`${name}.kept`, 'Slice', given, {}, { ...to, units: kept })
    const margins = [0, 0, ...sizes.slice(1).map(() => 0), 0, to.units - kept, ...sizes.slice(1).map(() => 0)]
    return this.add(name, 'Pad', [sliced, ints('zeros', margins)], {}, to)
  }

  private window({ kernel, stride, padding }: LayerWindow): Record<string, Attribute> {
    const own = (pair: readonly [number, number]) => (this.network.axes === 2 ? [...pair] : [pair[1]])
    return {
      kernel_shape: { ints: own(kernel) },
      strides: { ints: own(stride) },
      pads: { ints: [...own(padding), ...own(padding)] },
    }
  }

  /** One of the network's arrays as PyTorch and ONNX have it. */
  private own(source: string): string {
    const array = this.arraysByName.get(source)!
    return this.initializer(source, array.shape, toTorch(array, this.arrays(source).values))
  }

  /** One number a unit, which goes along with positions. */
  private perUnit(source: string): string {
    const { values } = this.arrays(source)
    return this.initializer(source, [values.length, ...new Array<number>(this.network.axes).fill(1)], values)
  }

  /** In the lab's own order, [in, out]. */
  private plain(source: string, { shape, values }: ReturnType<NetworkArrays>): string {
    return this.initializer(source, shape, values)
  }

  private initializer(name: string, dims: readonly number[], values: Float32Array): string {
    if (!this.isFloat16) return this.constant(name, dims, values)
    this.initializers.push({ name: `${name}.half`, dims, type: 'float16', values })
    return this.node(name, 'Cast', [`${name}.half`], { to: { int: 1 } })
  }

  private number(name: string, value: number): string {
    return this.constant(name, [], [value])
  }

  private constant(name: string, dims: readonly number[], values: ArrayLike<number>): string {
    if (!this.initializers.some((one) => one.name === name))
      this.initializers.push({ name, dims, type: 'float32', values })
    return name
  }

  private ints(name: string, values: readonly number[]): string {
    this.initializers.push({ name, dims: [values.length], type: 'int64', values })
    return name
  }

  private add(
    name: string,
    op: string,
    inputs: readonly string[],
    attributes: Record<string, Attribute>,
    shape: Shape,
  ): string {
    this.node(name, op, inputs, attributes)
    this.values.push(this.value(name, shape))
    return name
  }

  private node(
    name: string,
    op: string,
    inputs: readonly string[],
    attributes: Record<string, Attribute> = {},
  ): string {
    this.nodes.push({ name, op, inputs, outputs: [name], attributes })
    return name
  }

  private value(name: string, shape: Shape): OnnxValue {
    return { name, dims: [BATCH, ...sampleAxes(shape, this.network.axes, 'channels first')] }
  }
}
