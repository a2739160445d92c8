import { InputError } from '../base/errors'
import type { ExportedNetwork } from '../export/network'
import { fromTorch } from '../export/pytorch/state'
import {
  above,
  expectedLayers,
  fits,
  inputsOf,
  shapeIn,
  sidesAt,
  type ExpectedArray,
  type ExpectedLayer,
} from './expected'
import { dimsText, type FileTensor } from './tensors'

/** A tensor of the file that is one of the network's arrays. */
export interface Match {
  tensor: FileTensor
  array: ExpectedArray
  /** What told that: the name that an export gives it, or its layer's place among those of its shape. */
  by: 'name' | 'order'
  /** From [out, in, …window] to [tap × in, out]. */
  isTransposed: boolean
}

export interface Matching {
  matches: Match[]
  /** Arrays that are not in the file. */
  missing: ExpectedArray[]
  /** The same, of layers on which the output does not depend: any numbers will do. */
  unneeded: ExpectedArray[]
  /** Tensors that no array is taken from. */
  unused: FileTensor[]
  /** Why nothing can be imported; null: it can. */
  problem: InputError | null
}

/** Names of tensors, each with the array that it is. */
export type Naming = ReadonlyMap<string, string>

/** Numbers that are read; the rest would be rounded, or is none. */
const TYPES = ['float32', 'float16', 'bfloat16']

/**
 * Which tensor is which array of a network: by the names that an export gives them, and where a layer has none of
 * these, by the order of layers among those of its kind and shapes.
 * @param namings of which the one is taken that knows most
 * @param where the file is named
 */
export function matchTensors(
  network: ExportedNetwork,
  tensors: readonly FileTensor[],
  namings: readonly Naming[],
  where: string,
): Matching {
  const layers = expectedLayers(network)
  const found: Matching = { matches: [], missing: [], unneeded: [], unused: [], problem: null }
  const problems = [
    ...namedMatches(layers, tensors, bestOf(namings, tensors), found, where),
    ...orderedMatches(layers, tensors, found, where),
  ]
  const taken = new Set(found.matches.map(({ array }) => array.source))
  const used = new Set(found.matches.map(({ tensor }) => tensor))
  const places = new Map(layers.flatMap(({ arrays }) => arrays).map((array, i) => [array, i]))
  found.matches.sort((a, b) => places.get(a.array)! - places.get(b.array)!)
  for (const { arrays, isReached } of layers)
    found[isReached ? 'missing' : 'unneeded'].push(...arrays.filter(({ source }) => !taken.has(source)))
  found.unused = tensors.filter((tensor) => !used.has(tensor))
  const wrong = found.matches.find(({ tensor }) => !TYPES.includes(tensor.type))
  if (wrong) problems.push(typeProblem(wrong, where))
  found.problem = problems[0] ?? (found.missing.length ? missingProblem(found, layers, where) : null)
  return found
}

/** A tensor's numbers as the array has them, row by row. */
export function valuesFor({ array, isTransposed }: Match, values: Float32Array): Float32Array {
  const { rows, columns, window } = array
  return isTransposed ? fromTorch({ rows, columns, taps: window[0] * window[1] }, values) : values
}

function bestOf(namings: readonly Naming[], tensors: readonly FileTensor[]): Naming {
  const counts = namings.map((naming) => tensors.filter(({ name }) => naming.has(name)).length)
  return namings[counts.indexOf(Math.max(...counts))] ?? new Map()
}

const matchOf = (tensor: FileTensor, array: ExpectedArray, by: Match['by']): Match => ({
  ...{ tensor, array, by },
  isTransposed: array.role === 'weight' && tensor.order === 'out-first',
})

