import { MOST_NODES, REFERENCE, parseField } from '../block/file'
import { InputError, suggestion } from '../base/errors'
import { INPUT, type BlockGraph, type GraphNode, type OperationName } from '../graph/block-graph'
import { operationOf } from '../operations'
import type { Field } from '../operations/operation'
import { END, draftOf, freshId, freshNode, labelOf, type Draft, type Position } from '../block/draft'
import { parseLayout, parseNodes } from '../block/draft-file'
import { structureOf, type Slot } from './structure'

/**
 * All edits of a block: pure functions from draft to draft. None changes what it is given; where there is nothing to do
 * the result is the same object. What cannot be done at all is an InputError with a reason.
 */

/** Where a new node goes. Without `after` and `onEdge` it is connected to nothing. */
export interface Where {
  /** Behind this node: all its users read the new one. */
  after?: string
  /** Into this wire alone. */
  onEdge?: Slot
  at?: Position
}

export function addNode(draft: Draft, op: OperationName, { after, onEdge, at }: Where = {}): Draft {
  checkRoom(draft, 1)
  const id = freshId(draft, op)
  const source = onEdge ? sourceOf(draft, onEdge) : (after ?? '')
  // A sum's or product's last input is the stream; the first comes from the block's start, as a skip connection does.
  const inputs =
    operationOf({ op }).inputs === 1 ? [source] : [source && source !== INPUT ? INPUT : '', source]
  const added = insert(draft, asWideAs(draft, source, freshNode(id, op, inputs)), source)
  const reading = onEdge ? [onEdge] : after === undefined ? [] : usersOf(draft, after)
  return place(rewire(added, reading, id), at ? { [id]: at } : {})
}

/** A new layer keeps the width of what it reads: then whatever reads it fits as before. */
function asWideAs(draft: Draft, source: string, node: GraphNode): GraphNode {
  const units = structureOf(draft).shapes.get(source)?.units
  return units !== undefined && 'units' in node ? { ...node, units: units / REFERENCE.width } : node
}

/**
 * Chains close where nodes are taken out: users read a removed node's first input, of a sum or product its branch.
 * Where that leaves a join with twice the same, the join goes too, except where it is all that is left.
 */
export function removeNodes(draft: Draft, ids: Iterable<string>): Draft {
  const { byId } = structureOf(draft)
  const gone = new Set([...ids].filter((id) => byId.has(id)))
  if (!gone.size) return draft
  let next = without(draft, gone)
  for (;;) {
    const collapsed = next.nodes.find((node) => {
      const before = byId.get(node.id)!
      return (
        node.inputs.length === 2 && node.inputs[0] === node.inputs[1] && before.inputs[0] !== before.inputs[1]
      )
    })
    if (!collapsed) return next
    if (next.nodes.length === 1) return withInput(next, { to: collapsed.id, slot: 1 }, '')
    next = without(next, new Set([collapsed.id]))
  }
}

function without(draft: Draft, gone: ReadonlySet<string>): Draft {
  const { byId } = structureOf(draft)
  const instead = (id: string) => {
    const passed = new Set<string>()
    while (gone.has(id)) {
      if (passed.has(id)) return ''
      passed.add(id)
      id =
        byId
          .get(id)!
          .inputs.filter((input) => input !== '')
          .at(-1) ?? ''
    }
    return id
  }
  const nodes = draft.nodes
    .filter(({ id }) => !gone.has(id))
    .map((node) =>
      node.inputs.some((input) => gone.has(input)) ? reading(node, node.inputs.map(instead)) : node,
    )
  const layout = Object.fromEntries(Object.entries(draft.layout).filter(([id]) => !gone.has(id)))
  return { ...draft, nodes, output: instead(draft.output), layout }
}

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

