import type { Draft } from '../../block/draft'
import { structureOf } from '../structure'
import { reading, withInput } from './wires'

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
