import type { CodeDialect, CodeStyle, PartText } from '../code/dialect'
import { batchText, headingOf, partTitle } from '../code/heading'
import { networkText } from '../code/network-text'
import { indented } from '../code/python'
import { runsOf } from '../code/runs'
import { statementsOf } from '../code/statements'
import { sampleAxes } from '../layout'
import { javaScriptNames, quoted } from '../names'
import type { Shape } from '../../numerics/shape'
import { isSingle, type ExportedNetwork, type ExportedPart } from '../network'
import { TFJS_HELPERS } from './helpers'
import { drawn, javaScript, tfjsLayer } from './layers'

/**
 * A network in TensorFlow.js, as the text of an ES module: for each kind of block a function that makes its variables
 * and says what it computes, `network()` of all, and `load()`, which gives it those of the export that it is part of.
 */
export const tfjsCode = (network: ExportedNetwork): string => networkText(network, TFJS)

const TFJS: CodeDialect = {
  helpers: TFJS_HELPERS,
  number: javaScript,
  blankLines: 1,
  again: (word, index) => `${word}${index}`,
  className: (base, index) => `make${base}${index ?? ''}`,
  keptNumber: (word) => word,
  layer: tfjsLayer,
  part: partText,
  network: networkFunction,
  preamble: (network) =>
    [
      '/**',
      ...headingOf(network, 'channels last').map(commented),
      ' */',
      "import * as tf from '@tensorflow/tfjs'",
    ].join('\n'),
  ending: (network, outer) => [LOADING, main(network, outer)],
}

const commented = (line: string) => ` * ${line}`.trimEnd()

/** Names that a part's variables are not to have: of the code's own functions, and of the numbers it is told. */
const WORDS = [
  ...Object.keys(TFJS_HELPERS),
  ...['tf', 'apply', 'training', 'variables', 'width', 'units', 'inputs', 'stride', 'factor', 'keep', 'load'],
  ...['read', 'readJson', 'exported', 'network'],
]

/** Letters that a line may have. */
const MOST_LETTERS = 100

/** An object, on one line where it fits. */
function objectLines(before: string, entries: readonly string[]): string[] {
  const line = `${before}${entries.length ? `{ ${entries.join(', ')} }` : '{}'}`
  return line.length <= MOST_LETTERS ? [line] : [`${before}{`, ...entries.map((one) => `  ${one},`), '}']
}

/** An entry of an object, and its key. */
const entryText = (id: string, value: string) => (id === value ? id : `${keyText(id)}: ${value}`)
const keyText = (id: string) => (/^[A-Za-z_]\w*$/.test(id) ? id : quoted(id))

function partText({ name, part, layers, given, style }: PartText): string {
  const names = javaScriptNames(
    part.nodes.map(({ id }) => id),
    WORDS,
  )
  const own = part.nodes.filter((_, i) => layers[i].module !== null)
  const made = part.nodes.flatMap(({ id }, i) => {
    const { module } = layers[i]
    return module === null ? [] : [`const ${names.get(id)!} = ${module}`]
  })
  const variables = own.map(({ id }) => entryText(id, names.get(id)!))
  const lines = [
    ...made,
    `const apply = (h${style.trains ? ', training = false' : ''}) => {`,
    ...indented(statementLines({ part, layers }, names), 2),
    '}',
    ...objectLines('const variables = ', variables),
    'return { variables, apply }',
  ]
  return [
    `/** ${partTitle(part)}. */`,
    `function ${name}(${given.join(', ')}) {`,
    ...indented(lines, 2),
    '}',
  ].join('\n')
}

/** The lines of a part's value: each variable is declared where it gets its first one. */
function statementLines(
  { part, layers }: Pick<PartText, 'part' | 'layers'>,
  names: ReadonlyMap<string, string>,
): string[] {
  const nameOf = (id: string) => ({ word: names.get(id)!, self: names.get(id)! })
  const statements = statementsOf(part, layers, nameOf)
  const known = new Set(['h'])
  return statements.map(({ variable, value, comment }) => {
    const behind = comment ? ` // ${comment}` : ''
    if (variable === null) return `return ${value}${behind}`
    const isFirst = !known.has(variable)
    known.add(variable)
    const isOnly = statements.filter((other) => other.variable === variable).length === 1
    return `${isFirst ? (isOnly ? 'const ' : 'let ') : ''}${variable} = ${value}${behind}`
  })
}

