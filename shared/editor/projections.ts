import { REFERENCE } from '../block-file'
import type { GraphNode, OperationName } from '../graph'
import { OPERATION_NAMES, operationOf } from '../operations'
import type { Field } from '../operations/operation'
import { positions, sameShape, type Shape } from '../shape'
import { freshNode } from './draft'

/** What fields of a projection may say beside their defaults. */
const SMALL = [1, 0, 2, 3]

/** More than two of these would be guessing. */
const MOST = 3

const known = new Map<string, GraphNode[]>()

/**
 * Operations, fields included, that turn one shape into another where blocks are checked, at most one of each kind: found by trying, so that
 * the table of operations is all that they depend on. Their ids and inputs are empty.
 */
export function projections(from: Shape, to: Shape): GraphNode[] {
  const key = JSON.stringify([from, to])
  let found = known.get(key)
  if (!found) known.set(key, (found = search(from, to)))
  return found
}

function search(from: Shape, to: Shape): GraphNode[] {
  // What changes the width takes layers, and what changes only positions may pool.
  const kinds = from.units === to.units ? ['pool', 'linear', 'other'] : ['linear', 'other']
  const names = OPERATION_NAMES.filter((op) => {
    const { inputs, kind } = operationOf({ op })
    return inputs === 1 && kinds.includes(kind)
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
  return operationOf({ op }).fields.reduce<GraphNode[]>(
    (nodes, field) =>
      values(field, from, to).flatMap((value) =>
        nodes.map((node) => ({ ...node, [field.key]: value }) as GraphNode),
      ),
    [freshNode('', op, [''])],
  )
}

function values(field: Field, from: Shape, to: Shape): unknown[] {
  if (field.key === 'units') return [to.units / REFERENCE.width]
  if (field.type !== 'integer') return field.optional ? [] : [field.default]
  const { minimum = -Infinity, maximum = Infinity } = field
  const stride = Math.round(Math.sqrt(positions(from) / positions(to)))
  const tried = [...SMALL, stride, Math.round(from.columns / to.columns), field.default as number]
  return [...new Set(tried)].filter((value) => value >= minimum && value <= maximum)
}
