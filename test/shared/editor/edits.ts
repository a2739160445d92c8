import fc from 'fast-check'
import { PRESETS } from '../../../shared/block/presets'
import {
  addBranch,
  addNode,
  connect,
  copy,
  disconnect,
  duplicate,
  move,
  moveOnto,
  paste,
  removeNodes,
  replaceOperation,
  replaceWith,
  setField,
  setOutput,
  setText,
  shift,
  wrapInSkip,
} from '../../../shared/editor/actions'
import type { Draft } from '../../../shared/block/draft'
import { InputError } from '../../../shared/base/errors'
import { INPUT } from '../../../shared/graph/block-graph'
import { OPERATION_NAMES, operationOf } from '../../../shared/operations'

/** Numbers that choose what happens: the same ones mean something in every draft. */
export interface RandomEdit {
  kind: number
  a: number
  b: number
  value: number
}

export const randomEdits = (maxLength: number) =>
  fc.array(
    fc.record({
      kind: fc.nat(),
      a: fc.nat(),
      b: fc.nat(),
      value: fc.oneof(fc.double({ min: -2, max: 40, noNaN: true }), fc.integer({ min: -2, max: 70 })),
    }),
    { maxLength },
  )

const KINDS: ((draft: Draft, edit: RandomEdit, pick: Pick) => Draft)[] = [
  (draft, { b }, { op, id }) => addNode(draft, op, b % 2 ? { after: id } : {}),
  (draft, _, { op, id, slot }) => addNode(draft, op, { onEdge: { to: id, slot }, at: [3, 4] }),
  (draft, _, { id }) => removeNodes(draft, [id]),
  (draft, _, { some }) => removeNodes(draft, some),
  (draft, _, { id, other, slot }) => connect(draft, id, other, slot),
  (draft, _, { id, slot }) => disconnect(draft, id, slot),
  (draft, _, { id }) => setOutput(draft, id),
  (draft, { value, b }, { id }) => {
    const node = draft.nodes.find((candidate) => candidate.id === id)
    const { fields } = operationOf(node ?? { op: 'linear' })
    return setField(draft, id, fields[b % fields.length]?.key ?? 'none', value)
  },
  (draft, { b }) => setText(draft, 'title', `Block ${b % 10}`),
  (draft, { value }, { some }) => move(draft, some, value, -value),
  (draft, { b }, { id }) => shift(draft, id, b % 2 ? 1 : -1),
  (draft, _, { some }) => duplicate(draft, some),
  (draft, { b }, { some, id }) => paste(draft, copy(draft, some), b % 2 ? { after: id } : {}),
  (draft, _, { some }) => wrapInSkip(draft, some),
  (draft, _, { id, op }) => addBranch(draft, id, op),
  (draft, _, { id, other, slot }) => moveOnto(draft, id, { to: other, slot }),
  (draft, _, { id, op }) => replaceOperation(draft, id, op),
  (draft, { a }) => replaceWith(draft, PRESETS[a % PRESETS.length]),
]

interface Pick {
  id: string
  other: string
  slot: number
  some: string[]
  op: (typeof OPERATION_NAMES)[number]
}

/** One edit; what is refused leaves the draft as it is. */
export function applyRandomEdit(draft: Draft, edit: RandomEdit): Draft {
  const ids = [INPUT, ...draft.nodes.map(({ id }) => id)]
  const { a, b, kind } = edit
  const pick: Pick = {
    id: ids[a % ids.length],
    other: ids[b % ids.length],
    slot: b % 2,
    some: ids.filter((_, i) => (i + a) % ((b % 3) + 1) === 0),
    op: OPERATION_NAMES[b % OPERATION_NAMES.length],
  }
  try {
    return KINDS[kind % KINDS.length](draft, edit, pick)
  } catch (error) {
    if (error instanceof InputError) return draft
    throw error
  }
}
