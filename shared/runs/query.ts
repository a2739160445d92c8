import type { RunEntry, RunKind } from './run'

export type RunState = RunEntry['state']

/** What runs are asked for; an empty list asks for nothing of its kind. */
export interface RunQuery {
  /** As people type it, see `parseTerms`. */
  text: string
  kinds: readonly RunKind[]
  states: readonly RunState[]
  /** All of them. */
  tags: readonly string[]
  pinnedOnly: boolean
  sort: RunSort
}

export interface RunSort {
  /** A column, a setting ("setting:width"), or a key figure by its label ("figure:test error"). */
  by: SortKey
  descending: boolean
}

export type SortKey =
  | 'created'
  | 'name'
  | 'kind'
  | 'title'
  | 'state'
  | 'seconds'
  | 'bytes'
  | 'figure'
  | `setting:${string}`
  | `figure:${string}`

export const EVERY_RUN: RunQuery = {
  text: '',
  kinds: [],
  states: [],
  tags: [],
  pinnedOnly: false,
  sort: { by: 'created', descending: true },
}

/** Whether a query asks for less than every run. */
export const isFiltered = ({ text, kinds, states, tags, pinnedOnly }: RunQuery): boolean =>
  text.trim() !== '' || pinnedOnly || kinds.length + states.length + tags.length > 0

// ---- What is typed ------------------------------------------------------------------------------------------------

type Relation = '=' | '!=' | '<' | '<=' | '>' | '>='

/** One condition of a search text. */
export type Term =
  | { type: 'word'; word: string; isExcluded: boolean }
  | { type: 'setting'; key: string; relation: Relation; value: string }

const RELATION = /^([\p{L}][\w-]*)(<=|>=|!=|=|<|>|:)(.+)$/u

/**
 * Words that must all be found, in any place: `deep "type 2" -failed width>=64 tag:paper`. Quotes keep a phrase
 * together, a minus excludes; a setting by its key or option is compared, ":" and "=" alike.
 */
