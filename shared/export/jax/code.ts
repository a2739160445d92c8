import type { CodeDialect, CodeStyle, PartText } from '../code/dialect'
import { batchText, partTitle } from '../code/heading'
import { networkText } from '../code/network-text'
import { exportCheck } from '../code/export-check'
import { PYTHON, indented, pythonList, pythonPreamble, pythonStatements } from '../code/python'
import { isNoise } from '../code/shapes'
import { sampleAxes } from '../layout'
import { pythonNames, quoted } from '../names'
import { isSingle, partsOf, type ExportedNetwork, type ExportedPart } from '../network'
import { JAX_HELPERS } from './helpers'
import { drawn, jaxLayer } from './layers'

/**
 * A network in jax.numpy alone, as the text of a module: for each kind of block a function that gives `init` and
 * `apply`; these of the whole network, and `load()`, which reads the parameters of an export as NPZ.
 */
export const jaxCode = (network: ExportedNetwork): string => networkText(network, JAX)

const JAX: CodeDialect = {
  helpers: JAX_HELPERS,
  ...PYTHON,
  className: (base, index) => `${base.toLowerCase()}${index === null ? '' : `_${index}`}`,
  keptNumber: (word) => word,
  layer: jaxLayer,
  part: partText,
  network: networkFunctions,
  preamble: (network, code) =>
    pythonPreamble(
      network,
      'channels last',
      code,
      ['import sys', 'import zipfile'],
      ['import jax', 'import jax.numpy as jnp', 'import numpy'],
    ),
  ending: (network, outer) => [
    ...(partsOf(network).some(({ nodes }) => nodes.some((node) => node.statistics.length)) ? [MEASURED] : []),
    LOADING,
    main(network, outer),
  ],
}

/** What `apply` takes beside parameters and input. */
const modes = ({ trains, draws }: Omit<CodeStyle, 'slot'>): string =>
  `${trains ? ", mode='evaluate'" : ''}${draws ? ', key=None' : ''}`

function partText({ name, part, layers, given, style }: PartText): string {
  const names = pythonNames(part.nodes.map(({ id }) => id))
  const noisy = part.nodes.filter(isNoise).map(({ id }) => id)
  const entries = part.nodes.flatMap(({ id }, i) => {
    const { module } = layers[i]
    return module === null ? [] : [`${quoted(id)}: ${module},`]
  })
  const values = pythonStatements({ part, layers }, names, (_name, id) =>
    noisy.includes(id) ? `folded(key, ${noisy.indexOf(id)})` : `p[${quoted(id)}]`,
  )
  const start = entries.length ? ['return {', ...indented(entries, 4), '}'] : ['return {}']
  return [
    `def ${name}(${given.join(', ')}):`,
    `    """${partTitle(part)}: its parameters as they are drawn, and its value."""`,
    '',
    ...indented(['def init(key):', ...indented([...keysOf(entries), ...start], 4)], 4),
    '',
    ...indented([`def apply(p, h${modes(style)}):`, ...indented(values, 4)], 4),
    '',
    '    return init, apply',
  ].join('\n')
}

/** A key for each draw of these texts. */
function keysOf(texts: readonly string[]): string[] {
  const count = texts.filter((text) => text.includes('next(keys)')).length
  return count ? [`keys = iter(jax.random.split(key, ${count}))`] : []
}

