import { pythonNames } from '../names'
import { isSingle, partsOf, type ExportedNetwork, type ExportedNode, type ExportedPart } from '../network'

/** An entry of a PyTorch module's state_dict, and which of the lab's arrays it is. */
export interface TorchArray {
  /** "blocks.2.linear_1.weight": lists count from 0 there. */
  name: string
  shape: readonly number[]
  /** The lab's name, and its shape. */
  source: string
  rows: number
  columns: number
  /** Taps of the window of a weight, which PyTorch keeps as [out, in, taps]; null: the values lie alike in both. */
  taps: number | null
}

/** All of a network's arrays, in the order of its modules. */
export function torchArrays(network: ExportedNetwork): TorchArray[] {
  const parts = partsOf(network).flatMap((part) => partArrays(part, network.axes))
  if (network.outputs === null) return parts
  const [units, outputs] = [network.top.units, network.outputs]
  const output = { name: 'output.weight', source: 'output.weight', shape: [outputs, units] }
  return [
    ...parts,
    { ...output, rows: units, columns: outputs, taps: 1 },
    { ...{ name: 'output.bias', source: 'output.bias' }, ...vectorOf(outputs) },
  ]
}

const vectorOf = (units: number) => ({ shape: [units], rows: 1, columns: units, taps: null })

function partArrays(part: ExportedPart, axes: 0 | 1 | 2): TorchArray[] {
  const names = pythonNames(part.nodes.map(({ id }) => id))
  const block = /^blocks\.(\d+)$/.exec(part.name)
  const prefix = block ? `blocks.${Number(block[1]) - 1}` : part.name
  const isAlone = block === null && isSingle(part)
  return part.nodes.flatMap((node) =>
    nodeArrays(node, axes).map(({ role, suffix, ...rest }) => ({
      ...rest,
      name: [prefix, ...(isAlone ? [] : [names.get(node.id)!]), ...(suffix ? [suffix] : [])].join('.'),
      source: `${part.name}.${node.id}.${role}`,
    })),
  )
}

type NodeArray = Omit<TorchArray, 'name' | 'source'> & { role: string; suffix: string }

function nodeArrays(node: ExportedNode, axes: 0 | 1 | 2): NodeArray[] {
  const { layer, input, output } = node
  const perUnit = (role: string, suffix: string): NodeArray => ({ role, suffix, ...vectorOf(input.units) })
  const positions = new Array<number>(axes).fill(1)
  switch (layer.layer) {
    case 'linear':
    case 'convolution': {
      const kernel = layer.layer === 'convolution' ? layer.kernel : ([1, 1] as const)
      const taps = kernel[0] * kernel[1]
      const sides = axes === 2 ? [...kernel] : axes === 1 ? [kernel[1]] : []
      const weight = {
        ...{ role: 'weight', suffix: 'weight', shape: [output.units, input.units, ...sides] },
        ...{ rows: taps * input.units, columns: output.units, taps },
      }
      const hasBias = node.parameters.some(({ role }) => role === 'bias')
      return hasBias ? [weight, { role: 'bias', suffix: 'bias', ...vectorOf(output.units) }] : [weight]
    }
    case 'batch-norm':
      return [
        perUnit('gain', 'weight'),
        perUnit('shift', 'bias'),
        perUnit('mean', 'running_mean'),
        perUnit('variance', 'running_var'),
      ]
    case 'group-norm':
      return [perUnit('gain', 'weight'), perUnit('shift', 'bias')]
    case 'center':
      return [perUnit('mean', 'mean')]
    case 'gain':
      return layer.perUnit
        ? [{ ...perUnit('gain', ''), shape: [input.units, ...positions] }]
        : [{ role: 'gain', suffix: '', shape: [], rows: 1, columns: 1, taps: null }]
    case 'shift':
      return [{ role: 'shift', suffix: '', shape: [], rows: 1, columns: 1, taps: null }]
    default:
      return []
  }
}

/** From the lab's order, [tap × in, out], to PyTorch's, [out, in, tap]. */
export function toTorch({ rows, columns, taps }: TorchArray, values: Float32Array): Float32Array {
  if (taps === null) return values
  const inputs = rows / taps
  const result = new Float32Array(values.length)
  for (let row = 0; row < rows; row++) {
    const [tap, input] = [Math.floor(row / inputs), row % inputs]
    for (let unit = 0; unit < columns; unit++)
      result[(unit * inputs + input) * taps + tap] = values[row * columns + unit]
  }
  return result
}

/** The reverse. */
export function fromTorch(
  { rows, columns, taps }: Pick<TorchArray, 'rows' | 'columns' | 'taps'>,
  values: Float32Array,
): Float32Array {
  if (taps === null) return values
  const inputs = rows / taps
  const result = new Float32Array(values.length)
  for (let row = 0; row < rows; row++) {
    const [tap, input] = [Math.floor(row / inputs), row % inputs]
    for (let unit = 0; unit < columns; unit++)
      result[row * columns + unit] = values[(unit * inputs + input) * taps + tap]
  }
  return result
}
