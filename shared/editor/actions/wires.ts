import { INPUT, type GraphNode } from '../../graph/block-graph'
import { InputError } from '../../base/errors'
import { END, labelOf, type Draft } from '../../block/draft'
import { structureOf, type Slot } from '../structure'

/** Lets an input read `from`, whatever it read before. */
export function connect(draft: Draft, from: string, to: string, slot: number): Draft {
  if (from !== INPUT) nodeOf(draft, from)
  return withInput(draft, { to, slot }, from)
}

export function disconnect(draft: Draft, to: string, slot: number): Draft {
  return withInput(draft, { to, slot }, '')
}

export function setOutput(draft: Draft, id: string): Draft {
  return connect(draft, id, END, 0)
}

/** @throws InputError where there is no such operation */
export function nodeOf(draft: Draft, id: string): GraphNode {
  const node = structureOf(draft).byId.get(id)
  if (node) return node
  throw new InputError('Block', `there is no operation "${id}"`, 'It may have been removed.')
}

export const usersOf = (draft: Draft, id: string): readonly Slot[] => structureOf(draft).users.get(id) ?? []

/** Nodes (and END) that read it; one that reads it twice counts once. */
export const readersOf = (draft: Draft, id: string) => {
  const users = usersOf(draft, id)
  return users.filter(({ to }, i) => users.findIndex((other) => other.to === to) === i)
}

/** What a slot reads; an empty text where nothing is connected. */
export const sourceOf = (draft: Draft, { to, slot }: Slot) =>
  to === END ? draft.output : (nodeOf(draft, to).inputs[slot] ?? '')

export const reading = (node: GraphNode, inputs: string[]) => ({ ...node, inputs }) as GraphNode

export const replaced = (inputs: readonly string[], slot: number, input: string) =>
  inputs.map((old, i) => (i === slot ? input : old))

export const withNode = (draft: Draft, changed: GraphNode): Draft => ({
  ...draft,
  nodes: draft.nodes.map((node) => (node.id === changed.id ? changed : node)),
})

/** The draft in which one slot reads `from`. @throws InputError where there is no such slot */
export function withInput(draft: Draft, at: Slot, from: string): Draft {
  if (at.to === END) return draft.output === from ? draft : { ...draft, output: from }
  const node = nodeOf(draft, at.to)
  if (at.slot < 0 || at.slot >= node.inputs.length)
    throw new InputError(labelOf(draft, at.to), `it has no input ${at.slot + 1}`, 'Choose another.')
  if (node.inputs[at.slot] === from) return draft
  return withNode(draft, reading(node, replaced(node.inputs, at.slot, from)))
}

/** The draft in which all these slots read `from`. */
export const rewire = (draft: Draft, slots: readonly Slot[], from: string): Draft =>
  slots.reduce((current, slot) => withInput(current, slot, from), draft)

/** Into the list right behind what it reads, so that lists stay in order. */
export function insert(draft: Draft, node: GraphNode, after: string): Draft {
  const found = draft.nodes.findIndex(({ id }) => id === after)
  const at = found >= 0 ? found + 1 : after === INPUT ? 0 : draft.nodes.length
  return { ...draft, nodes: [...draft.nodes.slice(0, at), node, ...draft.nodes.slice(at)] }
}
