import { centred } from '../block/presets'
import type { Experiment } from '../settings/experiment'
import { InputError } from '../base/errors'
import { ancestors, type BlockGraph, type GraphNode } from '../graph/block-graph'
import { nodeLabel, operationOf } from '../operations'
import type { ShatterNetwork } from './results'
import { seriesGraphs } from '../network/series'
import type { ShatterSettings } from '../settings/shatter'

/**
 * The networks that `shatter` measures, with their final graphs: where they are asked for, those of Balduzzi et al.
 * (2017) that the experiment does not hold already; then the experiment's curves.
 * @throws InputError for a block that takes no points of a line
 */
export function shatterNetworks(experiment: Experiment, settings: ShatterSettings): ShatterNetwork[] {
  const own = networksOf(experiment, null, settings)
  own.forEach(checkBlock)
  if (settings.references === 'off') return own
  return references(experiment, settings).reduceRight(
    (all, reference) => (all.some((other) => isSame(other, reference)) ? all : [reference, ...all]),
    own,
  )
}

/** @throws InputError */
function checkBlock({ block, graph }: ShatterNetwork): void {
  const node = graph.nodes.find(({ op }) => {
    const { kind } = operationOf({ op })
    return kind === 'noise' || kind === 'pool' || op === 'conv-1d' || op === 'conv-2d' || op === 'shortcut'
  })
  if (!node) return
  throw new InputError(
    'block',
    `“${block}” holds ${nodeLabel(graph, node.id)}, and shatter needs one value a unit, the same each time`,
    'Choose a block of linear layers, activations, norms, scales and sums.',
  )
}

/** The four that the paper compares, of the experiment's first block. */
function references(experiment: Experiment, settings: ShatterSettings): ShatterNetwork[] {
  const block = [...experiment.block, ...experiment.compare].slice(0, 1)
  const first: Experiment = { ...experiment, block, compare: [], remedies: ['none'] }
  const normalised = ['batch-norm']
  return [
    ...networksOf({ ...first, skip: 'off', blocks: 1 }, 'shallow plain', settings),
    ...networksOf({ ...first, skip: 'off' }, 'deep plain', settings),
    ...networksOf({ ...first, skip: 'on' }, 'residual', settings),
    ...networksOf({ ...first, skip: 'on', remedies: normalised }, 'residual, batch norm', settings),
  ]
}

function networksOf(
  experiment: Experiment,
  reference: string | null,
  { center, beta }: ShatterSettings,
): ShatterNetwork[] {
  const { blocks, skip } = experiment
  return seriesGraphs(experiment).map((series) => {
    const scaled = scaledBehindNorm(series.graph, beta)
    return { ...series, graph: center === 'on' ? centred(scaled) : scaled, reference, blocks, skip }
  })
}

const isSame = (a: ShatterNetwork, b: ShatterNetwork) =>
  a.blocks === b.blocks &&
  a.graph.output === b.graph.output &&
  JSON.stringify(a.graph.nodes) === JSON.stringify(b.graph.nodes)

/** h + beta × branch wherever the branch holds a batch normalisation (Balduzzi et al. 2017, section 3.3). */
export function scaledBehindNorm(graph: BlockGraph, beta: number): BlockGraph {
  if (beta === 1) return graph
  let count = 0
  const nodes = graph.nodes.flatMap((node): GraphNode[] => {
    if (node.op !== 'sum') return [node]
    const [skip, branch] = node.inputs
    const onSkip = ancestors(graph, skip)
    const isNormalised = [...ancestors(graph, branch)].some(
      (id) => !onSkip.has(id) && graph.nodes.find((other) => other.id === id)?.op === 'batch-norm',
    )
    if (!isNormalised) return [node]
    const id = `beta-${++count}`
    return [
      { id, op: 'scale', inputs: [branch], factor: beta, text: `β = ${beta}` },
      { ...node, inputs: [skip, id] },
    ]
  })
  return { ...graph, nodes }
}
