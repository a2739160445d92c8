import { knownFields, nameText, objectOf, show, trueOrFalse, versionOne, type Fields } from '../base/check'
import { InputError, suggestion } from '../base/errors'
import { INPUT, type BlockGraph, type GraphNode, type OperationName } from '../graph/block-graph'
import { OPERATION_NAMES, operationOf } from '../operations'
import type { Field } from '../operations/operation'
import { placeOf, sameShape, type Shape } from '../numerics/shape'

/** More operations than this are not a block but a mistake. */
export const MOST_NODES = 500

/** Blocks are checked where every ratio of the width is a whole number and every stride shows. */
export const REFERENCE = { ...placeOf(1024), input: { units: 1024, rows: 64, columns: 64 } }

export const BLOCK_KEYS = ['version', 'name', 'title', 'description', 'nodes', 'output', 'layout'] as const

/**
 * Any JSON value to a valid block graph whose output is as wide as its input.
 * @throws InputError with the path of the field, what is wrong and how to mend it
 */
export function parseBlockGraph(value: unknown, where: string): BlockGraph {
  const object = formOf(value, where, 'a block graph (an object with name, nodes and output)')
  const document = knownFields(object, where, BLOCK_KEYS)
  versionOne(document.version, where)
  const name = nameText(document.name, `${where}.name`)
  if (!Array.isArray(document.nodes) || document.nodes.length === 0 || document.nodes.length > MOST_NODES) {
    throw new InputError(
      `${where}.nodes`,
      `this is not a list of 1 to ${MOST_NODES} operations`,
      'See docs/block-files.md for the form.',
    )
  }
  const nodes: GraphNode[] = []
  const shapes = new Map<string, Shape>([[INPUT, REFERENCE.input]])
  document.nodes.forEach((entry, i) => {
    const node = parseNode(entry, `${where}.nodes[${i}]`, shapes)
    nodes.push(node)
    shapes.set(node.id, outputShape(node, shapes, `${where}.nodes[${i}]`))
  })
  const output = nameText(document.output, `${where}.output`)
  const graph: BlockGraph = {
    name,
    title: typeof document.title === 'string' ? document.title.slice(0, 200) : name,
    description: typeof document.description === 'string' ? document.description.slice(0, 1000) : '',
    nodes,
    output,
    ...layoutOf(document.layout, nodes),
  }
  checkOutput(graph, shapes, where)
  return graph
}

/** The editor's positions, as far as they make sense: a picture is no reason to refuse a block. */
function layoutOf(value: unknown, nodes: GraphNode[]): Pick<BlockGraph, 'layout'> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {}
  const places = [INPUT, ...nodes.map((node) => node.id)].flatMap((id): [string, [number, number]][] => {
    const at: unknown = Object.hasOwn(value, id) ? (value as Fields)[id] : undefined
    return Array.isArray(at) && at.length === 2 && at.every(isFiniteNumber) ? [[id, [at[0], at[1]]]] : []
  })
  return places.length ? { layout: Object.fromEntries(places) } : {}
}

function parseNode(value: unknown, where: string, known: Map<string, Shape>): GraphNode {
  const entry = formOf(value, where, 'an operation (an object with id, op and inputs)')
  const id = nameText(entry.id, `${where}.id`)
  if (known.has(id))
    throw new InputError(`${where}.id`, `"${id}" is used twice`, 'Give every operation its own id.')
  checkOperation(entry.op, where)
  const op = entry.op as OperationName
  const form = operationOf({ op })
  const inputs = entry.inputs
  if (!Array.isArray(inputs) || inputs.length !== form.inputs) {
    throw new InputError(
      `${where}.inputs`,
      `${op} takes ${form.inputs} input${form.inputs > 1 ? 's' : ''}`,
      'List their ids.',
    )
  }
  for (const input of inputs) {
    if (!known.has(input as string)) {
      const what = `${show(input)} is neither "${INPUT}" nor an operation listed before`
      throw new InputError(
        `${where}.inputs`,
        what,
        'List operations after their inputs; cycles are not possible.',
      )
    }
  }
  const keys = ['id', 'op', 'inputs', ...form.fields.map((field) => field.key)]
  const unknown = Object.keys(entry).find((key) => !keys.includes(key))
  if (unknown !== undefined) {
    const hint = suggestion(unknown, keys, `Its fields are ${keys.join(', ')}.`)
    throw new InputError(where, `${op} has no field ${show(unknown)}`, hint)
  }
  return { id, op, inputs: [...inputs], ...operationFields(form.fields, entry, where) } as GraphNode
}

