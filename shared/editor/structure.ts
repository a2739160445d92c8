import { REFERENCE, ratioText } from '../block/file'
import { INPUT, type GraphNode } from '../graph/block-graph'
import { operationOf } from '../operations'
import type { Misfit } from '../operations/operation'
import type { BlockPlace, Shape } from '../numerics/shape'
import { END, type Draft } from '../block/draft'

/** One end of a wire: input `slot` of node `to` (END: the block's output). */
export interface Slot {
  to: string
  slot: number
}

/** What can be read off a draft, valid or not. */
export interface Structure {
  byId: ReadonlyMap<string, GraphNode>
  /** Who reads a node (or `input`), output included. */
  users: ReadonlyMap<string, readonly Slot[]>
  /**
   * All nodes, inputs before their users as far as wires do not run in circles; a list that is in order stays as it is.
   */
  order: readonly string[]
  /** Groups of nodes that depend on each other in a circle. */
  cycles: readonly (readonly string[])[]
  /** Nodes that the output depends on, and `input` where it does. */
  used: ReadonlySet<string>
  /** Shapes where blocks are checked; null where they cannot be told. */
  shapes: ReadonlyMap<string, Shape | null>
  misfits: ReadonlyMap<string, Misfit>
}

const known = new WeakMap<Draft, Structure>()

/** Drafts do not change, so each is read once. */
export function structureOf(draft: Draft): Structure {
  const found = known.get(draft)
  if (found) return found
  const byId = new Map(draft.nodes.map((node) => [node.id, node]))
  const { order, cycles } = sort(draft, byId)
  const { shapes, misfits } = shapesAt(byId, order, cycles, REFERENCE, ratioText)
  const users = usersOf(draft)
  const structure = { byId, users, order, cycles, used: upstream(byId, draft.output), shapes, misfits }
  known.set(draft, structure)
  return structure
}

function usersOf(draft: Draft): Map<string, Slot[]> {
  const users = new Map<string, Slot[]>([[INPUT, []], ...draft.nodes.map(({ id }): [string, []] => [id, []])])
  for (const { id, inputs } of draft.nodes)
    inputs.forEach((input, slot) => users.get(input)?.push({ to: id, slot }))
  users.get(draft.output)?.push({ to: END, slot: 0 })
  return users
}

/** `from` and all that it depends on. */
export function upstream(byId: ReadonlyMap<string, GraphNode>, from: string): Set<string> {
  const found = new Set<string>()
  const ahead = [from]
  for (let id = ahead.pop(); id !== undefined; id = ahead.pop()) {
    if (id === '' || found.has(id)) continue
    found.add(id)
    ahead.push(...(byId.get(id)?.inputs ?? []))
  }
  return found
}

/** Tarjan's strongly connected components: each comes out after all that it depends on. */
function sort(draft: Draft, byId: Map<string, GraphNode>): { order: string[]; cycles: string[][] } {
  const order: string[] = []
  const cycles: string[][] = []
  const place = new Map(draft.nodes.map(({ id }, i) => [id, i]))
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const onStack = new Set<string>()
  const visit = (id: string) => {
    index.set(id, index.size)
    low.set(id, index.get(id)!)
    stack.push(id)
    onStack.add(id)
    for (const input of byId.get(id)!.inputs) {
      if (!byId.has(input)) continue
      if (!index.has(input)) visit(input)
      if (onStack.has(input)) low.set(id, Math.min(low.get(id)!, low.get(input)!))
    }
    if (low.get(id) !== index.get(id)) return
    const group = stack.splice(stack.indexOf(id)).sort((a, b) => place.get(a)! - place.get(b)!)
    group.forEach((member) => onStack.delete(member))
    if (group.length > 1 || byId.get(id)!.inputs.some((input) => input === id)) cycles.push(group)
    order.push(...group)
  }
  for (const { id } of draft.nodes) if (!index.has(id)) visit(id)
  return { order, cycles }
}

/** Shape inference that goes as far as it can. */
export function shapesAt(
  byId: ReadonlyMap<string, GraphNode>,
  order: readonly string[],
  cycles: readonly (readonly string[])[],
  place: BlockPlace,
  text: (shape: Shape) => string,
): { shapes: Map<string, Shape | null>; misfits: Map<string, Misfit> } {
  const shapes = new Map<string, Shape | null>([[INPUT, place.input]])
  const misfits = new Map<string, Misfit>()
  const circular = new Set(cycles.flat())
  for (const id of order) {
    const node = byId.get(id)!
    const inputs = circular.has(id) ? [] : node.inputs.flatMap((input) => shapes.get(input) ?? [])
    shapes.set(id, null)
    if (inputs.length < node.inputs.length) continue
    const operation = operationOf(node)
    const misfit =
      operation.fitsByWidth && place === REFERENCE ? null : operation.misfit?.(node, inputs, text)
    if (misfit) misfits.set(id, misfit)
    else shapes.set(id, operation.shape(node, inputs, place.width))
  }
  return { shapes, misfits }
}
