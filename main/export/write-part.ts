import { pythonNames } from '../../shared/export/names'
import type { ExportedNode, ExportedPart } from '../../shared/export/network'
import { INPUT } from '../../shared/graph/block-graph'

/**
 * Writes the nodes of a part in their order.
 * @param h the value that goes in
 * @param write writes a node, by its name among those of the part, and gives its value
 * @returns the part's value
 */
export function writePart(
  part: ExportedPart,
  h: string,
  write: (node: ExportedNode, name: string, inputs: readonly string[]) => string,
): string {
  const names = pythonNames(part.nodes.map(({ id }) => id))
  const known = new Map([[INPUT, h]])
  for (const node of part.nodes) {
    const inputs = node.inputs.map((id) => known.get(id)!)
    known.set(node.id, write(node, names.get(node.id)!, inputs))
  }
  return known.get(part.output)!
}
