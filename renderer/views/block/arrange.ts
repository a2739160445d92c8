import dagre from '@dagrejs/dagre'
import { END, type Draft, type Position } from '../../../shared/block/draft'
import { structureOf } from '../../../shared/editor/structure'
import { INPUT, type GraphNode } from '../../../shared/graph/block-graph'
import { operationOf } from '../../../shared/operations'
import { layoutBlock } from '../../base/block-layout'

export interface Size {
  width: number
  height: number
}

/** Between two columns: room for a wire and the shape written on it. */
const LEAST_GAP = 44
const LANE = 96
const END_SIZE: Size = { width: 34, height: 34 }
const JOIN_SIZE: Size = { width: 46, height: 46 }
const HEIGHT = 46
/** Width of a letter in a node's title and in a shape. */
const LETTER = { title: 7.4, values: 6.1, shape: 6.2 }

/** Fields that are worth a word only where they are not as usual. */
const SILENT = ['stride', 'padding']

/** "kernel 3, stride 2": what a node's fields say, as far as its sign does not say it already. */
export function fieldsText(node: GraphNode): string {
  const values = node as unknown as Record<string, unknown>
  const parts = operationOf(node).fields.flatMap(({ key, label, type, default: usual, optional }) => {
    const value = values[key]
    if (value === undefined || type === 'text') return []
    if (value === usual && (optional || SILENT.includes(key))) return []
    if (typeof value === 'boolean') return value ? [label] : []
    const text = Array.isArray(value) ? `${value.length} values` : shortNumber(value as number)
    return [`${label.toLowerCase()} ${text}`]
  })
  return parts.join(', ')
}

const shortNumber = (value: number) => String(Number(value.toPrecision(4))).replace('-', '−')

export function sizeOf(node: GraphNode): Size {
  if (operationOf(node).inputs === 2) return JOIN_SIZE
  const title = 42 + LETTER.title * operationOf(node).title.length
  const values = 18 + LETTER.values * fieldsText(node).length
  return { width: Math.round(Math.min(190, Math.max(78, title, values))), height: HEIGHT }
}

export const sizeAt = (byId: ReadonlyMap<string, GraphNode>, id: string) =>
  byId.has(id) ? sizeOf(byId.get(id)!) : END_SIZE

/**
 * Where everything is drawn, by the middle of its left side: where the user has put it, else in the lanes of the
 * block's picture. What comes new to a block that the user has laid out goes between its neighbours.
 * @param longestShape letters of the longest shape on a wire
 */
export function positionsOf(draft: Draft, longestShape: number): Map<string, Position> {
  const free = inLanes(draft, longestShape)
  const placed = new Map(
    [...free.keys()].flatMap((id) =>
      Object.hasOwn(draft.layout, id) ? [[id, draft.layout[id]] as const] : [],
    ),
  )
  if (!placed.size) return free
  const { byId, order } = structureOf(draft)
  for (const id of [INPUT, ...order, END])
    if (!placed.has(id)) placed.set(id, besideNeighbours(draft, id, placed, free))
  // In the order of the signal, as the lanes have it.
  return new Map(
    [INPUT, ...draft.nodes.map((node) => node.id).filter((id) => byId.has(id)), END].map((id) => [
      id,
      placed.get(id)!,
    ]),
  )
}

function besideNeighbours(
  draft: Draft,
  id: string,
  placed: ReadonlyMap<string, Position>,
  free: ReadonlyMap<string, Position>,
): Position {
  const { byId, users } = structureOf(draft)
  const size = sizeAt(byId, id)
  const inputs = id === END ? [draft.output] : (byId.get(id)?.inputs ?? [])
  const before = inputs.filter((input) => placed.has(input))
  const after = (users.get(id) ?? []).map(({ to }) => to).filter((to) => placed.has(to))
  if (!before.length && !after.length) return free.get(id)!
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const right = (other: string) => placed.get(other)![0] + sizeAt(byId, other).width
  const starts = before.length ? Math.max(...before.map(right)) : null
  const ends = after.length ? Math.min(...after.map((other) => placed.get(other)![0])) : null
  const x =
    starts === null
      ? ends! - LEAST_GAP - size.width
      : ends === null || ends < starts
        ? starts + LEAST_GAP
        : (starts + ends - size.width) / 2
  const y = mean([...before, ...after].map((other) => placed.get(other)![1]))
  const room = 12
  const isTaken = (at: number) =>
    [...placed].some(([other, [left, middle]]) => {
      const theirs = sizeAt(byId, other)
      const apart = (theirs.height + size.height) / 2 + room
      return left < x + size.width + room && x < left + theirs.width + room && Math.abs(middle - at) < apart
    })
  let height = y
  for (let step = 1; isTaken(height) && step < 40; step++)
    height = y + Math.ceil(step / 2) * 40 * (step % 2 ? 1 : -1)
  return [Math.round(x), Math.round(height)]
}

function inLanes(draft: Draft, longestShape: number): Map<string, Position> {
  const { byId, order } = structureOf(draft)
  const nodes = order.map((id) => byId.get(id)!)
  const { nodes: placed, lanes } = layoutBlock({ ...draft, nodes, layout: undefined })
  const widths: number[] = [END_SIZE.width]
  for (const { node, column } of placed) widths[column] = Math.max(widths[column] ?? 0, sizeOf(node).width)
  const gap = Math.max(LEAST_GAP, 20 + LETTER.shape * longestShape)
  const starts: number[] = [0]
  for (let i = 1; i <= widths.length; i++) starts[i] = starts[i - 1] + (widths[i - 1] ?? 0) + gap
  const positions = new Map<string, Position>([[INPUT, [0, 0]]])
  for (const { node, column, lane } of placed) {
    const middle = (widths[column] - sizeOf(node).width) / 2
    positions.set(node.id, [Math.round(starts[column] + middle), lane * LANE])
  }
  const outputLane = placed.find(({ node }) => node.id === draft.output)?.lane ?? Math.max(0, lanes - 1)
  return positions.set(END, [Math.round(starts[widths.length]), outputLane * LANE])
}

/**
 * All positions anew, by dagre: few crossings, for blocks whose wires go criss-cross. Costs time: a command, not at
 * every edit.
 */
export function arranged(draft: Draft, longestShape: number): Record<string, Position> {
  const { byId, order } = structureOf(draft)
  const graph = new dagre.graphlib.Graph()
  const ranksep = Math.max(LEAST_GAP, 20 + LETTER.shape * longestShape)
  graph.setGraph({ rankdir: 'LR', nodesep: 52, edgesep: 40, ranksep }).setDefaultEdgeLabel(() => ({}))
  for (const id of [INPUT, ...order, END]) graph.setNode(id, { ...sizeAt(byId, id) })
  for (const id of order) {
    // The skip stays straight.
    byId
      .get(id)!
      .inputs.forEach((input, slot) => input && graph.setEdge(input, id, { weight: slot === 0 ? 4 : 1 }))
  }
  if (draft.output) graph.setEdge(draft.output, END)
  dagre.layout(graph)
  const places = [INPUT, ...order, END].map((id): [string, Position] => {
    const { x, y, width } = graph.node(id) as { x: number; y: number; width: number }
    return [id, [Math.round(x - width / 2), Math.round(y)]]
  })
  return Object.fromEntries(places)
}
