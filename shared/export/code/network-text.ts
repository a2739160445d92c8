import { outerInitialisation } from '../../network/parameters'
import { isSingle, layerNamesOf, partsOf, type ExportedNetwork, type ExportedPart } from '../network'
import { partClasses } from './classes'
import type { CodeDialect, CodeStyle } from './dialect'
import { isNoise } from './shapes'

/**
 * A network as the text of a module: a class for each kind of block, the network, whose weights are drawn as the
 * experiment says, and what stands behind it; of what the framework lacks, what this network uses.
 */
export function networkText(network: ExportedNetwork, dialect: CodeDialect): string {
  const { experiment, axes } = network
  const nodes = partsOf(network).flatMap((part) => part.nodes)
  const draws = nodes.some(isNoise)
  const trains = draws || nodes.some(({ statistics }) => statistics.length > 0)
  const common = { axes, draws, trains, names: layerNamesOf(network) }
  const inner = { ...common, init: experiment.init, gain: experiment.gain }
  const { init, gain } = outerInitialisation(experiment)
  const outer = { ...common, init, gain }
  const around = (part: ExportedPart | null, base: 'Stem' | 'Head') =>
    part && !isSingle(part) ? partClasses(base, [part], dialect, outer) : []
  const classes = [
    ...around(network.stem, 'Stem'),
    ...partClasses('Block', network.blocks, dialect, inner),
    ...around(network.head, 'Head'),
  ]
  const style: CodeStyle = { ...outer, slot: (_kind, value) => dialect.number(value) }
  const made = (part: ExportedPart) =>
    classes.map(({ calls }) => calls.get(part)).find(Boolean) ?? dialect.layer(part.nodes[0], style).module!
  const own = [
    ...classes.map(({ text }) => text),
    dialect.network(network, made, style),
    ...dialect.ending(network, style),
  ]
  const gap = '\n'.repeat(dialect.blankLines + 1)
  const code = [...helpersOf(dialect, own), ...own].join(gap)
  return `${dialect.preamble(network, code)}${gap}${code}\n`
}

/** A call of a function of this name, and of no other's member: `...repeat(3)` is one, `tf.repeat(3)` none. */
const calls = (name: string) => new RegExp(`(?<!\\w)(?<!(?<!\\.\\.)\\.)${name}\\(`)

/** The helpers that the texts call, and those that these call, in the order of the table. */
function helpersOf({ helpers }: CodeDialect, texts: readonly string[]): string[] {
  const used = new Set<string>()
  const open = [...texts]
  while (open.length) {
    const text = open.pop()!
    for (const [name, helper] of Object.entries(helpers)) {
      if (used.has(name) || !calls(name).test(text)) continue
      used.add(name)
      open.push(helper)
    }
  }
  return Object.keys(helpers)
    .filter((name) => used.has(name))
    .map((name) => helpers[name])
}
