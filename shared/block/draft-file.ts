import { BLOCK_KEYS, MOST_NODES, checkOperation, formOf, operationFields } from './file'
import { knownFields, nameText, show, versionOne } from '../base/check'
import { InputError } from '../base/errors'
import { INPUT, type GraphNode, type OperationName } from '../graph/block-graph'
import { operationOf } from '../operations'
import { END, RESERVED, type Draft, type Position } from './draft'

/**
 * Any JSON value to a draft: strict about types, lenient about what the block means.
 * @throws InputError with the path of the field, what is wrong and how to mend it
 */
export function parseDraft(value: unknown, where: string): Draft {
  const object = formOf(value, where, 'a block (an object with name, nodes and output)')
  const document = knownFields(object, where, BLOCK_KEYS)
  versionOne(document.version, where)
  const name = nameText(document.name, `${where}.name`)
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
  const entry = formOf(value, where, 'an operation (an object with id, op and inputs)')
  const id = nameText(entry.id, `${where}.id`)
  if (RESERVED.includes(id))
    throw new InputError(`${where}.id`, `"${id}" cannot be an operation’s id`, 'Give it another.')
  const op = entry.op as OperationName
  checkOperation(op, where)
  const form = operationOf({ op })
  knownFields(entry, where, ['id', 'op', 'inputs', ...form.fields.map(({ key }) => key)])
  const inputs: unknown = entry.inputs
  if (!Array.isArray(inputs) || inputs.length !== form.inputs) {
    throw new InputError(
      `${where}.inputs`,
      `${op} takes ${form.inputs} input${form.inputs > 1 ? 's' : ''}`,
      'List their ids; "" stands for one that is not connected.',
    )
  }
  return { id, op, inputs: [...inputs], ...operationFields(form.fields, entry, where) } as GraphNode
}

export function parseLayout(value: unknown, nodes: readonly GraphNode[], where: string): Draft['layout'] {
  if (value === undefined) return {}
  const layout = formOf(value, where, 'a list of positions (an object of [x, y] by id)')
  const known = [INPUT, END, ...nodes.map(({ id }) => id)].filter((id) => Object.hasOwn(layout, id))
  return Object.fromEntries(
    known.map((id): [string, Position] => {
      const at = layout[id]
      if (Array.isArray(at) && at.length === 2 && at.every((x) => Number.isFinite(x)))
        return [id, [at[0] as number, at[1] as number]]
      throw new InputError(
        `${where}.${id}`,
        `${Array.isArray(at) ? 'this list' : show(at)} is not a position`,
        'Give [x, y].',
      )
    }),
  )
}

function asReference(
  value: unknown,
  nodes: readonly GraphNode[],
  where: string,
  ids: ReadonlySet<string> = new Set(nodes.map(({ id }) => id)),
): string {
  if (value === '' || value === INPUT || ids.has(value as string)) return value as string
  throw new InputError(
    where,
    `there is no operation ${show(value)}`,
    `Name an operation of the list, "${INPUT}", or "" for nothing.`,
  )
}

function asSentence(value: unknown, longest: number, missing: string, where: string): string {
  if (value === undefined) return missing
  if (typeof value === 'string' && value.length <= longest) return value
  throw new InputError(where, `this is not a text of at most ${longest} characters`, 'Shorten it.')
}
