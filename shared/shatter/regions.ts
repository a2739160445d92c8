/**
 * Linear regions of the line in networks of one block, without its skip connections and with them: what is counted, in
 * which networks, and how it is kept.
 */
import { InputError } from '../base/errors'
import { formatNumber } from '../base/format'
import type { BlockGraph } from '../graph/block-graph'
import { drawFrozen, lineInputs } from '../network/frozen-network'
import { blockParameters } from '../network/parameters'
import type { Experiment } from '../settings/experiment'
import type { ShatterSettings } from '../settings/shatter'
import { lineRegions, type BlockRegions, type LineRegions } from './line-regions'
import { shatterNetworks } from './networks'
import type { ShatterNetwork } from './results'
import { gridOf, shatterExperiment } from './shatter'

export const SIDES = ['plain', 'residual'] as const
export type Side = (typeof SIDES)[number]

/** Networks whose regions are counted; where ReLUs switch is kept of the first. */
export const REGION_NETWORKS = 3

/** One network of each side. */
export type RegionsPair = Record<Side, LineRegions>

/**
 * An experiment of one of its blocks, with one remedy: what regions are counted of.
 * @param block name of one of the experiment's blocks
 */
export function regionsExperiment(
  experiment: Experiment,
  { block, remedy }: { block: string; remedy: string },
  settings: ShatterSettings,
): Experiment {
  const own = [...experiment.block, ...experiment.compare].filter(
    (one) => (typeof one === 'string' ? one : one.name) === block,
  )
  return { ...experiment, block: own.slice(0, 1), compare: [], remedies: [remedy], shatter: settings }
}

/** The experiment's one block and remedy, without its skip connections and with them. @throws InputError */
export function regionsNetworks(
  experiment: Experiment,
  settings: ShatterSettings,
): Record<Side, ShatterNetwork> {
  const of = (skip: 'on' | 'off') =>
    shatterNetworks(shatterExperiment({ ...experiment, skip }), { ...settings, references: 'off' })[0]
  return { plain: of('off'), residual: of('on') }
}

/** Bytes of the weights of the largest network that is looked at in float64. */
const MOST_BYTES = 2 ** 30

/** @param whom the memory is of: "the page" @throws InputError when the network's weights would fill it */
export function checkFloat64Size(
  graph: BlockGraph,
  { blocks, width }: Pick<Experiment, 'blocks' | 'width'>,
  whom: string,
): void {
  const weights = blockParameters(graph, width).reduce((sum, { shape }) => sum + shape[0] * shape[1], 0)
  const bytes = 8 * weights * blocks
  if (bytes <= MOST_BYTES) return
  throw new InputError(
    'size',
    `this network needs about ${formatNumber(bytes / 2 ** 30)} GiB in float64, too much for ${whom}`,
    'Lower the depth or the width.',
  )
}

/**
 * Regions of the line in one network.
 * @param replica which of the networks, from 0
 * @param onBlock told after each block
 */
export function regionsOf(
  graph: BlockGraph,
  experiment: Experiment,
  settings: ShatterSettings,
  replica: number,
  onBlock?: (found: BlockRegions) => void,
): LineRegions {
  const network = drawFrozen(graph, experiment, lineInputs(gridOf(settings)), replica)
  return lineRegions(network, settings.range, onBlock)
}

/**
 * Regions of the line in so many networks of each side.
 * @param experiment of one block and one remedy
 * @param onPair told after each network of both sides
 * @throws InputError
 */
export function countRegions(
  experiment: Experiment,
  settings: ShatterSettings,
  networks = REGION_NETWORKS,
  onPair: (pair: RegionsPair) => void = () => {},
): RegionsPair[] {
  const own = regionsNetworks(experiment, settings)
  const counted = shatterExperiment(experiment)
  return Array.from({ length: networks }, (_, replica) => {
    const of = (side: Side) => regionsOf(own[side].graph, counted, settings, replica)
    const pair = { plain: of('plain'), residual: of('residual') }
    onPair(pair)
    return pair
  })
}

// ---- As a run -------------------------------------------------------------------------------------------------------

/** The networks of one side, as a run keeps them. */
export interface RegionsSeries extends Omit<ShatterNetwork, 'graph' | 'reference'> {
  /** Of each network the regions of blocks 1..k, k = 0..L, and how they were counted. */
  networks: Omit<LineRegions, 'breaks'>[]
  /** Of the first network, block by block: the places where a ReLU switches. */
  breaks: number[][]
}

export interface RegionsResult {
  finished: boolean
  series: RegionsSeries[]
}

/** @param pairs at least one */
export function regionsResult(
  networks: Record<Side, ShatterNetwork>,
  pairs: readonly RegionsPair[],
  finished: boolean,
): RegionsResult {
  const series = SIDES.map((side): RegionsSeries => {
    const { graph: _, reference: __, ...header } = networks[side]
    const own = pairs.map((pair) => pair[side])
    return {
      ...header,
      networks: own.map(({ breaks: _, ...counted }) => counted),
      breaks: own[0].breaks.map((places) => [...places]),
    }
  })
  return { finished, series }
}

/** What a run holds of the line, as it is drawn; null where it holds none. Of further networks no places are kept. */
export function lineOfResult(result: unknown): Record<Side, LineRegions[]> | null {
  const { series } = (result ?? {}) as Partial<RegionsResult>
  const of = (skip: 'on' | 'off') => {
    const { networks, breaks } = series?.find((one) => one.skip === skip) ?? {}
    return networks?.map((one, i): LineRegions => {
      const places = i === 0 ? (breaks ?? []) : []
      return { ...one, breaks: places.map((block) => Float64Array.from(block)) }
    })
  }
  const [plain, residual] = [of('off'), of('on')]
  return plain?.length && residual?.length ? { plain, residual } : null
}

/** @param name how error messages call a setting @throws InputError unless there is one block with one remedy */
export function checkOnePair(
  { block, remedies }: Experiment,
  name: (key: 'block' | 'remedies') => string,
): void {
  const refuse = (key: 'block' | 'remedies', count: number, one: string) => {
    if (count === 1) return
    throw new InputError(
      name(key),
      `linear regions are counted of one block with one remedy, and here are ${count}`,
      `Give one ${one}.`,
    )
  }
  refuse('block', block.length, 'block')
  refuse('remedies', remedies.length, 'remedy')
}
