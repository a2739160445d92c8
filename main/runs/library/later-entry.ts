/** What a list does not look at of a run stays text until somebody does. */
import { decodeMessage, encodeMessage } from '../../../shared/protocol/transport'
import type { RunEntry } from '../../../shared/runs/run'

type Facts = Pick<RunEntry, 'figures' | 'settings'>
type Picture = Pick<RunEntry, 'thumbnail'>

/** An entry without its figures, settings and thumbnail. */
export type BareEntry = Omit<RunEntry, keyof Facts | keyof Picture>

/** The parts that are read later, as JSON in ASCII: a text of one byte a letter is read in half the time. */
export interface LaterTexts {
  facts: string
  picture: string
}

/** Entries are values: their texts are made once. */
const texts = new WeakMap<BareEntry, () => LaterTexts>()
const readFacts = new WeakMap<BareEntry, Facts>()
const readPictures = new WeakMap<BareEntry, Picture>()

export function laterTextsOf(entry: RunEntry): LaterTexts {
  const known = texts.get(entry)
  if (known) return known()
  const { figures, settings, thumbnail } = entry
  const made = { facts: asciiOf({ figures, settings }), picture: asciiOf({ thumbnail }) }
  texts.set(entry, () => made)
  return made
}

/**
 * The entry with the parts that its texts hold: own properties like the others, which copies and messages have, too.
 * @param bare is completed in place
 */
export function withLater(bare: BareEntry, laterTexts: () => LaterTexts): RunEntry {
  texts.set(bare, laterTexts)
  return Object.defineProperties(bare, LATER) as RunEntry
}

const LATER: PropertyDescriptorMap = {
  figures: { enumerable: true, configurable: true, get: reader((entry) => factsOf(entry).figures) },
  settings: { enumerable: true, configurable: true, get: reader((entry) => factsOf(entry).settings) },
  thumbnail: { enumerable: true, configurable: true, get: reader((entry) => pictureOf(entry).thumbnail) },
}

/** Without a look at the others, which may be read later still. */
export const bareOf = (entry: RunEntry): BareEntry =>
  Object.fromEntries(
    Object.keys(entry)
      .filter((key) => !Object.hasOwn(LATER, key))
      .map((key) => [key, entry[key as keyof BareEntry]]),
  ) as unknown as BareEntry

/** One function for all entries: each of its own would take longer to make than the list to read. */
function reader<T>(read: (entry: BareEntry) => T): (this: BareEntry) => T {
  return function () {
    return read(this)
  }
}

const factsOf = (entry: BareEntry): Facts => read(entry, readFacts, ({ facts }) => facts)
const pictureOf = (entry: BareEntry): Picture => read(entry, readPictures, ({ picture }) => picture)

function read<T extends object>(
  entry: BareEntry,
  known: WeakMap<BareEntry, T>,
  textIn: (texts: LaterTexts) => string,
): T {
  const value = known.get(entry) ?? (decodeMessage(textIn(texts.get(entry)!())) as T)
  known.set(entry, value)
  return value
}

/** JSON of one byte a letter. */
export const asciiOf = (value: unknown): string =>
  encodeMessage(value).replace(
    /[^\0-\x7f]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
