import { END, type Draft } from '../../../shared/block/draft'
import { INPUT } from '../../../shared/graph/block-graph'
import { nodeLabel } from '../../../shared/operations'

const known = new WeakMap<Draft, Map<string, string>>()

/**
 * What all nodes of a draft are called, as `labelOf` calls one, in one pass: its time grows with the square of the
 * operations.
 */
export function labelsOf(draft: Draft): ReadonlyMap<string, string> {
  const found = known.get(draft)
  if (found) return found
  const alike = new Map<string, number>()
  for (const { op } of draft.nodes) alike.set(op, (alike.get(op) ?? 0) + 1)
  const counted = new Map<string, number>()
  const labels = new Map([
    [INPUT, 'input'],
    [END, 'output'],
    ['', 'nothing'],
  ])
  for (const node of draft.nodes) {
    const place = (counted.get(node.op) ?? 0) + 1
    counted.set(node.op, place)
    // Alone it carries no number; its name is the operation's to say.
    const name = nodeLabel({ ...draft, nodes: [node] }, node.id)
    labels.set(node.id, alike.get(node.op)! > 1 ? `${name} ${place}` : name)
  }
  known.set(draft, labels)
  return labels
}
