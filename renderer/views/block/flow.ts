import type { Edge, Node, Position as Side } from '@xyflow/svelte'
import { END, type Draft, type Position } from '../../../shared/block/draft'
import type { Problem } from '../../../shared/editor/problems'
import { structureOf, type Slot } from '../../../shared/editor/structure'
import { INPUT, type GraphNode } from '../../../shared/graph/block-graph'
import { operationOf } from '../../../shared/operations'
import { shapeText, type Shape } from '../../../shared/numerics/shape'
import { fieldsText, sizeAt } from './arrange'
import { labelsOf } from './labels'

/** How an operation is marked beside what it is. */
export type Mark = 'added' | 'changed' | null

export interface OperationData extends Record<string, unknown> {
  /** null: where the block begins or ends. */
  node: GraphNode | null
  label: string
  values: string
  /** Why it is marked as wrong, or what a warning teaches. */
  problem: string | null
  warning: string | null
  mark: Mark
}

export interface WireData extends Record<string, unknown> {
  slot: Slot
  shape: string
  isSkip: boolean
  isWrong: boolean
  mark: Mark
}

export type FlowNode = Node<OperationData>
export type FlowEdge = Edge<WireData>

/** What the canvas shows of a draft. */
export interface Shown {
  draft: Draft
  positions: ReadonlyMap<string, Position>
  shapes: ReadonlyMap<string, Shape | null>
  problems: readonly Problem[]
  warnings: ReadonlyMap<string, string>
  marks: ReadonlyMap<string, Mark>
  selected: ReadonlySet<string>
  /** The node that the Tab key reaches. */
  focused: string
}

export const wireId = ({ to, slot }: Slot) => `${to}/${slot}`

/** Which end of a wire an id names. */
export function slotOfWire(id: string): Slot {
  const at = id.lastIndexOf('/')
  return { to: id.slice(0, at), slot: Number(id.slice(at + 1)) }
}

/** Names of a join's inputs; others have one. */
export const SLOT_NAMES = ['skip', 'branch'] as const
const isJoin = (node: GraphNode | undefined) => node !== undefined && operationOf(node).inputs === 2

/** Where the handles are: no measuring of the page, so that an edit costs no layout. */
function handlesOf(
  id: string,
  node: GraphNode | undefined,
  { width, height }: { width: number; height: number },
) {
  const size = { width: 10, height: 10 }
  const target = { type: 'target' as const, ...size }
  const left = { ...target, id: '0', position: 'left' as Side, x: -5, y: height / 2 - 5 }
  const bottom = { ...target, id: '1', position: 'bottom' as Side, x: width / 2 - 5, y: height - 5 }
  const right = {
    type: 'source' as const,
    ...size,
    position: 'right' as Side,
    x: width - 5,
    y: height / 2 - 5,
  }
  if (id === INPUT) return [right]
  if (id === END) return [left]
  return isJoin(node) ? [left, bottom, right] : [left, right]
}

/** The nodes to draw; those that look as before are the same objects, which the canvas then leaves alone. */
export function flowNodes(shown: Shown, before: readonly FlowNode[]): FlowNode[] {
  const { draft, positions, problems, warnings, marks, selected, focused } = shown
  const { byId } = structureOf(draft)
  const known = new Map(before.map((node) => [node.id, node]))
  const labels = labelsOf(draft)
  const wrong = new Map<string, string>()
  for (const { node, nodes, text } of problems) {
    for (const id of nodes.length ? nodes : [node]) if (!wrong.has(id)) wrong.set(id, text)
  }
  return [INPUT, ...draft.nodes.map(({ id }) => id), END].map((id) => {
    const node = byId.get(id)
    const size = sizeAt(byId, id)
    const [x, middle] = positions.get(id) ?? [0, 0]
    const y = middle - size.height / 2
    const data: OperationData = {
      node: node ?? null,
      label: labels.get(id)!,
      values: node ? fieldsText(node) : '',
      problem: wrong.get(id) ?? null,
      warning: warnings.get(id) ?? null,
      mark: marks.get(id) ?? null,
    }
    const isSelected = selected.has(id)
    const isFocused = focused === id
    const ariaLabel = spoken(draft, data, id, isSelected)
    const old = known.get(id)
    if (
      old &&
      old.position.x === x &&
      old.position.y === y &&
      (old.selected ?? false) === isSelected &&
      isReached(old) === isFocused &&
      old.data.node === data.node &&
      // It says all that is drawn.
      old.ariaLabel === ariaLabel
    )
      return old
    return {
      id,
      type: node ? 'operation' : 'terminal',
      position: { x, y },
      data,
      ...size,
      measured: size,
      handles: handlesOf(id, node, size),
      selected: isSelected,
      // Where the block begins and ends is given; what is between is the user's.
      deletable: node !== undefined,
      ariaLabel,
      ariaRole: 'group',
      domAttributes: attributes(isFocused),
    } satisfies FlowNode
  })
}