function namedMatches(
  layers: readonly ExpectedLayer[],
  tensors: readonly FileTensor[],
  naming: Naming,
  { matches }: Matching,
  where: string,
): InputError[] {
  const arrays = new Map(layers.flatMap((layer) => layer.arrays.map((array) => [array.source, array])))
  const taken = new Set<string>()
  return tensors.flatMap((tensor) => {
    const array = arrays.get(naming.get(tensor.name) ?? '')
    if (!array || taken.has(array.source)) return []
    if (!fits(tensor, array)) return [shapeProblem(tensor, array, where)]
    taken.add(array.source)
    matches.push(matchOf(tensor, array, 'name'))
    return []
  })
}

/** A layer of the file, as far as its tensors tell. */
interface FileLayer {
  name: string
  place: number | null
  tensors: FileTensor[]
}

function orderedMatches(
  layers: readonly ExpectedLayer[],
  tensors: readonly FileTensor[],
  { matches }: Matching,
  where: string,
): InputError[] {
  const named = new Set(matches.map(({ array }) => array.source))
  const used = new Set(matches.map(({ tensor }) => tensor.layer))
  const open = layers.filter(({ arrays }) => arrays.every(({ source }) => !named.has(source)))
  const isOpen = ({ layer, type }: FileTensor) => layer !== null && !used.has(layer) && !isWhole(type)
  const left = fileLayers(tensors.filter(isOpen))
  const classes = groupedBy(open, expectedKey)
  const inFile = groupedBy(left, fileKey)
  return [...classes].flatMap(([key, expected]) => {
    const found = inFile.get(key) ?? []
    // What is missing altogether is said of all classes at once.
    if (found.length === 0) return []
    const problem = ambiguity(expected, found, where)
    if (problem) return [problem]
    inOrder(found).forEach((layer, i) => {
      for (const array of expected[i].arrays) {
        const tensor = layer.tensors.find(({ role }) => role === array.role) ?? layer.tensors[0]
        matches.push(matchOf(tensor, array, 'order'))
      }
    })
    return []
  })
}

/** Counts, such as a norm's of its batches, are no weights. */
const isWhole = (type: string) => /^(u?int|bool)/.test(type)

function fileLayers(tensors: readonly FileTensor[]): FileLayer[] {
  return [...groupedBy(tensors, ({ layer }) => layer!)].map(([name, own]) => ({
    ...{ name, tensors: own },
    place: own[0].place,
  }))
}

function groupedBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return groups
}

/** What layers are alike in: a kind's arrays and their sizes. */
function expectedKey({ kind, arrays }: ExpectedLayer): string {
  if (kind === 'lone') return `${arrays[0].columns}`
  return arrays.map(keyOfArray).sort().join(' ')
}

const keyOfArray = (array: ExpectedArray) =>
  array.role === 'weight'
    ? `weight ${array.window.join('x')} ${inputsOf(array)} ${array.columns}`
    : `${array.role} ${array.columns}`

function fileKey({ tensors }: FileLayer): string {
  if (tensors.length === 1 && tensors[0].role !== 'weight') return `${sizeOf(tensors[0].shape)}`
  return tensors.map(keyOfTensor).sort().join(' ')
}

function keyOfTensor({ role, shape, order }: FileTensor): string {
  if (role !== 'weight') return `${role ?? '?'} ${sizeOf(shape)}`
  if (shape.length < 2 || shape.length > 4) return 'none'
  const sides = shape.slice(...sidesAt(order))
  const window = [1, 1, ...sides].slice(-2)
  const [first, second] = order === 'out-first' ? shape : shape.slice(-2)
  const [inputs, outputs] = order === 'out-first' ? [second, first] : [first, second]
  return `weight ${window.join('x')} ${inputs} ${outputs}`
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, side) => product * side, 1)

