import { array3, type Array3 } from '../../shared/numerics/float64'
import { INPUT, type BlockGraph, type GraphNode, type OperationName } from '../../shared/graph/block-graph'
import { blockParameters, drawParameter } from '../../shared/network/parameters'
import { OPERATION_NAMES, operationOf, shapesOf } from '../../shared/operations'
import { Random } from '../../shared/numerics/random'
import { sameShape, shapeText, vector, type BlockPlace, type Shape } from '../../shared/numerics/shape'

/**
 * Small blocks of all operations on vectors, sequences and images, with their parameters: for tests of every reading
 * against another.
 */
export interface RandomBlock {
  name: string
  graph: BlockGraph
  place: BlockPlace
}

const WIDTH = 6
const GRIDS: Shape[] = [
  vector(WIDTH),
  { units: WIDTH, rows: 1, columns: 7 },
  { units: WIDTH, rows: 5, columns: 4 },
]

/** Every operation by itself, with `each` settings, and graphs of several. */
export function randomBlocks(each: number, several: number): RandomBlock[] {
  const single = OPERATION_NAMES.flatMap((op) =>
    Array.from({ length: each }, (_, i) => randomBlock(new Random(71, i), [op], i)),
  )
  const mixed = Array.from({ length: several }, (_, i) => {
    const random = new Random(72, i)
    const ops = Array.from(
      { length: 3 + random.below(4) },
      () => OPERATION_NAMES[random.below(OPERATION_NAMES.length)],
    )
    return randomBlock(random, ops, i)
  })
  return [...single, ...mixed]
}

/** A graph of those operations, as far as they fit: its last one is the output. */
function randomBlock(random: Random, ops: OperationName[], i: number): RandomBlock {
  const grid = GRIDS[i % GRIDS.length]
  const nodes: GraphNode[] = []
  const shapes = new Map([[INPUT, grid]])
  for (const op of ops) {
    for (let trial = 0; trial < 30; trial++) {
      const node = randomNode(random, op, `${op}-${nodes.length}`, shapes)
      const inputs = node.inputs.map((id) => shapes.get(id)!)
      const operation = operationOf(node)
      if (operation.misfit?.(node, inputs, shapeText)) continue
      const shape = operation.shape(node, inputs, WIDTH)
      if (shape.rows * shape.columns * shape.units > 400) continue
      nodes.push(node)
      shapes.set(node.id, shape)
      break
    }
  }
  const graph = { name: 'random', title: '', description: '', nodes, output: nodes.at(-1)!.id }
  const fields = nodes.map((node) => {
    const { id: _id, op, inputs: _inputs, ...rest } = node
    return `${op}${Object.keys(rest).length ? ` ${JSON.stringify(rest)}` : ''}`
  })
  return {
    name: `${shapeText(grid)}: ${fields.join(', ')}`,
    graph,
    place: { input: grid, width: WIDTH },
  }
}

function randomNode(random: Random, op: OperationName, id: string, shapes: Map<string, Shape>): GraphNode {
  const ids = [...shapes.keys()]
  // Rather long chains than wide fans.
  const pick = () => (random.below(3) ? ids.at(-1)! : ids[random.below(ids.length)])
  const one = pick()
  const alike = ids.filter((other) => sameShape(shapes.get(other)!, shapes.get(one)!))
  const inputs = operationOf({ op }).inputs === 2 ? [one, alike[random.below(alike.length)]] : [one]
  const choose = <T>(...values: T[]): T => values[random.below(values.length)]
  const fields: Record<string, unknown> = {}
  for (const { key } of operationOf({ op }).fields) {
    const value = {
      units: () => choose(1, 0.5, 2),
      bias: () => choose(undefined, true, false),
      gain: () => choose(undefined, 0.5),
      standardised: () => choose(undefined, 0, 1.7),
      kernel: () => 1 + random.below(5),
      stride: () => 1 + random.below(3),
      padding: () => random.below(4),
      slope: () => 0.2,
      groups: () => choose(1, 2, 3),
      factor: () => -1.3,
      factors: () => [0.4, 0.9, 1.6],
      text: () => '',
      initial: () => 0.3,
      rate: () => 0.4,
      survival: () => 0.5,
    }[key]
    if (!value) throw new Error(`say here how to choose ${op}'s ${key}`)
    const chosen = value()
    if (chosen !== undefined) fields[key] = chosen
  }
  return { id, op, inputs, ...fields } as unknown as GraphNode
}

export const shapesIn = ({ graph, place }: RandomBlock) => shapesOf(graph, place)

export function normal(shape: Array3['shape'], ...key: number[]): Array3 {
  const result = array3(shape)
  new Random(...key).fillNormal(result.values, 1)
  return result
}

/**
 * Parameters by node: learned ones away from where they start, so that there is something to differentiate; noise as it
 * may be drawn.
 */
export function randomParameters(
  { graph, place }: RandomBlock,
  replicas: number,
  samples: number,
): { parameters: Map<string, Array3[]>; learned: Map<string, Array3[]> } {
  const parameters = new Map<string, Array3[]>()
  const learned = new Map<string, Array3[]>()
  const add = (map: typeof parameters, id: string, value: Array3) =>
    map.set(id, [...(map.get(id) ?? []), value])
  blockParameters(graph, place, { block: 2, depth: 5 }).forEach((own, i) => {
    const { role, noise } = own
    const rows = noise?.perSample ? own.shape[0] * samples : own.shape[0]
    const value = array3([replicas, rows, own.shape[1]])
    const random = new Random(73, i)
    if (noise) value.values.forEach((_, at) => (value.values[at] = random.below(2) / noise.scale))
    else if (role === 'gain' || role === 'shift') {
      random.fillNormal(value.values, 0.3)
      value.values.forEach((x, at) => (value.values[at] = x + 0.7))
    } else drawParameter(value.values, own, 2, { init: 'pytorch', gain: 1, seed: 3 }, replicas)
    add(parameters, own.node, value)
    if (role !== 'noise' && role !== 'constant') add(learned, own.node, value)
  })
  return { parameters, learned }
}
