import { MOST_NODES, parseField } from './file'
import { InputError, nearest } from '../base/errors'
import { INPUT, type GraphNode, type OperationName } from '../graph/block-graph'
import { OPERATION_NAMES, operationOf } from '../operations'
import { END, RESERVED, type Draft, type Position } from './draft'

type Fields = Record<string, unknown>

const KEYS = ['version', 'name', 'title', 'description', 'nodes', 'output', 'layout']

/**
 * Any JSON value to a draft: strict about types, lenient about what the block means.
 * @throws InputError with the path of the field, what is wrong and how to mend it
 */
export function parseDraft(value: unknown, where: string): Draft {
  const document = asObject(value, where, 'a block (an object with name, nodes and output)')
  checkKeys(document, KEYS, where)
  if (document.version !== undefined && document.version !== 1) {
    throw new InputError(
      `${where}.version`,
      `version ${show(document.version)} is not known here (this program reads version 1)`,
      'Open it with the Residual Lab that saved it, or a newer one.',
    )
  }
  const name = asText(document.name, `${where}.name`)
  const nodes = parseNodes(document.nodes, `${where}.nodes`)
  return {
    name,
    title: asSentence(document.title, 200, name, `${where}.title`),
    description: asSentence(document.description, 1000, '', `${where}.description`),
    nodes,
    output: asReference(document.output ?? '', nodes, `${where}.output`),
    layout: parseLayout(document.layout, nodes, `${where}.layout`),
  }
}

/** A list of nodes whose inputs are each other, `input`, or ''. @throws InputError */
export function parseNodes(value: unknown, where: string): GraphNode[] {
  if (!Array.isArray(value)) {
    throw new InputError(where, 'a list of operations is missing', 'See docs/block-files.md for the form.')
  }
  if (value.length > MOST_NODES) {
    throw new InputError(
      where,
      `${value.length} operations are too many`,
      `A block has at most ${MOST_NODES}: shorten it.`,
    )
  }
  const nodes = value.map((entry, i) => parseNode(entry, `${where}[${i}]`))
  const ids = new Set<string>()
  nodes.forEach(({ id }, i) => {
    if (ids.has(id))
      throw new InputError(`${where}[${i}].id`, `"${id}" is used twice`, 'Give every operation its own id.')
    ids.add(id)
  })
  nodes.forEach(({ inputs }, i) =>
    inputs.forEach((input, slot) => asReference(input, nodes, `${where}[${i}].inputs[${slot}]`, ids)),
  )
  return nodes
}

function parseNode(value: unknown, where: string): GraphNode {
  const entry = asObject(value, where, 'an operation (an object with id, op and inputs)')
  const id = asText(entry.id, `${where}.id`)
  if (RESERVED.includes(id))
    throw new InputError(`${where}.id`, `"${id}" cannot be an operation’s id`, 'Give it another.')
  const op = entry.op as OperationName
  if (!OPERATION_NAMES.includes(op)) {
    const near = typeof op === 'string' ? nearest(String(op).slice(0, 100), OPERATION_NAMES) : null
    throw new InputError(
      `${where}.op`,
      `there is no operation ${show(op)}`,
      near ? `Did you mean "${near}"?` : `The operations are ${OPERATION_NAMES.join(', ')}.`,
    )
  }
  const form = operationOf({ op })
  checkKeys(entry, ['id', 'op', 'inputs', ...form.fields.map(({ key }) => key)], where)
  const inputs: unknown = entry.inputs
  if (!Array.isArray(inputs) || inputs.length !== form.inputs) {
    throw new InputError(
      `${where}.inputs`,
      `${op} takes ${form.inputs} input${form.inputs > 1 ? 's' : ''}`,
      'List their ids; "" stands for one that is not connected.',
    )
  }
  const node: Fields = { id, op, inputs: [...inputs] }
  for (const field of form.fields) {
    const given = Object.hasOwn(entry, field.key) ? entry[field.key] : undefined
    if (given === undefined && field.optional) continue
    node[field.key] =
      field.type === 'text' && given === undefined ? '' : parseField(field, given, `${where}.${field.key}`)
  }
  return node as GraphNode
}

export function parseLayout(value: unknown, nodes: readonly GraphNode[], where: string): Draft['layout'] {
  if (value === undefined) return {}
  const layout = asObject(value, where, 'a list of positions (an object of [x, y] by id)')
  const known = [INPUT, END, ...nodes.map(({ id }) => id)].filter((id) => Object.hasOwn(layout, id))
  return Object.fromEntries(
    known.map((id): [string, Position] => {
      const at = layout[id]
      if (Array.isArray(at) && at.length === 2 && at.every((x) => Number.isFinite(x)))
        return [id, [at[0] as number, at[1] as number]]
      throw new InputError(`${where}.${id}`, `${show(at)} is not a position`, 'Give [x, y].')
    }),
  )
}

function checkKeys(document: Fields, known: readonly string[], where: string): void {
  for (const key of Object.keys(document)) {
    if (known.includes(key)) continue
    const near = nearest(key.slice(0, 100), known)
    throw new InputError(
      `${where}.${key.slice(0, 60)}`,
      'there is no such field',
      near ? `Did you mean "${near}"?` : `The fields are ${known.join(', ')}.`,
    )
  }
}

function asReference(
  value: unknown,
  nodes: readonly GraphNode[],
  where: string,
  ids: ReadonlySet<string> = new Set(nodes.map(({ id }) => id)),
): string {
  if (typeof value === 'string' && (value === '' || value === INPUT || ids.has(value))) return value
  throw new InputError(
    where,
    `there is no operation ${show(value)}`,
    `Name an operation of the list, "${INPUT}", or "" for nothing.`,
  )
}

function asObject(value: unknown, where: string, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw new InputError(where, `this is not ${what}`, 'See docs/block-files.md for the form.')
}

export function asText(value: unknown, where: string): string {
  if (typeof value === 'string' && value.length > 0 && value.length <= 100) return value
  throw new InputError(where, 'a name of 1 to 100 characters is missing', 'Give one in quotes.')
}

function asSentence(value: unknown, longest: number, missing: string, where: string): string {
  if (value === undefined) return missing
  if (typeof value === 'string' && value.length <= longest) return value
  throw new InputError(where, `this is not a text of at most ${longest} characters`, 'Shorten it.')
}

/** A value as it can stand in a message: short, on one line, however large it is. */
function show(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'this list' : 'this object'
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value)
}