/** The canvas sets `tabIndex` itself, in this spelling: only the same one takes its place. */
const attributes = (isFocused: boolean) => ({ tabIndex: isFocused ? 0 : -1 }) as FlowNode['domAttributes']
const isReached = ({ domAttributes }: FlowNode) => (domAttributes as { tabIndex?: number }).tabIndex === 0

/** What a screen reader says at a node: what it is, what it reads, what is wrong. */
function spoken(
  draft: Draft,
  { node, label, values, problem, warning, mark }: OperationData,
  id: string,
  isSelected: boolean,
): string {
  const inputs = node?.inputs ?? (id === END ? [draft.output] : [])
  const labels = labelsOf(draft)
  const reads = inputs.length ? `reads ${inputs.map((input) => labels.get(input)).join(' and ')}` : ''
  const remedy = mark ? `${mark} by the remedy` : ''
  return [isSelected ? `${label}, selected` : label, values, reads, remedy, problem, warning]
    .filter(Boolean)
    .join('. ')
}

export function flowEdges(
  shown: Shown,
  selectedWire: string | null,
  before: readonly FlowEdge[],
): FlowEdge[] {
  const { draft, shapes, problems, marks } = shown
  const known = new Map(before.map((edge) => [edge.id, edge]))
  const labels = labelsOf(draft)
  const wrong = new Set(
    problems.flatMap(({ kind, nodes }) =>
      kind === 'cycle' ? nodes.flatMap((from) => nodes.map((to) => `${from}>${to}`)) : [],
    ),
  )
  const misfits = new Set(problems.flatMap(({ kind, node }) => (kind === 'shape' ? [node] : [])))
  const edges: FlowEdge[] = []
  const add = (source: string, to: string, slot: number, isSkip: boolean) => {
    if (!source) return
    const id = wireId({ to, slot })
    const shape = shapes.get(source)
    const data: WireData = {
      slot: { to, slot },
      shape: shape ? shapeText(shape) : '?',
      isSkip,
      isWrong: wrong.has(`${source}>${to}`) || misfits.has(to),
      mark: marks.get(to) === 'added' || marks.get(source) === 'added' ? 'added' : null,
    }
    const selected = selectedWire === id
    const old = known.get(id)
    if (old && old.source === source && (old.selected ?? false) === selected && sameWire(old.data!, data)) {
      edges.push(old)
      return
    }
    edges.push({
      id,
      source,
      target: to,
      targetHandle: String(slot),
      type: 'wire',
      data,
      selected,
      // The keys reach wires through their operations.
      focusable: false,
      ariaLabel: `From ${labels.get(source)} to ${labels.get(to)}: ${data.shape}`,
    })
  }
  for (const node of draft.nodes) {
    node.inputs.forEach((input, slot) => add(input, node.id, slot, node.op === 'sum' && slot === 0))
  }
  add(draft.output, END, 0, false)
  return edges
}

const sameWire = (a: WireData, b: WireData) =>
  a.shape === b.shape && a.isSkip === b.isSkip && a.isWrong === b.isWrong && a.mark === b.mark