/** Why order does not tell which is which; null: it does. */
function ambiguity(
  expected: readonly ExpectedLayer[],
  found: readonly FileLayer[],
  where: string,
): InputError | null {
  const refuse = (what: string) => new InputError(where, what, NAMES_HINT)
  const quoted = found.slice(0, 3).map(({ name }) => `"${name}"`)
  const some = `${quoted.join(', ')}${found.length > 3 ? ', …' : ''}`
  if (found.length !== expected.length) {
    const one = expected[0].name
    const own = expected.length === 1 ? `one layer like "${one}"` : `${expected.length} layers like "${one}"`
    return refuse(`the network has ${own}, and the file ${found.length} of these shapes (${some})`)
  }
  if (expected.length === 1) return null
  const side = expected.slice(1).find((layer, i) => !isBelow(expected[i], layer))
  if (side) {
    const before = expected[expected.indexOf(side) - 1].name
    return refuse(
      `"${before}" and "${side.name}" stand side by side and are alike, so order does not tell them`,
    )
  }
  const roles = new Set(expected.map(({ kind, arrays }) => (kind === 'lone' ? arrays[0].role : kind)))
  if (roles.size > 1)
    return refuse(
      `the network has ${[...roles].join(' and ')} of one shape, which order does not tell (${some})`,
    )
  const hasPlaces = found.every(({ place }) => place !== null)
  const forms = new Set(found.map(({ name }) => name.replace(/\d+/g, '#')))
  if (hasPlaces || forms.size === 1) return null
  return refuse(`its names do not say in which order layers of one shape follow (${some})`)
}

const NAMES_HINT =
  'Give the tensors the names that exports of Residual Lab have; the command line’s `import --look --json` lists them.'

/** Whether a layer depends on one before it. */
function isBelow(before: ExpectedLayer, layer: ExpectedLayer): boolean {
  if (before.part !== layer.part || layer.part === null) return true
  return above(layer.part, layer.node).has(before.node)
}

function inOrder(layers: readonly FileLayer[]): FileLayer[] {
  const hasPlaces = layers.every(({ place }) => place !== null)
  return [...layers].sort((a, b) => (hasPlaces ? a.place! - b.place! : byNumbers(a.name, b.name)))
}

/** "layers.2" before "layers.10"; names that differ in their numbers alone. */
function byNumbers(a: string, b: string): number {
  const [first, second] = [a, b].map((name) => name.match(/\d+/g) ?? [])
  const at = first.findIndex((one, i) => Number(one) !== Number(second[i]))
  return at < 0 ? 0 : Number(first[at]) - Number(second[at])
}

function shapeProblem(tensor: FileTensor, array: ExpectedArray, where: string): InputError {
  const expected = shapeIn(tensor.order, array, Math.max(0, tensor.shape.length - 2))
  return new InputError(
    where,
    `"${array.source}": expected ${dimsText(expected)}, found ${dimsText(tensor.shape)} in "${tensor.name}"`,
    'Name a run of the same architecture.',
  )
}

function typeProblem({ tensor, array }: Match, where: string): InputError {
  const what = `"${array.source}": expected float32, float16 or bfloat16, found ${tensor.type} in "${tensor.name}"`
  return new InputError(where, what, 'Save the weights as float32.')
}

/** Of all that is missing, the first; with what may be meant for it. */
function missingProblem(
  { missing, unused }: Matching,
  layers: readonly ExpectedLayer[],
  where: string,
): InputError {
  const [array] = missing
  const kind = layers.find(({ arrays }) => arrays.includes(array))!.kind
  const near = unused.find(({ role, layer }) => layer !== null && (kind === 'lone' || role === array.role))
  const shape = shapeIn(near?.order ?? 'in-first', array, Math.max(0, (near?.shape.length ?? 2) - 2))
  const others = missing.length === 1 ? '' : ` (and ${missing.length - 1} more are missing)`
  const instead = near ? `found ${dimsText(near.shape)} in "${near.name}"` : 'and nothing is left in the file'
  const what = `"${array.source}": expected ${dimsText(shape)}, ${instead}${others}`
  return new InputError(where, what, 'Name a run of the same architecture.')
}