/** @param value undefined: without this optional field. @throws InputError */
export function setField(draft: Draft, id: string, key: string, value: unknown): Draft {
  const node = nodeOf(draft, id)
  const { fields } = operationOf(node)
  const field = fields.find((candidate) => candidate.key === key)
  if (!field) {
    const keys = fields.map((candidate) => candidate.key)
    const known = keys.length ? `Its fields are ${keys.join(', ')}.` : 'It has none.'
    throw new InputError(labelOf(draft, id), `it has no field "${key}"`, suggestion(key, keys, known))
  }
  const { [key]: before, ...rest } = node as unknown as Record<string, unknown>
  if (value === undefined && field.optional)
    return before === undefined ? draft : withNode(draft, rest as unknown as GraphNode)
  const given = parseField(field, value, field.label)
  if (JSON.stringify(given) === JSON.stringify(before)) return draft
  const changed: Record<string, unknown> = { ...node, [key]: given }
  // A factor and how it is written belong together.
  if (key === 'factor' && 'text' in node) changed.text = String(Number((given as number).toPrecision(4)))
  return withNode(draft, changed as unknown as GraphNode)
}

/** Another operation in a node's place; fields that both have are kept. */
export function replaceOperation(draft: Draft, id: string, op: OperationName): Draft {
  const old = nodeOf(draft, id)
  if (old.op === op) return draft
  const { fields, inputs: count } = operationOf({ op })
  const inputs = Array.from(
    { length: count },
    (_, i) => old.inputs[i + Math.max(0, old.inputs.length - count)] ?? '',
  )
  const fresh = freshNode(id, op, inputs)
  const same = fields.filter(
    (field) =>
      Object.hasOwn(old, field.key) &&
      operationOf(old).fields.some(({ key, type }) => key === field.key && type === field.type),
  )
  const given = same.flatMap(({ key }) => {
    const value = (old as unknown as Record<string, unknown>)[key]
    return isAllowed(
      fields.find((field) => field.key === key)!,
      value,
    )
      ? [[key, value]]
      : []
  })
  return withNode(draft, { ...fresh, ...Object.fromEntries(given) } as GraphNode)
}

function isAllowed(field: Field, value: unknown): boolean {
  try {
    parseField(field, value, field.key)
    return true
  } catch (error) {
    if (error instanceof InputError) return false
    throw error
  }
}

const LONGEST = { name: 100, title: 200, description: 1000 }

/** @throws InputError for an empty name, or a text that is too long */
export function setText(draft: Draft, key: keyof typeof LONGEST, value: string): Draft {
  const text = key === 'name' ? value.trim() : value
  if (key === 'name' && !text) throw new InputError('Name', 'it is empty', 'Curves are told apart by it.')
  if (text.length > LONGEST[key])
    throw new InputError(key, `this is ${text.length} characters long`, `Use at most ${LONGEST[key]}.`)
  return draft[key] === text ? draft : { ...draft, [key]: text }
}

/** @param from where nodes are that the user has not placed yet */
export function move(
  draft: Draft,
  ids: Iterable<string>,
  dx: number,
  dy: number,
  from: Readonly<Record<string, Position>> = {},
): Draft {
  if (!dx && !dy) return draft
  const moved = [...ids].map((id): [string, Position] => {
    const [x, y] = positionOf(draft, id, from)
    return [id, [x + dx, y + dy]]
  })
  return place(draft, Object.fromEntries(moved))
}

const positionOf = (draft: Draft, id: string, from: Readonly<Record<string, Position>>): Position =>
  [draft.layout, from].find((layout) => Object.hasOwn(layout, id))?.[id] ?? [0, 0]

/** Positions of some nodes; the others stay. */
export function place(draft: Draft, positions: Readonly<Record<string, Position>>): Draft {
  const changed = Object.entries(positions).filter(([id, [x, y]]) => {
    const [oldX, oldY] = Object.hasOwn(draft.layout, id) ? draft.layout[id] : []
    return isPlace(draft, id) && Number.isFinite(x) && Number.isFinite(y) && (x !== oldX || y !== oldY)
  })
  if (!changed.length) return draft
  return { ...draft, layout: { ...draft.layout, ...Object.fromEntries(changed) } }
}

/** Positions of all nodes; those that are not named are laid out by themselves again. */
export function placeAll(draft: Draft, positions: Readonly<Record<string, Position>>): Draft {
  const layout = place({ ...draft, layout: {} }, positions).layout
  return JSON.stringify(layout) === JSON.stringify(draft.layout) ? draft : { ...draft, layout }
}

const isPlace = (draft: Draft, id: string) => id === INPUT || id === END || structureOf(draft).byId.has(id)

/**
 * One place earlier (-1) or later (1) along its chain. Across a sum it goes from the branch's end to behind the sum,
 * and back.
 */
