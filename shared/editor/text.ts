import { InputError } from '../errors'
import { JsonError, lineAndColumn, readJson, type JsonText } from './json'
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

/** No block is longer; reading noise takes time. */
const LONGEST = 2_000_000

const ROOT = 'block'

/** The text form read again: exactly the draft that `draftText` wrote, or what is wrong with it and where. */
export function draftFromText(
  text: string,
): { draft: Draft; problem: null } | { draft: null; problem: TextProblem } {
  const refuse = (what: string, at: number) => ({
    draft: null,
    problem: { text: what, ...lineAndColumn(text, at) },
  })
  if (text.length > LONGEST) {
    const millions = (text.length / 1e6).toFixed(1)
    return refuse(`This text has ${millions} million characters; no block is that long.`, 0)
  }
  let read: JsonText
  try {
    read = readJson(text)
  } catch (error) {
    if (error instanceof JsonError) return refuse(`${error.message}.`, error.at)
    throw error
  }
  try {
    return { draft: parseDraft(read.value, ROOT), problem: null }
  } catch (error) {
    if (error instanceof InputError) return refuse(error.message, placeOf(read.places, error.where))
    throw error
  }
}

/** Where the named value begins; one that is missing, where the one around it begins. */
function placeOf(places: ReadonlyMap<string, number>, where: string): number {
  let path = where.slice(ROOT.length)
  while (path && !places.has(path)) path = path.replace(/(\.[^.[]*|\[[^[]*|.)$/, '')
  return places.get(path) ?? 0
}
