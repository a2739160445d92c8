import type { LayerWindow, StandardLayer } from '../../../shared/graph/standard-layer'
import { sampleAxes } from '../../../shared/export/layout'
import {
  graphNamesOf,
  partsOf,
  type ExportedNetwork,
  type ExportedNode,
  type ExportedPart,
  type NetworkArrays,
} from '../../../shared/export/network'
import { effectiveValues } from '../../../shared/export/weights'
import { positions, type Shape } from '../../../shared/numerics/shape'
import { writePart } from '../write-part'

/** An attribute of a TensorFlow operation, by its kind. */
export type GraphAttribute =
  | { type: 'float' | 'int32' }
  | { int: number }
  | { float: number }
  | { bool: boolean }
  | { text: string }
  | { ints: readonly number[] }

export interface GraphNodeDef {
  name: string
  op: string
  inputs: readonly string[]
  attributes: Readonly<Record<string, GraphAttribute>>
}

/** An array that the graph brings. */
export interface GraphConstant {
  name: string
  dims: readonly number[]
  type: 'float' | 'int32'
  values: ArrayLike<number>
  /** Which of the network's arrays it is; null: none. */
  source: string | null
}

/** A network as TensorFlow operations; sizes of -1 may be any. */
export interface TensorFlowGraph {
  /** In the order of their use: constants stand before what reads them. */
  steps: ({ constant: GraphConstant } | { node: GraphNodeDef })[]
  input: { name: string; dims: readonly number[] }
  output: { name: string; dims: readonly number[] }
}

/** What maps and sequences are kept as in between: [batch, rows, columns, channels]. */
const FLOAT: GraphAttribute = { type: 'float' }
const INT: GraphAttribute = { type: 'int32' }
/** Below every number that a float32 network has, as the engine fills it in. */
const NEVER = -3.4e38

/** A network in evaluation; channels come last. */
export function tensorFlowGraph(network: ExportedNetwork, arrays: NetworkArrays): TensorFlowGraph {
  return new Writer(network, arrays).graph()
}

/** [batch, …] of a sample's shape, as TensorFlow and Keras have it: vectors, sequences, images. */
export const channelsLastDims = (shape: Shape, axes: 0 | 1 | 2): number[] => [
  -1,
  ...sampleAxes(shape, axes, 'channels last'),
]

class Writer {
  private readonly steps: TensorFlowGraph['steps'] = []
  private readonly known = new Set<string>()
  private readonly nameOf: (source: string) => string

  constructor(
    private readonly network: ExportedNetwork,
    private readonly arrays: NetworkArrays,
  ) {
    this.nameOf = graphNamesOf(network)
  }

  graph(): TensorFlowGraph {
    const { input, top, outputs, outputName, axes } = this.network
    const from = { name: 'input', dims: channelsLastDims(input, axes) }
    this.steps.push({
      node: {
        name: 'input',
        op: 'Placeholder',
        inputs: [],
        attributes: { dtype: FLOAT, shape: { ints: from.dims } },
      },
    })
    const first = axes === 1 ? this.reshape('rows', 'input', [-1, 1, input.columns, input.units]) : 'input'
    const last = partsOf(this.network).reduce((h, part) => this.part(part, h), first)
    if (outputs === null) {
      const dims = channelsLastDims(top, axes)
      const value = axes === 1 ? this.reshape('sequence', last, dims) : last
      return { steps: this.steps, input: from, output: { name: this.identity('h', value), dims } }
    }
    const features = axes === 0 ? last : this.mean('features', last, [1, 2], false)
    const { shape, values } = this.arrays('output.weight')
    const product = this.matMul('output', features, this.learned('output.weight', shape, values))
    const scores = this.binary('AddV2', 'output.scores', product, this.row('output.bias'))
    return {
      steps: this.steps,
      input: from,
      output: { name: this.identity(outputName, scores), dims: [-1, outputs] },
    }
  }

  private part(part: ExportedPart, h: string): string {
    return writePart(part, h, (node, name, inputs) =>
      this.layer(node, `${part.name}.${node.id}`, `${part.name}.${name}`, inputs),
    )
  }

