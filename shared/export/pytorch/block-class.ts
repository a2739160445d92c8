import { INPUT } from '../../graph/block-graph'
import { docstring, pythonNames } from '../names'
import type { ExportedPart } from '../network'
import type { HelperName } from './helpers'
import { python, torchLayer, type Slot, type TorchLayer, type TorchStyle } from './layers'

/** Parts that are written by one class, which differ in numbers alone. */
export interface TorchClass {
  name: string
  text: string
  helpers: Set<HelperName>
  /** How each of its parts is made: "Block(16, 32, 2)". */
  calls: Map<ExportedPart, string>
}

/** A class before its name: what its parts have in common, and the numbers in which they differ. */
interface Kind {
  parts: ExportedPart[]
  /** Of each part, in the order in which the text asks for them. */
  numbers: { kind: string; value: number }[][]
}

/** Classes of a network's parts. @param nameOf the name of kind i of `count` */
export function torchClasses(
  parts: readonly ExportedPart[],
  style: Omit<TorchStyle, 'slot'>,
  nameOf: (index: number, count: number) => string,
): TorchClass[] {
  const kinds = new Map<string, Kind>()
  for (const part of parts) {
    const key = classText('', [], part, { ...style, slot: (kind) => `<${kind}>` })
    const kind = kinds.get(key) ?? { parts: [], numbers: [] }
    const own: Kind['numbers'][number] = []
    classText('', [], part, { ...style, slot: (of, value) => (own.push({ kind: of, value }), '') })
    kind.parts.push(part)
    kind.numbers.push(own)
    kinds.set(key, kind)
  }
  return [...kinds.values()].map((kind, i) => classOf(kind, style, nameOf(i, kinds.size)))
}

function classOf({ parts, numbers }: Kind, style: Omit<TorchStyle, 'slot'>, name: string): TorchClass {
  const { words, given } = argumentsOf(numbers)
  let asked = 0
  const kept = new Set<string>()
  const slot: Slot = (_kind, _value, isInForward = false) => {
    const word = words[asked++]
    if (!isInForward || !given.has(word)) return word
    kept.add(word)
    return `self.${word}`
  }
  const text = classText(name, [...given.keys()], parts[0], { ...style, slot }, kept)
  const helpers = new Set(
    layersOf(parts[0], { ...style, slot: () => '' }).flatMap((one) => [...(one.helpers ?? [])]),
  )
  const call = (at: number) =>
    `${name}(${[...given.values()].map((values) => python(values[at])).join(', ')})`
  return { name, text, helpers, calls: new Map(parts.map((part, at) => [part, call(at)])) }
}

/** Numbers that are the same in all parts are written as they are; columns of others that agree are one argument. */
function argumentsOf(numbers: Kind['numbers']) {
  const columns = numbers[0].map((_, j) => numbers.map((row) => row[j].value))
  const same = (a: readonly number[], b: readonly number[]) => a.every((value, i) => value === b[i])
  const isConstant = (column: readonly number[]) => column.every((value) => value === column[0])
  const given = new Map<string, number[]>()
  const words = columns.map((column, j) => {
    if (isConstant(column)) return python(column[0])
    const known = [...given].find(([, values]) => same(values, column))
    if (known) return known[0]
    const alike = numbers[0].filter((_, i) => same(columns[i], column)).map(({ kind }) => kind)
    const base = new Set(alike).size > 1 && alike.includes('units') ? 'width' : numbers[0][j].kind
    let word = base
    for (let i = 2; given.has(word); i++) word = `${base}_${i}`
    given.set(word, column)
    return word
  })
  return { words, given }
}

const layersOf = (part: ExportedPart, style: TorchStyle): TorchLayer[] =>
  part.nodes.map((node) => torchLayer(node, style))

/** @param kept arguments that `forward` reads, once the layers are written */
function classText(
  name: string,
  given: readonly string[],
  part: ExportedPart,
  style: TorchStyle,
  kept: ReadonlySet<string> = new Set(),
): string {
  const layers = layersOf(part, style)
  const names = pythonNames(part.nodes.map(({ id }) => id))
  const made = part.nodes.flatMap(({ id }, i) => {
    const { module } = layers[i]
    return module === null ? [] : [`        self.${names.get(id)!} = ${module}`]
  })
  const init = [
    `    def __init__(${['self', ...given].join(', ')}):`,
    '        super().__init__()',
    ...[...kept].map((word) => `        self.${word} = ${word}`),
    ...made,
  ]
  const forward = [
    '    def forward(self, h):',
    ...statements(part, layers, names).map((line) => `        ${line}`),
  ]
  return [
    `class ${name}(nn.Module):`,
    `    """${docstring(part.title)}."""`,
    '',
    ...(made.length || given.length ? [...init, ''] : []),
    ...forward,
  ].join('\n')
}

/** One line a node. A variable is used again once nothing else reads what it holds. */
function statements(
  { nodes, output }: ExportedPart,
  layers: readonly TorchLayer[],
  names: ReadonlyMap<string, string>,
): string[] {
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
    const variable =
      [...own, 'h'].find((name) => isFree(name, at)) ?? fresh.shift() ?? `value_${names.get(id)!}`
    const { value, comment } = layers[at]
    const behind = comment ? `  # ${comment}` : ''
    lines.push({ variable, value: value(`self.${names.get(id)!}`, own), comment: behind })
    held.set(id, variable)
  }
  const result = held.get(output)!
  const last = lines.at(-1)
  const isLast = last !== undefined && last.variable === result
  const before = isLast ? lines.slice(0, -1) : lines
  return [
    ...before.map(({ variable, value, comment }) => `${variable} = ${value}${comment}`),
    isLast ? `return ${last.value}${last.comment}` : `return ${result}`,
  ]
}