export function parseTerms(text: string): Term[] {
  const parts = text.match(/-?(?:[^\s"]*"[^"]*"?|[^\s"]+)/g) ?? []
  return parts.flatMap((part): Term[] => {
    const bare = part.replaceAll('"', '').trim()
    const found = RELATION.exec(bare)
    if (found) {
      const [, key, sign, value] = found
      return [
        {
          type: 'setting',
          key: plainKey(key),
          relation: (sign === ':' ? '=' : sign) as Relation,
          value: fold(value),
        },
      ]
    }
    const isExcluded = bare.startsWith('-') && bare.length > 1
    const word = fold(isExcluded ? bare.slice(1) : bare)
    return word ? [{ type: 'word', word, isExcluded }] : []
  })
}

const ASCII = /^[\0-\x7f]*$/

/** Without case and accents. */
function fold(text: string): string {
  const lower = text.toLowerCase()
  // Unicode's tables are slow, and most texts need none.
  return ASCII.test(lower) ? lower : lower.normalize('NFKD').replace(/\p{M}/gu, '')
}

const plainKeys = new Map<string, string>()

/** "learning-rate" and "learningRate" are one. */
function plainKey(key: string): string {
  const known = plainKeys.get(key) ?? key.toLowerCase().replaceAll('-', '')
  plainKeys.set(key, known)
  return known
}

const texts = new WeakMap<RunEntry, string>()

/** What of a run is looked through; made once for each entry, which is a value. */
function textOf(run: RunEntry): string {
  const known = texts.get(run)
  if (known !== undefined) return known
  const { id, name, kind, state, title, varied, note, tags, device } = run
  const words = [id, name, kind, state, title, varied, note, device, ...tags]
  for (const key in run.settings) if (typeof run.settings[key] === 'string') words.push(run.settings[key])
  const text = fold(words.join('\n'))
  texts.set(run, text)
  return text
}

function settingOf(run: RunEntry, key: string): string | number | undefined {
  if (key === 'tag') return run.tags.join(', ')
  if (key === 'kind' || key === 'state' || key === 'seed' || key === 'seconds') return run[key]
  for (const own in run.settings) if (plainKey(own) === key) return run.settings[own]
  return undefined
}

function meets(run: RunEntry, term: Term): boolean {
  if (term.type === 'word') return textOf(run).includes(term.word) !== term.isExcluded
  const own = settingOf(run, term.key)
  if (own === undefined) return false
  const [number, wanted] = [Number(own), Number(term.value)]
  const isNumber = own !== '' && !Number.isNaN(number) && !Number.isNaN(wanted)
  const equal = isNumber ? number === wanted : isNamed(String(own), term.value)
  switch (term.relation) {
    case '=':
      return equal
    case '!=':
      return !equal
    case '<':
      return isNumber && number < wanted
    case '<=':
      return isNumber && number <= wanted
    case '>':
      return isNumber && number > wanted
    case '>=':
      return isNumber && number >= wanted
  }
}

/** A list of names has each of them. */
const isNamed = (own: string, value: string) => {
  const text = fold(own)
  return text === value || text.split(/,\s*/).includes(value)
}

// ---- Order --------------------------------------------------------------------------------------------------------

/** Orders "run 2" before "run 10", by code units: a collator takes a tenth of a second for 5,000 names. */
const naturalKey = (text: string) => fold(text).replace(/\d+/g, (digits) => digits.padStart(16, '0'))

/** By what a run is ordered; null goes last, whichever the direction. */
function placeOf(run: RunEntry, by: SortKey): number | string | null {
  if (by.startsWith('setting:')) {
    const value = run.settings[by.slice('setting:'.length)]
    return typeof value === 'string' ? naturalKey(value) : (value ?? null)
  }
  if (by.startsWith('figure:')) {
    const label = by.slice('figure:'.length)
    return valueOf(run.figures.find((one) => one.label === label))
  }
  switch (by) {
    case 'figure':
      return valueOf(run.figures[0])
    case 'kind':
    case 'title':
    case 'state':
    case 'name':
      return naturalKey(run[by])
    case 'seconds':
    case 'bytes':
    case 'created':
      return run[by]
    default:
      return null
  }
}

const valueOf = (figure: RunEntry['figures'][number] | undefined): number | null =>
  figure && !Number.isNaN(figure.value) ? figure.value : null

/** The runs that are asked for, in order; pinned ones stand first. ISO times order as texts do. */
export function findRuns(runs: readonly RunEntry[], query: RunQuery): RunEntry[] {
  // Comparisons come before words: a text is made only where it must be looked through.
  const terms = parseTerms(query.text).sort((a, b) => byText(a.type, b.type))
  const { kinds, states, tags, pinnedOnly } = query
  const found = runs.filter(
    (run) =>
      (!pinnedOnly || run.pinned) &&
      (!kinds.length || kinds.includes(run.kind)) &&
      (!states.length || states.includes(run.state)) &&
      tags.every((tag) => run.tags.includes(tag)) &&
      (!terms.length || terms.every((term) => meets(run, term))),
  )
  return sorted(found, query.sort)
}

function sorted(runs: readonly RunEntry[], { by, descending }: RunSort): RunEntry[] {
  const sign = descending ? -1 : 1
  const placed = runs.map((run) => ({ run, place: placeOf(run, by) }))
  placed.sort((a, b) => {
    if (a.run.pinned !== b.run.pinned) return a.run.pinned ? -1 : 1
    const order = compared(a.place, b.place, sign)
    return order || byText(b.run.created, a.run.created) || byText(a.run.id, b.run.id)
  })
  return placed.map(({ run }) => run)
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function compared(a: number | string | null, b: number | string | null, sign: number): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  if (typeof a === 'number' && typeof b === 'number') return sign * (a - b || 0)
  return sign * byText(String(a), String(b))
}

// ---- What can be chosen from --------------------------------------------------------------------------------------

/** Every tag with how many runs have it, the most used first. */
export function tagsOf(runs: readonly RunEntry[]): { tag: string; n: number }[] {
  const counts = new Map<string, number>()
  for (const run of runs) for (const tag of run.tags) counts.set(tag, (counts.get(tag) ?? 0) + 1)
  return [...counts].map(([tag, n]) => ({ tag, n })).sort((a, b) => b.n - a.n || byText(a.tag, b.tag))
}

/** Labels of key figures, in the order in which they first appear. */
export const figuresOf = (runs: readonly RunEntry[]): string[] => [
  ...new Set(runs.flatMap(({ figures }) => figures.map(({ label }) => label))),
]

/** Settings in which these runs differ. */
export function settingsThatDiffer(
  runs: readonly { settings: Readonly<Record<string, string | number>> }[],
): string[] {
  const keys = new Set(runs.flatMap(({ settings }) => Object.keys(settings)))
  return [...keys].filter((key) => new Set(runs.map(({ settings }) => settings[key])).size > 1)
}