function networkFunctions(
  network: ExportedNetwork,
  made: (part: ExportedPart) => string,
  outer: CodeStyle,
): string {
  const { stem, blocks, head, top, outputs, outputFactor, axes, input } = network
  const constants = [
    ...(stem && !isSingle(stem) ? [`STEM = ${made(stem)}`] : []),
    '# What blocks there are, from the input up.',
    ...pythonList('BLOCKS = ', blocks.map(made)),
    ...(head && !isSingle(head) ? [`HEAD = ${made(head)}`] : []),
  ]
  const start = (name: 'stem' | 'head', part: ExportedPart) =>
    isSingle(part)
      ? `'${name}': {${quoted(part.nodes[0].id)}: ${made(part)}},`
      : `'${name}': ${name.toUpperCase()}[0](next(keys)),`
  const around = [
    ...(stem ? [start('stem', stem)] : []),
    "'blocks': [init_block(next(keys)) for init_block, _ in BLOCKS],",
    ...(head ? [start('head', head)] : []),
    ...(outputs === null ? [] : [`'output': ${drawn([top.units, outputs], outputFactor, true, outer)},`]),
  ]
  const others = around.length - 1
  const given = `${outer.trains ? ', mode' : ''}${outer.draws ? ', folded(key, k)' : ''}`
  const each = outer.draws
    ? "for k, (own, (_, block)) in enumerate(zip(p['blocks'], BLOCKS)):"
    : "for own, (_, block) in zip(p['blocks'], BLOCKS):"
  const first = batchText(blocks[0].planned.place.input, axes, 'channels last')
  const values = [
    `h = ${stem ? partValue('stem', stem, 'p', 'x', outer) : 'x'}  # ${first}`,
    each,
    `    h = block(own, h${given})`,
    ...(head ? [`h = ${partValue('head', head, 'p', 'h', outer)}`] : []),
    ...(outputs === null || axes === 0
      ? []
      : [`h = h.mean(${axes === 2 ? '(1, 2)' : '1'})  # [batch, ${top.units}]`]),
    outputs === null ? 'return h' : "return linear(p['output'], h)",
  ]
  const mode = outer.trains ? " mode: 'train', 'evaluate' or 'measure'." : ''
  return [
    ...constants,
    '',
    '',
    'def init(key):',
    '    """All parameters as they are drawn."""',
    `    keys = iter(jax.random.split(key, len(BLOCKS)${others ? ` + ${others}` : ''}))`,
    '    return {',
    ...indented(around, 8),
    '    }',
    '',
    '',
    `def apply(p, x${modes(outer)}):`,
    `    """What the network computes of x, ${batchText(input, axes, 'channels last')}.${mode}"""`,
    ...indented(values, 4),
  ].join('\n')
}

/** What stem or head computes. @param p the name of all parameters */
function partValue(
  name: 'stem' | 'head',
  part: ExportedPart,
  p: string,
  x: string,
  outer: CodeStyle,
  mode = 'mode',
): string {
  if (isSingle(part)) {
    const [node] = part.nodes
    return jaxLayer(node, outer).value(`${p}['${name}'][${quoted(node.id)}]`, [x])
  }
  return `${name.toUpperCase()}[1](${p}['${name}'], ${x}${outer.trains ? `, ${mode}` : ''})`
}

const MEASURED = `def measured(p, x):
    """The parameters with the statistics of the samples x, for evaluation."""
    copy = jax.tree.map(lambda array: array, p)
    apply(copy, x, 'measure')
    return copy`

const LOADING = `def load(path):
    """The parameters of an export, of residual-lab export RUN --format npz --out PATH."""
    arrays = numpy.load(path)

    def read(place, drawn):
        # Blocks count from 1 in the export's names.
        name = '.'.join(str(step.idx + 1) if hasattr(step, 'idx') else step.key for step in place)
        return jnp.asarray(arrays[name], drawn.dtype).reshape(drawn.shape)

    return jax.tree_util.tree_map_with_path(read, jax.eval_shape(init, jax.random.key(0)))`

function main(network: ExportedNetwork, outer: CodeStyle): string {
  const { stem, input, axes } = network
  const shape = [100, ...sampleAxes(input, axes, 'channels last')].join(', ')
  const given = `${outer.trains ? ", 'train'" : ''}${outer.draws ? ', jax.random.key(k)' : ''}`
  const lines = [
    '# At initialisation: the mean square of the stream before the first block and behind each.',
    'p = init(jax.random.key(1))',
    `h = jax.random.normal(jax.random.key(2), (${shape}))`,
    ...(stem ? [`h = ${partValue('stem', stem, 'p', 'h', outer, "'train'")}`] : []),
    "print(f'q_0 = {jnp.square(h).mean():.4g}')",
    "for k, (own, (_, block)) in enumerate(zip(p['blocks'], BLOCKS), 1):",
    `    h = block(own, h${given})`,
    "    print(f'q_{k} = {jnp.square(h).mean():.4g}')",
    'path = sys.argv[1] if len(sys.argv) > 1 else None',
    ...exportCheck(network, 'path', 'numpy.asarray(apply(load(path), inputs))'),
  ]
  return ["if __name__ == '__main__':", ...indented(lines, 4)].join('\n')
}
