import { InputError } from '../base/errors'
import { trainingExperiment } from '../experiment/experiment'
import type { BlockGraph } from '../graph/block-graph'
import { seriesGraphs, seriesOf, type SeriesGraph } from '../network/series'
import { defaultDepth, type DepthSettings } from '../settings/depth'
import type { Experiment } from '../settings/experiment'
import type { NetworkSettings } from '../settings/network'

/** One curve over depth: a block with a remedy, as a residual or as a plain network. */
export interface DepthNetwork extends Omit<SeriesGraph, 'graph'> {
  skip: 'on' | 'off'
}

/** One network at one depth: all its replicas are trained at once. */
export interface PlannedCell {
  /** Which of the curves. */
  series: number
  /** Blocks. */
  depth: number
  /** The cell's networks alone, as training takes them. */
  experiment: Experiment
  /**
   * Cells of one key are one network (a remedy for sums leaves a plain block as it is): one training serves all of
   * them.
   */
  key: string
}

/** All that is to be trained. */
export interface DepthPlan {
  settings: DepthSettings
  /** Residual networks first, each in the order of the experiment's blocks and remedies. */
  series: DepthNetwork[]
  /** From the shallowest depth to the deepest. */
  cells: PlannedCell[]
}

export const depthSettings = (experiment: Experiment): DepthSettings => experiment.depth ?? defaultDepth()

/**
 * Depths × {residual, plain} × blocks with their remedies. All else is the experiment's own, so that cells are paired:
 * same batches, same initial weights where their parameters coincide.
 * @throws InputError where the network of stages cannot have one of the depths
 */
export function depthPlan(experiment: Experiment): DepthPlan {
  const settings = depthSettings(experiment)
  const { depths, skip } = settings
  const skips = skip === 'both' ? (['on', 'off'] as const) : [skip]
  const [shallowest] = depths
  const series = skips.flatMap((one) =>
    seriesGraphs(atDepth(experiment, shallowest, one)).map(({ graph: _graph, ...header }) => ({
      ...header,
      skip: one,
    })),
  )
  const cells = depths.flatMap((depth) => {
    let index = 0
    return skips.flatMap((one) => {
      const whole = seldomEvaluated(trainingExperiment(atDepth(experiment, depth, one)))
      const graphs = seriesGraphs(whole)
      return seriesOf(whole).map(({ block, remedy }, i): PlannedCell => {
        const alone = { ...whole, block: [named(whole, block)], compare: [], remedies: [remedy] }
        return { series: index++, depth, experiment: alone, key: keyOf(graphs[i].graph, depth) }
      })
    })
  })
  return { settings, series, cells }
}

/** Evaluations of each cell where the experiment does not say how often: they cost as much as many steps. */
const EVALUATIONS = 8

/** Where training evaluates twenty times by itself, a comparison of depths does so eight times. */
const seldomEvaluated = (training: Experiment): Experiment => ({
  ...training,
  evaluateEvery: training.evaluateEvery || Math.max(10, Math.ceil(training.steps / EVALUATIONS)),
})

/** A preset goes by its name, as in the experiment that asked for it. */
const named = ({ block, compare }: Experiment, graph: BlockGraph): string | BlockGraph =>
  [...block, ...compare].find((one) => one === graph.name) ?? graph

const keyOf = ({ nodes, output }: BlockGraph, depth: number) =>
  JSON.stringify([depth, nodes, output], (key, value: unknown) => (key === 'layout' ? undefined : value))

/** The experiment with so many blocks. @throws InputError where its stages cannot have so many */
function atDepth(experiment: Experiment, depth: number, skip: 'on' | 'off'): Experiment {
  const { depth: _settings, network, ...rest } = experiment
  return { ...rest, skip, blocks: depth, ...(network ? { network: stagesAt(network, depth) } : {}) }
}

/** Stages of equal length, as in He et al.'s networks of 6n + 2 layers (2015, section 4.2). */
function stagesAt(network: NetworkSettings, depth: number): NetworkSettings {
  const { length } = network.stages
  if (depth % length !== 0) {
    throw new InputError(
      'depths',
      `a network of ${length} stages of equal length has no ${depth} blocks`,
      `Give multiples of ${length}.`,
    )
  }
  return { ...network, stages: network.stages.map((stage) => ({ ...stage, blocks: depth / length })) }
}

/**
 * Layers with weights on the longest way through a network: those of its blocks, the stem and the layer to the classes.
 * He et al. count so: n blocks of two layers in each of three stages make 6n + 2.
 */
export const layersOf = (graph: BlockGraph, depth: number): number => depth * weightLayers(graph) + 2

const WEIGHTED = ['linear', 'conv-1d', 'conv-2d']

/** Layers with weights on the longest way through one block. */
export function weightLayers({ nodes, output }: BlockGraph): number {
  const upTo = new Map<string, number>()
  for (const { id, op, inputs } of nodes) {
    const before = Math.max(0, ...inputs.map((input) => upTo.get(input) ?? 0))
    upTo.set(id, before + (WEIGHTED.includes(op) ? 1 : 0))
  }
  return upTo.get(output) ?? 0
}
