import * as fs from 'node:fs'
import * as path from 'node:path'
import fc from 'fast-check'

// Texts that nobody means well with: real documents and links with something changed, and shapes that are dear to a
// careless reader.

const CORPUS = path.join(import.meta.dirname, 'corpus')

/** Real documents, links and options, and every text that once broke a reader, by the names of their files. */
export const corpus = new Map(
  fs
    .readdirSync(CORPUS)
    .sort()
    .map((name) => [name, fs.readFileSync(path.join(CORPUS, name), 'utf8')]),
)

/** Keeps a text that breaks a reader, so that it is tried for good. @returns the file */
export function keepInCorpus(reader: string, text: string): string {
  let n = 1
  const name = () => path.join(CORPUS, `found-${reader}-${n}.txt`)
  while (fs.existsSync(name())) n++
  fs.writeFileSync(name(), text)
  return name()
}

/** Numbers at the edges of what is a number, a whole number, an index. */
const NUMBERS = [
  ...['0', '-0', '1', '-1', '0.5', '1e-7', '1e21', '1e308', '-1e308', '1e309', '5e-324', '4294967296'],
  ...['2147483648', '9007199254740993', '0x10', '01', '1.', '.5', 'NaN', 'Infinity', '1e', '+1'],
]
const WORDS = [
  ...['null', 'true', '[]', '{}', '""', '"__proto__"', '"constructor"', '"toString"', '"hasOwnProperty"'],
  ...['"input"', '"@end"', '"length"', '{"$number":"NaN"}', '{"$number":"x"}', '"\\ud800"', '"\\u0000"'],
  ...['"\u202e"', '"é"', '"\u{1F9EA}"', '"\u2028"', '\uFEFF', '\u0000', '//', '/**/', "'", '\\', ','],
]

const repeated = (part: string, many: number) =>
  part.repeat(Math.min(many, Math.floor(300_000 / part.length)))

const many = fc.oneof(fc.nat(20), fc.nat(3000), fc.nat(120_000))
const name = fc.oneof(
  fc.string({ maxLength: 12, unit: 'grapheme' }),
  fc.string({ maxLength: 12, unit: 'binary' }),
  many.map((length) => repeated('k', length)),
  fc.constantFrom(
    'nodes',
    'op',
    'inputs',
    'output',
    'version',
    'block',
    'blocks',
    'name',
    'layout',
    'a.b',
    '[0]',
  ),
)
const scalar = fc.oneof(
  fc.constantFrom(...NUMBERS, ...WORDS),
  name.map((text) => JSON.stringify(text)),
  fc.double().map(String),
)

/** Shapes by what they cost: depth, width, repetition, long names. */
const shape = fc.oneof(
  fc.tuple(fc.constantFrom('[', '{"a":', '[[],', '{"a":1,"b":'), many).map(([open, n]) => repeated(open, n)),
  fc.tuple(scalar, many).map(([value, n]) => `[${repeated(`${value},`, n)}0]`),
  fc.tuple(name, many).map(([key, n]) => {
    const fields = Array.from({ length: Math.min(n, 20_000) }, (_, i) => `"${i}":0,`)
    return `{${fields.join('')}${JSON.stringify(key)}:0}`
  }),
  fc.tuple(name, fc.nat(99), scalar).map(([key, depth, inside]) => {
    const open = `{${JSON.stringify(key.slice(0, 3000))}:`
    return `${repeated(open, depth)}${inside}${'}'.repeat(Math.min(depth, Math.floor(300_000 / open.length)))}`
  }),
  fc
    .tuple(fc.constantFrom('"', '\\', '\n', ' ', ':', ',', '}', '1', 'e', '-'), many)
    .map(([c, n]) => repeated(c, n)),
  scalar,
)

/** One change of a text, at a place that is a share of its length. */
type Edit = (text: string) => string
const place = fc.nat(9999)
const at = (text: string, share: number) => Math.floor((share / 10_000) * (text.length + 1))
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(place, fc.nat(40)).map(([p, n]): Edit => (text) => {
    const from = at(text, p)
    return text.slice(0, from) + text.slice(from + n)
  }),
  fc.tuple(place, shape).map(
    ([p, what]): Edit =>
      (text) =>
        text.slice(0, at(text, p)) + what + text.slice(at(text, p)),
  ),
  fc.tuple(place, place, fc.nat(400)).map(([p, q, n]): Edit => (text) => {
    const part = text.slice(at(text, p), at(text, p) + n)
    return text.slice(0, at(text, q)) + part + text.slice(at(text, q))
  }),
  place.map(
    (p): Edit =>
      (text) =>
        text.slice(0, at(text, p)),
  ),
  // A value, a name or a whole list in place of one that is there: the text stays JSON.
  fc.tuple(place, shape).map(([p, what]): Edit => (text) => {
    const values = [...text.matchAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|\[[^[\]{}]*\]/g)]
    if (!values.length) return what
    const found = values[Math.floor((p / 10_000) * values.length)]
    return text.slice(0, found.index) + what + text.slice(found.index + found[0].length)
  }),
  fc.tuple(place, fc.nat(2000)).map(([p, n]): Edit => (text) => {
    // An item of a list many times over.
    const items = [...text.matchAll(/\{[^{}]*\}/g)]
    if (!items.length) return text
    const found = items[Math.floor((p / 10_000) * items.length)]
    const part = `${found[0]},`
    return text.slice(0, found.index) + repeated(part, n) + text.slice(found.index)
  }),
)

/** What a reader is fed with. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom(...corpus.values()), fc.array(edit, { minLength: 1, maxLength: 6 }))
      .map(([text, edits]) => edits.reduce((now, change) => change(now), text).slice(0, 2_000_000)),
  },
  { weight: 3, arbitrary: shape },
  { weight: 1, arbitrary: fc.json({ noUnicodeString: false } as object) },
)
