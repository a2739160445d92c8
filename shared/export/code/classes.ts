import type { ExportedPart } from '../network'
import type { CodeDialect, CodeStyle, LayerCode, Slot } from './dialect'

/** Parts that are written by one class, which differ in numbers alone. */
export interface PartClass {
  text: string
  /** How each of its parts is made: "Block(16, 32, 2)". */
  calls: Map<ExportedPart, string>
}

/** A class before its name: what its parts have in common, and the numbers in which they differ. */
interface Kind {
  parts: ExportedPart[]
  /** Of each part, in the order in which the text asks for them. */
  numbers: { kind: string; value: number }[][]
}

/** Classes of a network's parts, each kind once. */
export function partClasses(
  base: 'Stem' | 'Block' | 'Head',
  parts: readonly ExportedPart[],
  dialect: CodeDialect,
  style: Omit<CodeStyle, 'slot'>,
): PartClass[] {
  const kinds = new Map<string, Kind>()
  const written = (part: ExportedPart, slot: Slot) => {
    const layers = layersOf(part, dialect, { ...style, slot })
    return dialect.part({ name: '', part, style, layers, given: [], kept: [] })
  }
  for (const part of parts) {
    const own: Kind['numbers'][number] = []
    const key = written(part, (kind, value) => (own.push({ kind, value }), `<${kind}>`))
    const kind = kinds.get(key) ?? { parts: [], numbers: [] }
    kind.parts.push(part)
    kind.numbers.push(own)
    kinds.set(key, kind)
  }
  return [...kinds.values()].map((kind, i) => {
    const name = dialect.className(base, kinds.size === 1 ? null : i + 1)
    return classOf(name, kind, dialect, style)
  })
}

function classOf(
  name: string,
  { parts, numbers }: Kind,
  dialect: CodeDialect,
  style: Omit<CodeStyle, 'slot'>,
): PartClass {
  const { words, given } = argumentsOf(numbers, dialect)
  let asked = 0
  const kept = new Set<string>()
  const slot: Slot = (_kind, _value, isInForward = false) => {
    const word = words[asked++]
    if (!isInForward || !given.has(word)) return word
    kept.add(word)
    return dialect.keptNumber(word)
  }
  const [part] = parts
  const layers = layersOf(part, dialect, { ...style, slot })
  const call = (at: number) =>
    `${name}(${[...given.values()].map((values) => dialect.number(values[at])).join(', ')})`
  return {
    text: dialect.part({ name, part, style, layers, given: [...given.keys()], kept: [...kept] }),
    calls: new Map(parts.map((one, at) => [one, call(at)])),
  }
}

/** Numbers that are the same in all parts are written as they are; columns of others that agree are one argument. */
function argumentsOf(numbers: Kind['numbers'], { number, again }: CodeDialect) {
  const columns = numbers[0].map((_, j) => numbers.map((row) => row[j].value))
  const same = (a: readonly number[], b: readonly number[]) => a.every((value, i) => value === b[i])
  const isConstant = (column: readonly number[]) => column.every((value) => value === column[0])
  const given = new Map<string, number[]>()
  const words = columns.map((column, j) => {
    if (isConstant(column)) return number(column[0])
    const known = [...given].find(([, values]) => same(values, column))
    if (known) return known[0]
    const alike = numbers[0].filter((_, i) => same(columns[i], column)).map(({ kind }) => kind)
    const base = new Set(alike).size > 1 && alike.includes('units') ? 'width' : numbers[0][j].kind
    let word = base
    for (let i = 2; given.has(word); i++) word = again(base, i)
    given.set(word, column)
    return word
  })
  return { words, given }
}

const layersOf = (part: ExportedPart, dialect: CodeDialect, style: CodeStyle): LayerCode[] =>
  part.nodes.map((node) => dialect.layer(node, style))