export function shift(draft: Draft, id: string, by: -1 | 1): Draft {
  const { byId } = structureOf(draft)
  const node = byId.get(id)
  if (!node) return draft
  const isJoin = node.inputs.length > 1
  if (by === -1) {
    const before = byId.get(node.inputs.at(-1)!)
    if (!before || before === node || readersOf(draft, before.id).length > 1) return draft
    if (isJoin) return before.inputs.length > 1 ? draft : swap(draft, before.id, id)
    return swap(draft, before.id, id)
  }
  const [reader, ...others] = readersOf(draft, id)
  if (!reader || reader.to === END || others.length) return draft
  const after = byId.get(reader.to)!
  return after === node || (isJoin && after.inputs.length > 1) ? draft : swap(draft, id, after.id)
}

/**
 * Out of its chain, which closes, and into another wire: what dragging an operation onto a wire does. A join stays
 * where it is.
 */
export function moveOnto(draft: Draft, id: string, onEdge: Slot): Draft {
  const node = nodeOf(draft, id)
  if (node.inputs.length !== 1 || onEdge.to === id || sourceOf(draft, onEdge) === id) return draft
  const out = rewire(draft, usersOf(draft, id), node.inputs[0])
  const moved = withInput(out, { to: id, slot: 0 }, sourceOf(out, onEdge))
  return withInput(moved, onEdge, id)
}

/** `second` reads `first` and is its only reader: then `first` reads `second`. */
function swap(draft: Draft, first: string, second: string): Draft {
  const { byId } = structureOf(draft)
  const [a, b] = [byId.get(first)!, byId.get(second)!]
  const later = usersOf(draft, second)
  // Where the second is a join, it is its branch that stands on the first.
  const slotOfA = b.inputs.lastIndexOf(first as never)
  const slotBefore = a.inputs.length - 1
  const source = a.inputs[slotBefore]
  const newB = reading(b, replaced(b.inputs, slotOfA, source))
  const newA = reading(a, replaced(a.inputs, slotBefore, second))
  if (later.some(({ to }) => to === first)) return draft
  const nodes = draft.nodes.map((node) => (node === a ? newB : node === b ? newA : node))
  return rewire({ ...draft, nodes }, later, first)
}

/** Copies behind the originals where they are one stretch of the block, else beside them and not read by anything. */
export function duplicate(draft: Draft, ids: Iterable<string>): Draft {
  const chosen = new Set(ids)
  const originals = draft.nodes.filter(({ id }) => chosen.has(id))
  if (!originals.length) return draft
  checkRoom(draft, originals.length)
  const stretch = stretchOf(draft, chosen)
  const { nodes, renamed } = renamedCopies(draft, originals)
  const copies = stretch
    ? nodes.map((node) =>
        reading(
          node,
          node.inputs.map((input) => (input === stretch.source ? stretch.end : input)),
        ),
      )
    : nodes
  const added = { ...draft, nodes: [...draft.nodes, ...copies] }
  const next = stretch ? rewire(added, stretch.readers, renamed.get(stretch.end)!) : added
  const places = [...renamed].flatMap(([old, id]): [string, Position][] => {
    if (!Object.hasOwn(draft.layout, old)) return []
    const [x, y] = draft.layout[old]
    return [[id, [x + BESIDE, y + BESIDE]]]
  })
  return place(next, Object.fromEntries(places))
}

/** How far copies are drawn from their originals. */
const BESIDE = 40

/** The chosen nodes as text for the clipboard; what they read from outside is left open. */
export function copy(draft: Draft, ids: Iterable<string>): string {
  const chosen = new Set(ids)
  const nodes = draft.nodes
    .filter(({ id }) => chosen.has(id))
    .map((node) =>
      reading(
        node,
        node.inputs.map((input) => (chosen.has(input) ? input : '')),
      ),
    )
  const layout = Object.fromEntries(Object.entries(draft.layout).filter(([id]) => chosen.has(id)))
  return JSON.stringify({ residualLab: 'operations', version: 1, nodes, layout })
}

/** Longer texts are not copies of a block's nodes. */
const LONGEST_CLIPBOARD = 4_000_000

/**
 * Copied nodes; with `after` or `onEdge` in that place, as far as they are one stretch, else connected to nothing.
 * @throws InputError for any other text
 */
