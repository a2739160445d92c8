import { dataBatch, isGridData, isVectorData } from '../data/batch'
import { describedData } from '../data/data-sets'
import { checkTogether } from '../experiment/experiment'
import { seriesOf, seriesGraphs } from '../network/series'
import type { Experiment } from '../settings/experiment'
import { InputError } from '../base/errors'
import { shortTitle } from '../network/series-names'
import type { OperationName } from '../graph/block-graph'
import { drawNetwork } from '../network/float64-network'
import { operationOf } from '../operations'
import { mainSum } from './jacobians'
import { measureNetwork, type NetworkPaths } from './measure'
import { checkPaths, theoryOfPaths } from './paths'
import type { PathTheory, TermListing } from './results'
import { checkTrainedPaths, trainedExperiment } from './trained'

/** Paths of one series, network by network: what a page computes in its worker, with progress. */

export interface PathRequest {
  /** The experiment of one series alone. */
  experiment: Experiment
  listing: Exclude<TermListing, 'none'>
}

/** The experiment with one of its series alone, its block repeated; `place` as in `seriesOf`. */
export function seriesAlone(
  experiment: Experiment,
  place: number,
  size: Pick<Experiment, 'blocks' | 'width'>,
): Experiment {
  const { block, remedy } = seriesOf(experiment)[place]
  const isPreset = [...experiment.block, ...experiment.compare].includes(block.name)
  const { network: _stages, ...rest } = experiment
  return {
    ...rest,
    ...size,
    input: hasPositions(experiment) ? 'normal' : experiment.input,
    block: [isPreset ? block.name : block],
    remedies: [remedy],
    compare: [],
  }
}

const hasPositions = (experiment: Experiment) => experiment.input === 'images' || isGridData(experiment)

const NOISE = 'noise goes in'

/** What of an experiment `seriesAlone` leaves aside; null: nothing. Training takes its data set anyway. */
export function leftAside(experiment: Experiment, training = false): string | null {
  const parts = [
    ...(experiment.network ? ['the network’s stages'] : []),
    ...(hasPositions(experiment)
      ? [
          `the input’s positions (${training ? `${describedData(experiment).title} goes in as vectors` : NOISE})`,
        ]
      : []),
  ]
  return parts.length ? `Here one block is repeated: ${parts.join(' and ')} are left aside.` : null
}

/** Whether operations follow the block's sum: they multiply what comes by skip and by branch alike. */
export function hasAfterSum(experiment: Experiment): boolean {
  const [{ graph }] = seriesGraphs(experiment)
  const sum = mainSum(graph)
  return sum !== null && sum.id !== graph.output
}

const dataOf = (experiment: Experiment) => (isVectorData(experiment) ? dataBatch(experiment).x : null)

/** @param replica from 0 */
export function pathsOfReplica({ experiment, listing }: PathRequest, replica: number): NetworkPaths {
  const [{ graph }] = seriesGraphs(experiment)
  const network = drawNetwork(graph, experiment, replica, dataOf(experiment))
  const { seed, replicas } = experiment
  return measureNetwork(network, listing, { seed, replica, replicas })
}

export function theoryOfSeries(experiment: Experiment): {
  theory: PathTheory | null
  theoryNote: string | null
} {
  const [series] = seriesGraphs(experiment)
  return theoryOfPaths(series, experiment, dataOf(experiment))
}

/** Operations that mean nothing without positions. */
const WINDOWS: readonly OperationName[] = ['conv-1d', 'conv-2d', 'average-pool', 'max-pool', 'shortcut']

/** Why this cannot be computed, in the words of the screen; null when it can. */
export function problemOf({ experiment, listing }: PathRequest, training = false): string | null {
  const drawn = seriesOf(experiment)[0].block
  const windows = drawn.nodes.find((node) => WINDOWS.includes(node.op))
  if (windows) {
    const { title } = operationOf(windows)
    return (
      `Paths are shown of blocks without positions, and “${shortTitle(drawn.title)}” has an operation that ` +
      `needs them (${title}). Choose a block of linear layers.`
    )
  }
  try {
    if (training) {
      checkTogether(trainedExperiment(experiment), '')
      checkTrainedPaths(experiment, listing)
    } else {
      checkTogether(experiment, '')
      checkPaths(experiment, listing)
    }
    return null
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    const hint =
      error.where === 'size'
        ? `Lower the width N, ${training ? 'or the depth L' : 'the depth L or the replicas R'}, or sample the paths.`
        : error.where === '--blocks'
          ? 'Lower the depth L.'
          : error.hint
    return new InputError(error.where, error.what, hint).sentence
  }
}
