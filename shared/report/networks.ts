/** What networks a run looked at, in sentences of a methods section. */
import { chainText } from '../block/chain-text'
import { presetNamed, presetSources } from '../block/presets'
import { remedyNamed } from '../block/remedies'
import { joinWords } from '../base/format'
import type { Reference } from '../base/reference'
import { depthSettings } from '../depth/cells'
import type { BlockGraph, GraphNode } from '../graph/block-graph'
import { seriesGraphs } from '../network/series'
import { shortTitle } from '../network/series-names'
import { operationOf } from '../operations'
import type { RunDocument } from '../runs/run'
import { comparedOf } from '../runs/summary'
import type { Experiment } from '../settings/experiment'
import { setting } from '../settings/table'
import type { Cite } from './citations'

/** The blocks, remedies, depth, width and initialisation of a run's networks. */
export function networkSentences({ entry, experiment }: RunDocument, cite: Cite): string[] {
  const compared = comparedOf(entry.kind, experiment)
  return [
    shapeSentence(entry.kind, compared, experiment),
    blockSentence(compared, cite),
    ...remedySentences(compared, cite),
    initialSentence(compared, cite),
    ...operationSentences(compared, cite),
  ]
}

function shapeSentence(kind: string, compared: Experiment, experiment: Experiment): string {
  const depth = kind === 'depth' ? depthSettings(experiment) : null
  const skip = depth ? depth.skip : kind === 'regions' ? 'both' : compared.skip
  const what = {
    on: 'residual networks of',
    off: 'plain networks, whose blocks have no skip connection, of',
    both: 'residual networks, and plain ones without the skip connections, of',
  }[skip]
  const { network } = compared
  const stages = network?.stages.map(
    ({ blocks, width, stride }) =>
      `${blocks} ${blocks === 1 ? 'block' : 'blocks'} of ${width} units${stride === 2 ? ' (stride 2)' : ''}`,
  )
  const depths = depth?.depths ?? [compared.blocks]
  const blocks = depths.length === 1 && depths[0] === 1 ? 'block' : 'blocks'
  const size = stages
    ? `stages of ${joinWords(stages)}`
    : `${joinWords(depths.map(String))} ${blocks} of width ${compared.width}`
  const shortcut = network && `; where a stage changes the shape, shortcuts are of type ${network.shortcut}`
  return `We looked at ${what} ${size}${shortcut ?? ''}.`
}

const blocksOf = ({ block, compare }: Experiment): BlockGraph[] => {
  const all = [...block, ...compare].map((one) => (typeof one === 'string' ? presetNamed(one) : one))
  return [...new Map(all.map((one) => [one.name, one])).values()]
}

/** What signs stand for in the order of a block's operations. */
const SIGNS: readonly { op: GraphNode['op']; text: string }[] = [
  { op: 'linear', text: 'lin: linear layer' },
  { op: 'batch-norm', text: 'BN: batch normalisation' },
  { op: 'sum', text: '+: sum with the input' },
]

function blockSentence(compared: Experiment, cite: Cite): string {
  const all = blocksOf(compared)
  const blocks = all.map((block) => {
    const order = chainText(block)
    const described = order === null ? `a graph of ${block.nodes.length} operations` : order
    return `“${shortTitle(block.title)}”${cite(presetSources(block.name))}, ${described}`
  })
  const chains = all.filter((block) => chainText(block) !== null)
  const used = chains.flatMap(({ nodes }) => nodes.map(({ op }) => op))
  const signs = SIGNS.filter(({ op }) => used.includes(op)).map(({ text }) => text)
  const legend = (whose: string) =>
    `in the order of ${whose} operations${signs.length ? ` (${signs.join(', ')})` : ''}`
  if (blocks.length === 1) return `The block is ${blocks[0]}${chains.length ? `, ${legend('its')}` : ''}.`
  const which =
    chains.length === all.length
      ? `, each ${legend('its')}`
      : chains.length
        ? `, chains ${legend('their')}`
        : ''
  return `The blocks are${which}: ${blocks.join('; ')}.`
}

function remedySentences({ block, remedies }: Experiment, cite: Cite): string[] {
  if (!block.length || (remedies.length === 1 && remedies[0] === 'none')) return []
  const used = remedies.map((name) => remedyNamed(name))
  const words = used.map(({ method, sources }) => `${method}${cite(sources)}`)
  return remedies.length === 1
    ? [`It was used with ${words[0]}.`]
    : [`${blocksWord(block)} used in ${words.length} forms: ${words.join('; ')}.`]
}

const blocksWord = ({ length }: readonly unknown[]) => (length === 1 ? 'It was' : 'Each of them was')

const DRAWN: Readonly<Record<Experiment['init'], string>> = {
  he: 'a normal distribution of variance 2/fan-in',
  lecun: 'a normal distribution of variance 1/fan-in',
  glorot: 'a normal distribution of variance 2/(fan-in + fan-out)',
  pytorch: 'a uniform distribution on ±1/√fan-in',
}

/** The papers of what a setting says. */
export function settingSources(
  experiment: Experiment,
  key: Parameters<typeof setting>[0],
): readonly Reference[] {
  const one = setting(key)
  const value = experiment[key]
  if (one.type === 'choice') {
    const chosen = one.choices.find((choice) => choice.value === value)
    return [...(value === one.default ? [] : (one.sources ?? [])), ...(chosen?.sources ?? [])]
  }
  return value === one.default ? [] : (one.sources ?? [])
}

function initialSentence(compared: Experiment, cite: Cite): string {
  const { init, gain } = compared
  const biases = init === 'pytorch' ? 'biases too' : 'biases started at zero'
  const factor = gain === 1 ? '' : `, with ${gain} times its standard deviation`
  return (
    'Weights of the blocks were drawn from ' +
    `${DRAWN[init]}${cite(settingSources(compared, 'init'))}${factor}; ${biases}.`
  )
}

/** The operations whose papers the remedies have not named. */
function operationSentences(compared: Experiment, cite: Cite): string[] {
  const named = new Set(compared.remedies.flatMap((name) => remedyNamed(name).sources.map(({ key }) => key)))
  const nodes = seriesGraphs(compared).flatMap(({ graph }) => graph.nodes)
  const used = new Map(nodes.map((node) => [node.op, operationOf(node)]))
  const cited = [...used.values()].filter(({ sources = [] }) => sources.some(({ key }) => !named.has(key)))
  if (!cited.length) return []
  return [
    `The networks hold ${joinWords(cited.map(({ title, sources }) => `${title}${cite(sources ?? [])}`))}.`,
  ]
}

/** Whether the statistics of batch normalisation matter for what comes out. */
export const hasBatchNorm = (experiment: Experiment): boolean =>
  seriesGraphs(experiment).some(({ graph }) => graph.nodes.some(({ op }) => op === 'batch-norm'))