function networkFunction(
  { stem, blocks, head, top, outputs, outputFactor, axes, input }: ExportedNetwork,
  made: (part: ExportedPart) => string,
  outer: CodeStyle,
): string {
  const training = outer.trains ? ', training' : ''
  const entry = (name: 'stem' | 'head', part: ExportedPart) =>
    `${name}: ${isSingle(part) ? `{ ${entryText(part.nodes[0].id, name)} }` : `${name}.variables`}`
  const variables = [
    ...(stem ? [entry('stem', stem)] : []),
    'blocks: blocks.map((block) => block.variables)',
    ...(head ? [entry('head', head)] : []),
    ...(outputs === null ? [] : ['output']),
  ]
  const valueOf = (name: 'stem' | 'head', part: ExportedPart, x: string) =>
    isSingle(part) ? tfjsLayer(part.nodes[0], outer).value(name, [x]) : `${name}.apply(${x}${training})`
  const first = batchText(blocks[0].planned.place.input, axes, 'channels last')
  const shape = batchText(input, axes, 'channels last')
  const lines = [
    ...(stem ? [`const stem = ${made(stem)}`] : []),
    'const blocks = [',
    ...runsOf(blocks.map(made)).map(({ text, count }) =>
      count === 1 ? `  ${text},` : `  ...repeat(${count}, () => ${text}),`,
    ),
    ']',
    ...(head ? [`const head = ${made(head)}`] : []),
    ...(outputs === null ? [] : [`const output = ${drawn([top.units, outputs], outputFactor, true, outer)}`]),
    `/** The stream before the first block and behind each, h_0..h_L, of x: ${shape}. */`,
    `const stream = (x${outer.trains ? ', training = false' : ''}) => {`,
    `  const first = ${stem ? valueOf('stem', stem, 'x') : 'x'} // ${first}`,
    `  return blocks.reduce((stream, block) => [...stream, block.apply(stream.at(-1)${training})], [first])`,
    '}',
    ...(outputs === null && !head
      ? [`const apply = (x${outer.trains ? ', training = false' : ''}) => stream(x${training}).at(-1)`]
      : [
          `const apply = (x${outer.trains ? ', training = false' : ''}) => {`,
          `  ${head || axes ? 'let' : 'const'} h = stream(x${training}).at(-1)`,
          ...(head ? [`  h = ${valueOf('head', head, 'h')}`] : []),
          ...(outputs === null || axes === 0
            ? []
            : [`  h = tf.mean(h, ${axes === 2 ? '[1, 2]' : '1'}) // [batch, ${top.units}]`]),
          `  return ${outputs === null ? 'h' : 'linear(output, h)'}`,
          '}',
        ]),
    ...objectLines('const variables = ', variables),
    'return { variables, stream, apply }',
  ]
  return [
    '/**',
    ` * ${blocks.length} blocks, their weights as they are drawn. \`apply(x)\` is their value, \`variables\` what they`,
    ' * learn, by the names that the lab has; tf.train finds them by itself.',
    ' */',
    'export function network() {',
    ...indented(lines, 2),
    '}',
  ].join('\n')
}

const LOADING = `/** A file beside this one, in a page or in Node. */
async function read(name) {
  const url = new URL(name, import.meta.url)
  if (url.protocol !== 'file:') return (await fetch(url)).arrayBuffer()
  const bytes = process.getBuiltinModule('fs').readFileSync(url)
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
}

const readJson = async (name) => JSON.parse(new TextDecoder().decode(await read(name)))

/** The arrays of the export that this file lies in, by the lab's names. */
async function exported() {
  const { weightsManifest, userDefinedMetadata } = await readJson('model.json')
  const [{ paths, weights }] = weightsManifest
  const saved = tf.io.decodeWeights(await read(paths[0]), weights)
  const entries = Object.entries(userDefinedMetadata.arrays)
  return Object.fromEntries(entries.map(([name, weight]) => [name, saved[weight].dataSync()]))
}

/**
 * The network with the weights of the export that this file lies in, or with other arrays.
 * @param arrays numbers by name, as an export as NPZ has them: blocks count from 1, 'blocks.1.linear-1.weight'
 */
export async function load(arrays) {
  const own = network()
  const found = arrays ?? (await exported())
  const visit = (variables, name) => {
    for (const [key, value] of Object.entries(variables)) {
      const place = [...name, Array.isArray(variables) ? Number(key) + 1 : key]
      const numbers = found[place.join('.')]
      if (!(value instanceof tf.Variable)) visit(value, place)
      else if (numbers) value.assign(tf.tensor(numbers, value.shape))
      // What does not reach the output is not in an export.
      else if (arrays) throw new Error(\`there is no array "\${place.join('.')}"\`)
    }
  }
  visit(own.variables, [])
  return own
}`

/** The proof has channels before positions; the code has them last. */
function channelsLast(array: string, shape: Shape, axes: 0 | 1 | 2): string {
  if (axes === 0) return `tf.tensor(${array})`
  const first = sampleAxes(shape, axes, 'channels first').join(', ')
  const order = axes === 1 ? '0, 2, 1' : '0, 2, 3, 1'
  return `tf.transpose(tf.reshape(${array}, [-1, ${first}]), [${order}])`
}

function main({ input, axes, top, outputs }: ExportedNetwork, outer: CodeStyle): string {
  const shape = [100, ...sampleAxes(input, axes, 'channels last')].join(', ')
  const expected = outputs === null ? channelsLast('check.outputs', top, axes) : 'tf.tensor(check.outputs)'
  return [
    '// node model.js: the mean square of the stream at initialisation, and how near an export comes to the lab.',
    'if (globalThis.process?.argv[1] && import.meta.url === new URL(`file://${process.argv[1]}`).href) {',
    `  const x = tf.randomNormal([${shape}])`,
    `  for (const [k, h] of network().stream(x${outer.trains ? ', true' : ''}).entries())`,
    '    console.log(`q_${k} = ${tf.mean(tf.square(h)).dataSync()[0].toPrecision(4)}`)',
    "  if (process.getBuiltinModule('fs').existsSync(new URL('proof.json', import.meta.url))) {",
    "    const { check, relativeDifference } = await readJson('proof.json')",
    `    const expected = ${expected}`,
    `    const outputs = (await load()).apply(${channelsLast('check.inputs', input, axes)})`,
    '    const largest = (values) => tf.max(tf.abs(values)).dataSync()[0]',
    '    const difference = largest(tf.sub(outputs, expected)) / (largest(expected) || 1)',
    '    const said = difference.toExponential(1)',
    '    console.log(`largest difference to what the lab computes, relative to the largest output: ${said}`)',
    '    // Weights may be in half precision.',
    '    if (!(difference < Math.max(1e-5, 2 * relativeDifference)))',
    "      throw new Error('it computes something else')",
    '  }',
    '}',
  ].join('\n')
}