  private layer(node: ExportedNode, source: string, name: string, inputs: readonly string[]): string {
    const { layer, input, output } = node
    const [x] = inputs
    switch (layer.layer) {
      case 'linear':
      case 'convolution':
        return this.weighted(node, layer, source, name, x)
      case 'relu':
        return this.unary('Relu', name, x)
      case 'leaky-relu':
        return this.node('LeakyRelu', name, [x], { T: FLOAT, alpha: { float: layer.slope } })
      case 'gelu': {
        const scaled = this.binary('Mul', `${name}.scaled`, x, this.number('gelu.sqrt_half', Math.SQRT1_2))
        const odd = this.unary('Erf', `${name}.erf`, scaled)
        const above = this.binary('AddV2', `${name}.above`, odd, this.number('gelu.one', 1))
        const half = this.binary('Mul', `${name}.half`, x, this.number('gelu.half', 0.5))
        return this.binary('Mul', name, half, above)
      }
      case 'silu':
        return this.binary('Mul', name, x, this.unary('Sigmoid', `${name}.sigmoid`, x))
      case 'tanh':
        return this.unary('Tanh', name, x)
      case 'identity':
      case 'dropout':
        return x
      case 'batch-norm':
        return this.batchNorm(source, name, x, layer.epsilon)
      case 'group-norm':
        return this.groupNorm(layer, input, source, name, x)
      case 'center':
        return this.binary('Sub', name, x, this.row(`${source}.mean`))
      case 'scale':
        return this.binary('Mul', name, x, this.number(`${name}.factor`, layer.factor))
      case 'stochastic-depth':
        return this.binary('Mul', name, x, this.number(`${name}.keep`, layer.keep))
      case 'gain':
        return this.binary('Mul', name, x, this.row(`${source}.gain`))
      case 'shift':
        return this.binary('AddV2', name, x, this.row(`${source}.shift`))
      case 'average-pool':
        return this.pool('AvgPool', layer, name, this.padded(name, x, layer.padding, 0))
      case 'max-pool':
        return this.pool('MaxPool', layer, name, this.padded(name, x, layer.padding, NEVER))
      case 'shortcut':
        return this.shortcut(name, x, layer.stride, input, output)
      case 'sum':
        return this.binary('AddV2', name, x, inputs[1])
      case 'product':
        return this.binary('Mul', name, x, inputs[1])
    }
  }

  private weighted(
    node: ExportedNode,
    layer: Extract<StandardLayer, { layer: 'linear' | 'convolution' }>,
    source: string,
    name: string,
    x: string,
  ): string {
    const own = this.arrays(`${source}.weight`)
    const values = effectiveValues(own, layer.standardised)
    const hasBias = node.parameters.some(({ role }) => role === 'bias')
    const product = hasBias ? `${name}.product` : name
    const before =
      this.network.axes === 0
        ? this.matMul(product, x, this.learned(`${source}.weight`, own.shape, values))
        : this.convolution(product, node, layer, source, values, x)
    return hasBias ? this.binary('AddV2', name, before, this.row(`${source}.bias`)) : before
  }

  private convolution(
    name: string,
    { input, output }: ExportedNode,
    layer: Extract<StandardLayer, { layer: 'linear' | 'convolution' }>,
    source: string,
    values: Float32Array,
    x: string,
  ): string {
    const { kernel, stride, padding }: LayerWindow =
      layer.layer === 'convolution' ? layer : { kernel: [1, 1], stride: [1, 1], padding: [0, 0] }
    const dims = [...kernel, input.units, output.units]
    const filter = this.learned(`${source}.weight`, dims, values)
    return this.node('Conv2D', name, [this.padded(name, x, padding, 0), filter], {
      T: FLOAT,
      strides: { ints: [1, ...stride, 1] },
      padding: { text: 'VALID' },
      data_format: { text: 'NHWC' },
      dilations: { ints: [1, 1, 1, 1] },
    })
  }

  private pool(op: 'AvgPool' | 'MaxPool', { kernel, stride }: LayerWindow, name: string, x: string): string {
    return this.node(op, name, [x], {
      T: FLOAT,
      ksize: { ints: [1, ...kernel, 1] },
      strides: { ints: [1, ...stride, 1] },
      padding: { text: 'VALID' },
      data_format: { text: 'NHWC' },
    })
  }

  private padded(name: string, x: string, [rows, columns]: readonly [number, number], fill: number): string {
    if (rows === 0 && columns === 0) return x
    const margins = this.ints(`${name}.margins`, [0, 0, rows, rows, columns, columns, 0, 0], [4, 2])
    const given = [x, margins, this.number(fill === 0 ? 'pad.zero' : 'pad.never', fill)]
    return this.node('PadV2', `${name}.padded`, given, { T: FLOAT, Tpaddings: INT })
  }

  /** γ/√(variance + ε) times x, plus β less that times the mean. */
  private batchNorm(source: string, name: string, x: string, epsilon: number): string {
    const [gain, shift, mean, variance] = ['gain', 'shift', 'mean', 'variance'].map((role) =>
      this.row(`${source}.${role}`),
    )
    const above = this.binary('AddV2', `${name}.above`, variance, this.number(`${name}.epsilon`, epsilon))
    const inverse = this.unary('Rsqrt', `${name}.inverse`, above)
    const slope = this.binary('Mul', `${name}.slope`, gain, inverse)
    const taken = this.binary('Mul', `${name}.taken`, mean, slope)
    const offset = this.binary('Sub', `${name}.offset`, shift, taken)
    return this.binary('AddV2', name, this.binary('Mul', `${name}.scaled`, x, slope), offset)
  }

