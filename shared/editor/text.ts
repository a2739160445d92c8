import { InputError } from '../errors'
import { parseDraft } from './parse'
import type { Draft } from './draft'

/** The draft as a block file, one operation a line. */
export function draftText(draft: Draft): string {
  const { name, title, description, nodes, output, layout } = draft
  const lines = nodes.map((node) => `    ${spaced(node)}`)
  const places = Object.entries(layout).map(([id, at]) => `    ${spaced(id)}: ${spaced(at)}`)
  const fields = [
    `"name": ${spaced(name)}`,
    `"title": ${spaced(title)}`,
    `"description": ${spaced(description)}`,
    lines.length ? `"nodes": [\n${lines.join(',\n')}\n  ]` : '"nodes": []',
    `"output": ${spaced(output)}`,
    ...(places.length ? [`"layout": {\n${places.join(',\n')}\n  }`] : []),
  ]
  return `{\n${fields.map((field) => `  ${field}`).join(',\n')}\n}\n`
}

/** JSON on one line, with room to read it. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).map(([key, entry]) => `${JSON.stringify(key)}: ${spaced(entry)}`)
  return `{ ${entries.join(', ')} }`
}

/** A text that is no draft: one sentence, and where (from 1). */
export interface TextProblem {
  text: string
  line: number
  column: number
}

/** The text form read again: exactly the draft that `draftText` wrote, or what is wrong with it and where. */
export function draftFromText(
  text: string,
): { draft: Draft; problem: null } | { draft: null; problem: TextProblem } {
  try {
    return { draft: parseDraft(JSON.parse(text), 'block'), problem: null }
  } catch (error) {
    if (!(error instanceof InputError) && !(error instanceof SyntaxError)) throw error
    return { draft: null, problem: { text: error.message, line: 1, column: 1 } }
  }
}
