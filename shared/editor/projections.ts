import { REFERENCE } from '../block/file'
import type { GraphNode, OperationName } from '../graph/block-graph'
import { OPERATION_NAMES, operationOf } from '../operations'
import type { Field } from '../operations/operation'
import { positions, sameShape, type Shape } from '../numerics/shape'
import { freshNode } from '../block/draft'

/** What whole numbers of a projection may be, beside strides: the smallest that do it come first. */
const SMALL = [0, 1, 2, 3]

const MOST = 3

const known = new Map<string, GraphNode[]>()

/**
 * Operations, fields included, that turn one shape into another where blocks are checked, at most one of each kind:
 * found by trying, so that the table of operations is all that they depend on. Their ids and inputs are empty.
 */
export function projections(from: Shape, to: Shape): GraphNode[] {
  const key = JSON.stringify([from, to])
  let found = known.get(key)
  if (!found) known.set(key, (found = search(from, to)))
  return found
}

function search(from: Shape, to: Shape): GraphNode[] {
  const isSameGrid = from.rows === to.rows && from.columns === to.columns
  const names = OPERATION_NAMES.filter((op) => {
    const { inputs, kind, fields } = operationOf({ op })
    // A linear layer is a convolution of one position.
    if (isSameGrid && kind === 'linear' && fields.some(({ key }) => key === 'kernel')) return false
    return inputs === 1 && (kind === 'linear' || kind === 'other' || (kind === 'pool' && !isSameGrid))
  })
  const all = names.flatMap((op) => variants(op, from, to).find((node) => turns(node, from, to)) ?? [])
  return all.slice(0, MOST)
}

function turns(node: GraphNode, from: Shape, to: Shape): boolean {
  const operation = operationOf(node)
  if (operation.misfit?.(node, [from], () => '')) return false
  return sameShape(operation.shape(node, [from], REFERENCE.width), to)
}

function variants(op: OperationName, from: Shape, to: Shape): GraphNode[] {
  const fields = operationOf({ op }).fields.filter(({ optional }) => !optional)
  return fields.reduce<GraphNode[]>(
    (nodes, field) =>
      values(field, from, to).flatMap((value) =>
        nodes.map((node) => ({ ...node, [field.key]: value }) as GraphNode),
      ),
    [freshNode('', op, [''])],
  )
}

function values(field: Field, from: Shape, to: Shape): unknown[] {
  if (field.key === 'units') return [to.units / REFERENCE.width]
  if (field.type !== 'integer') return [field.default]
  const { minimum = -Infinity, maximum = Infinity } = field
  const strides = [Math.sqrt(positions(from) / positions(to)), from.columns / to.columns].map(Math.round)
  const tried = [...SMALL, ...strides, field.default as number]
  return [...new Set(tried)].filter((value) => value >= minimum && value <= maximum)
}