  private groupNorm(
    { groups, epsilon }: Extract<StandardLayer, { layer: 'group-norm' }>,
    shape: Shape,
    source: string,
    name: string,
    x: string,
  ): string {
    const [places, each] = [positions(shape), shape.units / groups]
    const inGroups = this.reshape(`${name}.groups`, x, [-1, places, groups, each])
    const mean = this.mean(`${name}.mean`, inGroups, [1, 3], true)
    const centred = this.binary('Sub', `${name}.centred`, inGroups, mean)
    const square = this.unary('Square', `${name}.square`, centred)
    const variance = this.mean(`${name}.variance`, square, [1, 3], true)
    const above = this.binary('AddV2', `${name}.above`, variance, this.number(`${name}.epsilon`, epsilon))
    const even = this.binary('Mul', `${name}.even`, centred, this.unary('Rsqrt', `${name}.inverse`, above))
    const dims = this.network.axes === 0 ? [-1, shape.units] : [-1, shape.rows, shape.columns, shape.units]
    const back = this.reshape(`${name}.back`, even, dims)
    const scaled = this.binary('Mul', `${name}.scaled`, back, this.row(`${source}.gain`))
    return this.binary('AddV2', name, scaled, this.row(`${source}.shift`))
  }

  /** Option A of He et al. 2015. */
  private shortcut(name: string, x: string, stride: number, from: Shape, to: Shape): string {
    const isGrid = this.network.axes > 0
    const step = positions(from) > 1 ? stride : 1
    const kept = Math.min(from.units, to.units)
    const strides = isGrid ? [1, from.rows > 1 ? step : 1, step, 1] : [1, 1]
    const none = strides.map(() => 0)
    const given = [
      ...[x, this.ints(`${name}.begin`, none), this.ints(`${name}.end`, [...none.slice(1), kept])],
      this.ints(`${name}.strides`, strides),
    ]
    // All of every axis but the last, of which `kept` are.
    const whole = 2 ** (strides.length - 1) - 1
    const masks = {
      begin_mask: 2 * whole + 1,
      end_mask: whole,
      ellipsis_mask: 0,
      new_axis_mask: 0,
      shrink_axis_mask: 0,
    }
    const attributes = Object.fromEntries(Object.entries(masks).map(([key, int]) => [key, { int }]))
    const sliced = to.units > kept ? `${name}.kept` : name
    const value = this.node('StridedSlice', sliced, given, { T: FLOAT, Index: INT, ...attributes })
    if (to.units === kept) return value
    const margins = [...none.slice(1).flatMap(() => [0, 0]), 0, to.units - kept]
    const pads = this.ints(`${name}.margins`, margins, [strides.length, 2])
    return this.node('PadV2', name, [value, pads, this.number('pad.zero', 0)], { T: FLOAT, Tpaddings: INT })
  }

  private matMul(name: string, x: string, weight: string): string {
    const transposes = { transpose_a: { bool: false }, transpose_b: { bool: false } }
    return this.node('MatMul', name, [x, weight], { T: FLOAT, ...transposes })
  }

  private mean(name: string, x: string, axes: readonly number[], keeps: boolean): string {
    const given = [x, this.ints(`${name}.axes`, axes)]
    return this.node('Mean', name, given, { T: FLOAT, Tidx: INT, keep_dims: { bool: keeps } })
  }

  private reshape(name: string, x: string, dims: readonly number[]): string {
    return this.node('Reshape', name, [x, this.ints(`${name}.dims`, dims)], { T: FLOAT, Tshape: INT })
  }

  private identity(name: string, x: string): string {
    return this.node('Identity', name, [x], { T: FLOAT })
  }

  private unary(op: string, name: string, x: string): string {
    return this.node(op, name, [x], { T: FLOAT })
  }

  private binary(op: string, name: string, a: string, b: string): string {
    return this.node(op, name, [a, b], { T: FLOAT })
  }

  private node(
    op: string,
    name: string,
    inputs: readonly string[],
    attributes: Record<string, GraphAttribute>,
  ): string {
    this.steps.push({ node: { name, op, inputs, attributes } })
    return name
  }

  private learned(source: string, dims: readonly number[], values: Float32Array): string {
    return this.constant({ name: this.nameOf(source), dims, type: 'float', values, source })
  }

  /** [1, units] as [units], which goes along with every position. */
  private row(source: string): string {
    const { values } = this.arrays(source)
    return this.learned(source, [values.length], values)
  }

  private number(name: string, value: number): string {
    return this.constant({ name, dims: [], type: 'float', values: [value], source: null })
  }

  private ints(name: string, values: readonly number[], dims: readonly number[] = [values.length]): string {
    return this.constant({ name, dims, type: 'int32', values, source: null })
  }

  private constant(constant: GraphConstant): string {
    if (!this.known.has(constant.name)) this.steps.push({ constant })
    this.known.add(constant.name)
    return constant.name
  }
}
