import { parseField } from '../../block/file'
import { InputError, suggestion } from '../../base/errors'
import type { BlockGraph, GraphNode, OperationName } from '../../graph/block-graph'
import { operationOf } from '../../operations'
import type { Field } from '../../operations/operation'
import { draftOf, freshNode, labelOf, type Draft } from '../../block/draft'
import { nodeOf, withNode } from './wires'

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

/** Another block in the place of the draft. */
export function replaceWith(draft: Draft, graph: BlockGraph): Draft {
  const next = draftOf(graph)
  return JSON.stringify(next) === JSON.stringify(draft) ? draft : next
}
