import { partsOf, type ExportedNetwork, type ExportedNode, type ExportedPart } from '../export/network'
import { INPUT } from '../graph/block-graph'
import type { ArrayRole, FileTensor } from './tensors'

/** An array that a network needs. */
export interface ExpectedArray {
  /** The lab's name: "blocks.3.linear-1.weight". */
  source: string
  role: ArrayRole
  /** In the lab: weights are [tap × in, out], all else is [1, units]. */
  rows: number
  columns: number
  /** Of a weight, [rows, columns]; [1, 1] where it is none of a convolution. */
  window: readonly [number, number]
}

/** What layers may be matched with which: by their shapes within a kind. */
export type LayerKind = 'weighted' | 'batch-norm' | 'group-norm' | 'lone'

export interface ExpectedLayer {
  /** "blocks.3.linear-1". */
  name: string
  /** The stretch of the network that it stands in. */
  part: ExportedPart | null
  node: string
  kind: LayerKind
  arrays: ExpectedArray[]
  /** Whether the network's output depends on it. */
  isReached: boolean
}

/** The layers of a network that have arrays, from the input up. */
export function expectedLayers(network: ExportedNetwork): ExpectedLayer[] {
  const layers = partsOf(network).flatMap((part) => {
    const reached = above(part, part.output)
    return part.nodes.flatMap((node) => {
      const kind = kindOf(node)
      const arrays = kind ? arraysOf(`${part.name}.${node.id}`, node) : []
      if (kind === null || arrays.length === 0) return []
      const name = `${part.name}.${node.id}`
      return [{ name, part, node: node.id, kind, arrays, isReached: reached.has(node.id) }]
    })
  })
  if (network.outputs === null) return layers
  const [rows, columns] = [network.top.units, network.outputs]
  const output: ExpectedArray[] = [
    { source: 'output.weight', role: 'weight', rows, columns, window: ONE },
    { source: 'output.bias', role: 'bias', rows: 1, columns, window: ONE },
  ]
  return [
    ...layers,
    { name: 'output', part: null, node: 'output', kind: 'weighted', arrays: output, isReached: true },
  ]
}

const ONE = [1, 1] as const

/** Ids of a node and of all that it depends on. */
export function above({ nodes }: ExportedPart, id: string): Set<string> {
  const found = new Set<string>()
  const open = [id]
  while (open.length) {
    const next = open.pop()!
    if (next === INPUT || found.has(next)) continue
    found.add(next)
    open.push(...(nodes.find((node) => node.id === next)?.inputs ?? []))
  }
  return found
}

function kindOf({ layer }: ExportedNode): LayerKind | null {
  switch (layer.layer) {
    case 'linear':
    case 'convolution':
      return 'weighted'
    case 'batch-norm':
    case 'group-norm':
      return layer.layer
    default:
      return 'lone'
  }
}

function arraysOf(name: string, { layer, parameters, statistics, input }: ExportedNode): ExpectedArray[] {
  const window = layer.layer === 'convolution' ? layer.kernel : ONE
  const learned = parameters
    .filter(({ role }) => role !== 'constant' && role !== 'noise')
    .map(({ role, shape: [rows, columns] }) => ({
      ...{ source: `${name}.${role}`, role: role as ArrayRole, rows, columns },
      window: role === 'weight' ? window : ONE,
    }))
  const taken = statistics.map((role) => ({
    ...{ source: `${name}.${role}`, role: role as ArrayRole, rows: 1, columns: input.units, window: ONE },
  }))
  return [...learned, ...taken]
}

/** How many inputs an output has: of a window, those at one of its places. */
export const inputsOf = ({ rows, window }: ExpectedArray): number => rows / (window[0] * window[1])

/** The shape that an array has in a file of this order, with as many sides of the window as the file gives. */
export function shapeIn(order: FileTensor['order'], array: ExpectedArray, sides: number): number[] {
  if (array.role !== 'weight') return [array.columns]
  const { columns, window } = array
  const own = sides >= 2 ? [...window] : sides === 1 ? [window[1]] : []
  return order === 'out-first' ? [columns, inputsOf(array), ...own] : [...own, inputsOf(array), columns]
}

/** Whether a tensor's numbers are an array's, in an order that is known. */
export function fits({ shape, order }: Pick<FileTensor, 'shape' | 'order'>, array: ExpectedArray): boolean {
  const { role, rows, columns, window } = array
  const same = (one: readonly number[]) => one.length === shape.length && one.every((n, i) => n === shape[i])
  if (role !== 'weight') {
    // Vectors may have sides of 1 for what they go along with.
    return shape.filter((side) => side !== 1).join() === (columns === 1 ? '' : String(columns))
  }
  if (order === 'in-first' && same([rows, columns])) return true
  const sides = shape.length - 2
  if (sides < 0 || sides > 2 || window[0] * window[1] !== shape.slice(...sidesAt(order)).reduce(product, 1))
    return false
  return same(shapeIn(order, array, sides))
}

const product = (a: number, b: number) => a * b

/** Where the window's sides stand in a weight's shape. */
export const sidesAt = (order: FileTensor['order']): [number, number?] =>
  order === 'out-first' ? [2] : [0, -2]
