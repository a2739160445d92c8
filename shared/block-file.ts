import { InputError, nearest } from './errors'
import { INPUT, ancestors, type BlockGraph, type GraphNode, type OperationName } from './graph'

/** How many inputs each operation takes, and the fields it needs beside them. */
const FORMS: Record<OperationName, { inputs: number; fields: readonly string[] }> = {
  linear: { inputs: 1, fields: ['units'] },
  relu: { inputs: 1, fields: [] },
  'batch-norm': { inputs: 1, fields: [] },
  'layer-norm': { inputs: 1, fields: [] },
  center: { inputs: 1, fields: [] },
  scale: { inputs: 1, fields: ['factor', 'text'] },
  gain: { inputs: 1, fields: ['initial'] },
  sum: { inputs: 2, fields: [] },
}

/** More operations than this are not a block but a mistake. */
const MOST_NODES = 500

type Fields = Record<string, unknown>

/**
 * Any JSON value to a valid block graph whose output is as wide as its input.
 * @throws InputError with the path of the field, what is wrong and how to mend it
 */
export function parseBlockGraph(value: unknown, where: string): BlockGraph {
  const document = asObject(value, where, 'a block graph (an object with name, nodes and output)')
  const name = asText(document.name, `${where}.name`)
  if (!Array.isArray(document.nodes) || document.nodes.length === 0 || document.nodes.length > MOST_NODES) {
    throw new InputError(
      `${where}.nodes`,
      `this is not a list of 1 to ${MOST_NODES} operations`,
      'See docs/block-files.md for the form.',
    )
  }
  const nodes: GraphNode[] = []
  const widths = new Map<string, number>([[INPUT, 1]])
  document.nodes.forEach((entry, i) => {
    const node = parseNode(entry, `${where}.nodes[${i}]`, widths)
    nodes.push(node)
    widths.set(node.id, outputWidth(node, widths, `${where}.nodes[${i}]`))
  })
  const output = asText(document.output, `${where}.output`)
  const graph: BlockGraph = {
    name,
    title: typeof document.title === 'string' ? document.title.slice(0, 200) : name,
    description: typeof document.description === 'string' ? document.description.slice(0, 1000) : '',
    nodes,
    output,
  }
  checkOutput(graph, widths, where)
  return graph
}

function parseNode(value: unknown, where: string, known: Map<string, number>): GraphNode {
  const entry = asObject(value, where, 'an operation (an object with id, op and inputs)')
  const id = asText(entry.id, `${where}.id`)
  if (known.has(id))
    throw new InputError(`${where}.id`, `"${id}" is used twice`, 'Give every operation its own id.')
  const ops = Object.keys(FORMS)
  if (typeof entry.op !== 'string' || !ops.includes(entry.op)) {
    const near = typeof entry.op === 'string' ? nearest(entry.op, ops) : null
    throw new InputError(
      `${where}.op`,
      `there is no operation ${JSON.stringify(entry.op)}`,
      near ? `Did you mean "${near}"?` : `The operations are ${ops.join(', ')}.`,
    )
  }
  const op = entry.op as OperationName
  const form = FORMS[op]
  const inputs = entry.inputs
  if (!Array.isArray(inputs) || inputs.length !== form.inputs) {
    throw new InputError(
      `${where}.inputs`,
      `${op} takes ${form.inputs} input${form.inputs > 1 ? 's' : ''}`,
      'List their ids.',
    )
  }
  for (const input of inputs) {
    if (typeof input !== 'string' || !known.has(input)) {
      const what = `${JSON.stringify(input)} is neither "${INPUT}" nor an operation listed before`
      throw new InputError(
        `${where}.inputs`,
        what,
        'List operations after their inputs; cycles are not possible.',
      )
    }
  }
  const node: Fields = { id, op, inputs: [...inputs] }
  for (const field of form.fields) node[field] = parseField(field, entry[field], `${where}.${field}`)
  return node as GraphNode
}

function parseField(field: string, value: unknown, where: string): unknown {
  if (field === 'text') return typeof value === 'string' ? value.slice(0, 40) : ''
  const positive = field === 'units'
  if (typeof value !== 'number' || !Number.isFinite(value) || (positive && (value <= 0 || value > 16))) {
    const remedy = positive ? 'Give a ratio of the width, above 0 and at most 16.' : 'Give a finite number.'
    throw new InputError(where, `${JSON.stringify(value) ?? 'nothing'} is not a number that fits`, remedy)
  }
  return value
}

function outputWidth(node: GraphNode, widths: Map<string, number>, where: string): number {
  if (node.op === 'linear') return node.units
  const [first, ...others] = node.inputs.map((input) => widths.get(input)!)
  if (others.some((width) => width !== first)) {
    throw new InputError(
      where,
      `the sum joins widths ${first} N and ${others[0]} N`,
      'End the branch in a linear layer with units 1.',
    )
  }
  return first
}

function checkOutput(graph: BlockGraph, widths: Map<string, number>, where: string) {
  const width = widths.get(graph.output)
  if (width === undefined || graph.output === INPUT) {
    throw new InputError(
      `${where}.output`,
      `there is no operation "${graph.output}"`,
      'Name the operation whose result is h_k.',
    )
  }
  if (width !== 1) {
    throw new InputError(
      `${where}.output`,
      `the block turns width N into ${width} N`,
      'End it at the width of the stream.',
    )
  }
  if (!ancestors(graph, graph.output).has(INPUT)) {
    throw new InputError(`${where}.output`, 'no path leads from the input to the output', 'Connect them.')
  }
}

function asObject(value: unknown, where: string, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw new InputError(where, `this is not ${what}`, 'See docs/block-files.md for the form.')
}

function asText(value: unknown, where: string): string {
  if (typeof value === 'string' && value.length > 0 && value.length <= 100) return value
  throw new InputError(where, 'a name of 1 to 100 characters is missing', 'Give one in quotes.')
}
