import { REFERENCE } from '../block/file'
import { INPUT, type BlockGraph } from '../graph/block-graph'
import { sameShape } from '../numerics/shape'
import { END, type Draft } from '../block/draft'
import { structureOf } from './structure'

export type FaultKind =
  /** Wires run in a circle. */
  | 'cycle'
  /** Nothing is connected to an input. */
  | 'missing-input'
  /** An operation cannot take what it is given, or (node END) the block ends in another shape than it starts with. */
  | 'shape'
  /** The output does not depend on the block's input. */
  | 'no-path'
  /** No operation is the block's output. */
  | 'no-output'
  /** Nothing that leads to the output reads it. */
  | 'unused'

/** What keeps a draft from being a block, and where. */
export interface Fault {
  kind: FaultKind
  /** The offending node (END: the block's output). */
  node: string
  /** The input in question. */
  slot: number | null
  /** All nodes that it concerns. */
  nodes: readonly string[]
}

/** Empty exactly where the draft is a block. */
export function faultsOf(draft: Draft): Fault[] {
  const { byId, users, order, cycles, used, shapes, misfits } = structureOf(draft)
  const { output } = draft
  const faults: Fault[] = cycles.map((nodes) => ({ kind: 'cycle', node: nodes[0], slot: null, nodes }))
  const add = (kind: FaultKind, node: string, slot: number | null = null) =>
    faults.push({ kind, node, slot, nodes: node === END ? [] : [node] })
  for (const id of order) {
    byId.get(id)!.inputs.forEach((input, slot) => {
      if (!byId.has(input) && input !== INPUT) add('missing-input', id, slot)
    })
    if (misfits.has(id)) add('shape', id)
  }
  if (!byId.has(output)) {
    add('no-output', END)
    return faults
  }
  if (!used.has(INPUT)) add('no-path', output)
  const shape = shapes.get(output)
  if (shape && !sameShape(shape, REFERENCE.input)) add('shape', END)
  for (const id of order) {
    if (!used.has(id) && !users.get(id)!.some(({ to }) => to !== id)) add('unused', id)
  }
  return faults
}

/** The block of a draft without faults, its nodes in order; else null. */
export function graphOf(draft: Draft): BlockGraph | null {
  if (faultsOf(draft).length) return null
  const { name, title, description, output, layout } = draft
  const { order, byId } = structureOf(draft)
  const places = [INPUT, ...order].filter((id) => Object.hasOwn(layout, id))
  const placed = Object.fromEntries(places.map((id) => [id, layout[id]]))
  return {
    name,
    title,
    description,
    nodes: order.map((id) => byId.get(id)!),
    output,
    ...(places.length ? { layout: placed } : {}),
  }
}