export function paste(draft: Draft, text: string, where: Where = {}): Draft {
  const copied = parseClipboard(text)
  checkRoom(draft, copied.nodes.length)
  const { nodes, renamed } = renamedCopies(draft, copied.nodes)
  if (!nodes.length) return draft
  const source = where.onEdge ? sourceOf(draft, where.onEdge) : (where.after ?? '')
  const readers = where.onEdge ? [where.onEdge] : where.after === undefined ? [] : usersOf(draft, where.after)
  const read = new Set(nodes.flatMap(({ inputs }) => inputs))
  const ends = nodes.filter(({ id }) => !read.has(id))
  const connected = source
    ? nodes.map((node) =>
        reading(
          node,
          node.inputs.map((input) => input || source),
        ),
      )
    : nodes
  const added = { ...draft, nodes: [...draft.nodes, ...connected] }
  const next = ends.length === 1 ? rewire(added, readers, ends[0].id) : added
  return place(next, placesOf(copied.layout, renamed, where.at))
}

function parseClipboard(text: string): { nodes: GraphNode[]; layout: Record<string, Position> } {
  const where = 'clipboard'
  const refuse = () =>
    new InputError(where, 'this text is not operations of a block', 'Copy some on the canvas first.')
  if (text.length > LONGEST_CLIPBOARD || !text.trimStart().startsWith('{')) throw refuse()
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw refuse()
  }
  const document = value as Record<string, unknown>
  if (!Object.hasOwn(document, 'residualLab') || document.residualLab !== 'operations') throw refuse()
  if (document.version !== 1)
    throw new InputError(
      where,
      'these operations come from another version',
      'Copy them in a newer Residual Lab.',
    )
  const nodes = parseNodes(document.nodes, `${where}.nodes`)
  const layout = parseLayout(document.layout, nodes, `${where}.layout`)
  return { nodes, layout }
}

/** Where pasted nodes go: their top left corner at `at`, else a little beside where they were. */
function placesOf(
  layout: Record<string, Position>,
  renamed: ReadonlyMap<string, string>,
  at: Position | undefined,
): Record<string, Position> {
  const old = Object.entries(layout)
  const left = Math.min(...old.map(([, [x]]) => x))
  const top = Math.min(...old.map(([, [, y]]) => y))
  const [dx, dy] = at && old.length ? [at[0] - left, at[1] - top] : [BESIDE, BESIDE]
  const places = old.map(([id, [x, y]]): [string, Position] => [renamed.get(id)!, [x + dx, y + dy]])
  // What was never placed starts in a row.
  const unplaced = at
    ? [...renamed.values()].filter((_, i) => !Object.hasOwn(layout, [...renamed.keys()][i]))
    : []
  unplaced.forEach((id, i) => places.push([id, [at![0] + (i + old.length) * 2 * BESIDE, at![1]]]))
  return Object.fromEntries(places)
}

/**
 * A sum around one stretch of the block: its start is added to its end.
 * @throws InputError where it is not one stretch
 */
export function wrapInSkip(draft: Draft, ids: Iterable<string>): Draft {
  checkRoom(draft, 1)
  const stretch = stretchOf(draft, new Set(ids))
  if (!stretch || !stretch.source) {
    throw new InputError(
      'Skip connection',
      'these operations are not one stretch with one start and one end',
      'Choose operations that follow each other.',
    )
  }
  const id = freshId(draft, 'sum')
  const added = insert(draft, freshNode(id, 'sum', [stretch.source, stretch.end]), stretch.end)
  return rewire(added, stretch.readers, id)
}

/** A further branch beside a sum's, or beside a wire: `op` of what comes in there, added by a new sum. */
export function addBranch(draft: Draft, at: string | Slot, op: OperationName = 'linear'): Draft {
  checkRoom(draft, 2)
  const beside = typeof at === 'string' ? nodeOf(draft, at).id : sourceOf(draft, at)
  const start = typeof at === 'string' ? nodeOf(draft, at).inputs[0] : beside
  if (!start) throw new InputError('Branch', 'nothing is connected here', 'Connect it first.')
  const readers = typeof at === 'string' ? usersOf(draft, at) : [at]
  const inputs = operationOf({ op }).inputs === 1 ? [start] : [start, '']
  const branch = asWideAs(draft, beside, freshNode(freshId(draft, op), op, inputs))
  const sum = freshNode(freshId(draft, 'sum', [branch.id]), 'sum', [beside, branch.id])
  const withBranch = insert(draft, branch, beside)
  return rewire(insert(withBranch, sum, branch.id), readers, sum.id)
}

