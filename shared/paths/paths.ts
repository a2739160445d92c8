import type { MeasuredPaths, PathCountSummary, PathSeries, TermListing } from './results'
import { InputError } from '../base/errors'
import type { Experiment } from '../settings/experiment'
import { NoTheory } from '../moments/moments'
import { drawNetwork } from '../network/float64-network'
import { type SeriesGraph, seriesGraphs } from '../network/series'
import { MOST_COUNTED_BLOCKS, lengthByCount, pathCounts } from './counts'
import { measureNetwork, summarisePaths } from './measure'
import { outputsWork } from './outputs'
import { samplesPerLength } from './samples'
import { MOST_LISTED_BLOCKS } from './terms'
import { pathTheory } from './theory'

/** Matrix products beyond this take minutes. */
const MOST_WORK = 1e11

/** @throws InputError when so many terms cannot be listed, with what can be had instead */
export function checkPaths(experiment: Experiment, listing: TermListing): void {
  const { blocks, replicas } = experiment
  if (blocks > MOST_COUNTED_BLOCKS) {
    throw new InputError(
      '--blocks',
      `paths are counted for up to ${MOST_COUNTED_BLOCKS} blocks, not ${blocks}`,
      `Give at most ${MOST_COUNTED_BLOCKS}.`,
    )
  }
  if (listing === 'all' && blocks > MOST_LISTED_BLOCKS) {
    throw new InputError(
      '--blocks',
      `${blocks} blocks have 2^${blocks} terms, more than can be listed (${MOST_LISTED_BLOCKS} blocks, ` +
        `${2 ** MOST_LISTED_BLOCKS} terms)`,
      `Give at most ${MOST_LISTED_BLOCKS}, or group them with --terms length (exact) or --terms sample ` +
        '(--terms none: counts and theory only).',
    )
  }
  const work = workOf(experiment, listing) * replicas * seriesGraphs(experiment).length
  if (work > MOST_WORK) {
    throw new InputError(
      'size',
      `this takes about ${work.toExponential(0)} multiplications, more than ${MOST_WORK.toExponential(0)}`,
      listing === 'all'
        ? 'Lower the width, the blocks or the replicas, or use --terms length or sample.'
        : `Lower the width, the blocks or the replicas, or use --terms ${listing === 'length' ? 'sample' : 'none'}.`,
    )
  }
}

/** Multiplications for one network. */
function workOf({ blocks, width, replicas }: Experiment, listing: TermListing): number {
  const jacobians = 4 * blocks * width ** 3 + outputsWork(blocks, width)
  switch (listing) {
    case 'all':
      return jacobians + 2 ** blocks * width ** 3
    case 'length':
      return jacobians + 3 * blocks ** 2 * width ** 3
    case 'sample':
      return jacobians + samplesPerLength(blocks, width, replicas) * blocks ** 2 * width ** 2
    case 'none':
      return 0
  }
}

export function pathCountSummary(blocks: number): PathCountSummary {
  return {
    paths: String(2n ** BigInt(blocks)),
    throughOneBlock: String(2n ** BigInt(blocks - 1)),
    byLength: pathCounts(blocks).map(String),
    ...lengthByCount(blocks),
  }
}

/**
 * The paths of every series at the batch's first sample, statistics over the batch held constant.
 * @param data the data set's batch where the input is not noise, [batch, 40]
 * @param onNetwork told after each network
 * @param onSeries told each series as soon as it is measured
 */
export function measurePaths(
  experiment: Experiment,
  listing: TermListing,
  data: ArrayLike<number> | null = null,
  onNetwork: () => void = () => {},
  onSeries: (series: PathSeries) => void = () => {},
): PathSeries[] {
  return seriesGraphs(experiment).map((one) => {
    const { graph: _graph, blockTitle: _title, ...header } = one
    const series = { ...header, ...theoryOfPaths(one, experiment, data) }
    if (listing === 'none') return { ...series, measured: null }
    const found = { ...series, measured: measuredPaths(one, experiment, listing, data, onNetwork) }
    onSeries(found)
    return found
  })
}

/** What is measured of a series; parameters as of `measurePaths`. */
export function measuredPaths(
  { graph }: Pick<SeriesGraph, 'graph'>,
  experiment: Experiment,
  listing: Exclude<TermListing, 'none'>,
  data: ArrayLike<number> | null = null,
  onNetwork: () => void = () => {},
): MeasuredPaths {
  const { blocks, replicas, seed } = experiment
  const networks = Array.from({ length: replicas }, (_, replica) => {
    const network = drawNetwork(graph, experiment, replica, data)
    const found = measureNetwork(network, listing, { seed, replica, replicas })
    onNetwork()
    return found
  })
  return summarisePaths(networks, blocks)
}

/** Theory of a series' path lengths, or why there is none. */
export function theoryOfPaths(
  series: Pick<SeriesGraph, 'graph' | 'remedy'>,
  experiment: Experiment,
  data: ArrayLike<number> | null,
): Pick<PathSeries, 'theory' | 'theoryNote'> {
  try {
    return { theory: pathTheory(series, experiment, data), theoryNote: null }
  } catch (error) {
    if (!(error instanceof NoTheory)) throw error
    return { theory: null, theoryNote: `No theory: ${error.message}.` }
  }
}
