import { INPUT } from '../../graph/block-graph'
import type { ExportedPart } from '../network'
import type { LayerCode } from './dialect'

/** `variable = value`; the last one of a part gives back its value, and has no variable. */
export interface Statement {
  variable: string | null
  value: string
  /** "": none. */
  comment: string
}

/**
 * One line a node; the part's input is `h`. A variable is used again once nothing else reads what it holds.
 * @param nameOf of a node: in names of variables, and how what is kept of it is read
 */
export function statementsOf(
  { nodes, output }: ExportedPart,
  layers: readonly LayerCode[],
  nameOf: (id: string) => { word: string; self: string },
): Statement[] {
  const held = new Map([[INPUT, 'h']])
  const fresh = ['x', 'y', 'z']
  const isRead = (id: string, after: number) =>
    id === output || nodes.slice(after + 1).some(({ inputs }) => inputs.includes(id))
  const isFree = (variable: string, at: number) =>
    [...held].every(([id, name]) => name !== variable || !isRead(id, at))
  const lines: { variable: string; value: string; comment: string }[] = []
  for (const [at, { id, inputs, layer }] of nodes.entries()) {
    const own = inputs.map((input) => held.get(input)!)
    if (layer.layer === 'identity') {
      held.set(id, own[0])
      continue
    }
    const { word, self } = nameOf(id)
    const variable = [...own, 'h'].find((name) => isFree(name, at)) ?? fresh.shift() ?? `value_${word}`
    const { value, comment } = layers[at]
    lines.push({ variable, value: value(self, own), comment: comment ?? '' })
    held.set(id, variable)
  }
  const result = held.get(output)!
  const last = lines.at(-1)
  if (last?.variable !== result) return [...lines, { variable: null, value: result, comment: '' }]
  return [...lines.slice(0, -1), { ...last, variable: null }]
}
