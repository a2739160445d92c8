import { InputError } from '../base/errors'
import { JsonError, lineAndColumn, readJson, type JsonText } from '../base/json'
import { parseDraft } from '../block/draft-file'
import type { Draft } from '../block/draft'

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
    if (error instanceof InputError)
      return refuse(error.message, read.find(error.where.slice(ROOT.length)).at)
    throw error
  }
}

const TEXTS = ['name', 'title', 'description'] as const

/**
 * A text after an edit that gave its block other texts (a changed preset gets a name of its own): they are written
 * where the old ones stood, the rest stays as the user has it.
 * @param text that was read as `given`
 * @returns `moved`: where a place of the old text is in the new one
 */
export function renamedText(
  text: string,
  given: Draft,
  draft: Draft,
): { text: string; moved: (at: number) => number } {
  const read = readJson(text)
  const changes = TEXTS.flatMap((key) => {
    const { at, rest } = read.find(`.${key}`)
    if (rest || given[key] === draft[key]) return []
    const found = /"(?:[^"\\]|\\.)*"/y
    found.lastIndex = at
    return [{ at, length: found.exec(text)![0].length, by: JSON.stringify(draft[key]) }]
  }).sort((a, b) => b.at - a.at)
  const changed = changes.reduce(
    (all, { at, length, by }) => all.slice(0, at) + by + all.slice(at + length),
    text,
  )
  const moved = (place: number) =>
    changes.reduce(
      (sum, { at, length, by }) =>
        place >= at + length
          ? sum + by.length - length
          : place > at
            ? at + Math.min(place - at, by.length)
            : sum,
      place,
    )
  return { text: changed, moved }
}

/** Where the block's name stands in a text that is a draft. */
export function placeOfName(text: string): { line: number; column: number } {
  return lineAndColumn(text, readJson(text).find('.name').at)
}