/** @throws InputError naming the nearest operation */
export function checkOperation(op: unknown, where: string): void {
  if (OPERATION_NAMES.includes(op as OperationName)) return
  throw new InputError(
    `${where}.op`,
    `there is no operation ${show(op)}`,
    suggestion(op, OPERATION_NAMES, `The operations are ${OPERATION_NAMES.join(', ')}.`),
  )
}

/** What an operation has beyond id, op and inputs; texts may be missing. @throws InputError */
export function operationFields(fields: readonly Field[], entry: Fields, where: string): Fields {
  const found: Fields = {}
  for (const field of fields) {
    const given = Object.hasOwn(entry, field.key) ? entry[field.key] : undefined
    if (given === undefined && field.optional) continue
    const isMissing = field.type === 'text' && given === undefined
    found[field.key] = isMissing ? '' : parseField(field, given, `${where}.${field.key}`)
  }
  return found
}

/** A node's field against its definition. @throws InputError */
export function parseField(field: Field, value: unknown, where: string): unknown {
  switch (field.type) {
    case 'text':
      if (typeof value === 'string') return value.slice(0, 40)
      throw new InputError(where, `${show(value)} is not a text`, 'Give a text in quotes.')
    case 'switch':
      return trueOrFalse(value, where)
    case 'numbers':
      if (Array.isArray(value) && value.length > 0 && value.length <= 10_000 && value.every(isFiniteNumber))
        return [...value]
      throw new InputError(
        where,
        `${show(value)} is not a list of numbers`,
        'Give at least one finite number.',
      )
    case 'integer':
    case 'number':
      if (isFiniteNumber(value) && fits(field, value)) return value
      throw new InputError(where, `${show(value)} is not a number that fits`, `Give ${rangeText(field)}.`)
  }
}

const isFiniteNumber = (value: unknown): value is number => Number.isFinite(value)

const fits = ({ type, minimum = -Infinity, maximum = Infinity, isPositive }: Field, value: number) =>
  value >= minimum &&
  value <= maximum &&
  (!isPositive || value > minimum) &&
  (type === 'number' || Number.isInteger(value))

/** "a whole number from 1 to 15", "a number above 0 and at most 16", "a finite number". */
export function rangeText({ type, minimum, maximum, isPositive }: Field): string {
  const kind = type === 'integer' ? 'a whole number' : 'a number'
  if (minimum === undefined || maximum === undefined) return 'a finite number'
  return isPositive
    ? `${kind} above ${minimum} and at most ${maximum}`
    : `${kind} from ${minimum} to ${maximum}`
}

/** In ratios of the network's: "0.5 N", and positions where they change. */
export function ratioText(shape: Shape): string {
  const { units, rows, columns } = REFERENCE.input
  const width = `${shape.units / units} N`
  return shape.rows === rows && shape.columns === columns
    ? width
    : `${width} on ${shape.rows} × ${shape.columns} of ${rows} × ${columns} positions`
}

function outputShape(node: GraphNode, shapes: Map<string, Shape>, where: string): Shape {
  const inputs = node.inputs.map((input) => shapes.get(input)!)
  const operation = operationOf(node)
  const misfit = operation.fitsByWidth ? null : operation.misfit?.(node, inputs, ratioText)
  if (misfit) throw new InputError(where, misfit.problem, misfit.hint)
  return operation.shape(node, inputs, REFERENCE.width)
}

function checkOutput(graph: BlockGraph, shapes: Map<string, Shape>, where: string) {
  const shape = shapes.get(graph.output)
  if (shape === undefined || graph.output === INPUT) {
    throw new InputError(
      `${where}.output`,
      `there is no operation "${graph.output}"`,
      'Name the operation whose result is h_k.',
    )
  }
  if (!sameShape(shape, REFERENCE.input)) {
    throw new InputError(
      `${where}.output`,
      `the block turns 1 N into ${ratioText(shape)}`,
      'End it at the width (and the positions) of the stream.',
    )
  }
}

/** @param what it should have been, with its article @throws InputError */
export const formOf = (value: unknown, where: string, what: string): Fields =>
  objectOf(value, where, `this is not ${what}`, 'See docs/block-files.md for the form.')