export function replaceWith(draft: Draft, graph: BlockGraph): Draft {
  const next = draftOf(graph)
  return JSON.stringify(next) === JSON.stringify(draft) ? draft : next
}

/** A stretch of the block: what comes into it, its one end, and who reads that outside. */
interface Stretch {
  source: string
  end: string
  readers: Slot[]
}

/** Whether the nodes are one stretch: all that comes in is one value, and only one of them is read outside. */
export function stretchOf(draft: Draft, ids: ReadonlySet<string>): Stretch | null {
  const inside = draft.nodes.filter(({ id }) => ids.has(id))
  const sources = new Set(inside.flatMap(({ inputs }) => inputs.filter((input) => !ids.has(input))))
  const outside = (id: string) => usersOf(draft, id).filter(({ to }) => !ids.has(to))
  const ends = inside.filter(({ id }) => outside(id).length || !usersOf(draft, id).length)
  if (sources.size !== 1 || ends.length !== 1) return null
  return { source: [...sources][0], end: ends[0].id, readers: outside(ends[0].id) }
}

/** Copies under free ids; what they read inside the group is read from the copies. */
function renamedCopies(draft: Draft, originals: readonly GraphNode[]) {
  const renamed = new Map<string, string>()
  for (const { id, op } of originals) renamed.set(id, freshId(draft, op, renamed.values()))
  const nodes = originals.map((node) => ({
    ...reading(
      node,
      node.inputs.map((input) => renamed.get(input) ?? input),
    ),
    id: renamed.get(node.id)!,
  }))
  return { nodes, renamed }
}

function checkRoom(draft: Draft, more: number): void {
  if (draft.nodes.length + more <= MOST_NODES) return
  throw new InputError('Block', `it would have more than ${MOST_NODES} operations`, 'Remove some first.')
}

function nodeOf(draft: Draft, id: string): GraphNode {
  const node = structureOf(draft).byId.get(id)
  if (node) return node
  throw new InputError('Block', `there is no operation "${id}"`, 'It may have been removed.')
}

const usersOf = (draft: Draft, id: string): readonly Slot[] => structureOf(draft).users.get(id) ?? []

/** Nodes (and END) that read it; one that reads it twice counts once. */
const readersOf = (draft: Draft, id: string) => {
  const users = usersOf(draft, id)
  return users.filter(({ to }, i) => users.findIndex((other) => other.to === to) === i)
}

const sourceOf = (draft: Draft, { to, slot }: Slot) =>
  to === END ? draft.output : (nodeOf(draft, to).inputs[slot] ?? '')

const reading = (node: GraphNode, inputs: string[]) => ({ ...node, inputs }) as GraphNode

const replaced = (inputs: readonly string[], slot: number, input: string) =>
  inputs.map((old, i) => (i === slot ? input : old))

const withNode = (draft: Draft, changed: GraphNode): Draft => ({
  ...draft,
  nodes: draft.nodes.map((node) => (node.id === changed.id ? changed : node)),
})

function withInput(draft: Draft, at: Slot, from: string): Draft {
  if (at.to === END) return draft.output === from ? draft : { ...draft, output: from }
  const node = nodeOf(draft, at.to)
  if (at.slot < 0 || at.slot >= node.inputs.length)
    throw new InputError(labelOf(draft, at.to), `it has no input ${at.slot + 1}`, 'Choose another.')
  if (node.inputs[at.slot] === from) return draft
  return withNode(draft, reading(node, replaced(node.inputs, at.slot, from)))
}

const rewire = (draft: Draft, slots: readonly Slot[], from: string): Draft =>
  slots.reduce((current, slot) => withInput(current, slot, from), draft)

/** Into the list right behind what it reads, so that lists stay in order. */
function insert(draft: Draft, node: GraphNode, after: string): Draft {
  const found = draft.nodes.findIndex(({ id }) => id === after)
  const at = found >= 0 ? found + 1 : after === INPUT ? 0 : draft.nodes.length
  return { ...draft, nodes: [...draft.nodes.slice(0, at), node, ...draft.nodes.slice(at)] }
}
