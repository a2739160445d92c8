import { InputError } from '../../shared/base/errors'
import type { Experiment } from '../../shared/settings/experiment'
import { drawFrozen } from '../../shared/network/frozen-network'
import type { BlockGraph } from '../../shared/graph/block-graph'
import { differenceCheck, lineInFloat64, type DifferenceCheck } from '../../shared/shatter/float64-line'
import type { BlockRegions, LineRegions } from '../../shared/shatter/line-regions'
import { sliceRows, statisticsGrid, type SliceRows, type Square } from '../../shared/shatter/plane-regions'
import { checkFloat64Size, regionsOf } from '../../shared/shatter/regions'
import type { ShatterSettings } from '../../shared/settings/shatter'

/** What the page's worker computes for this view, all in float64. */

export interface NetworkRequest {
  graph: BlockGraph
  /** With the network's own depth. */
  experiment: Experiment
  settings: ShatterSettings
}

const checkSize = ({ graph, experiment }: Pick<NetworkRequest, 'graph' | 'experiment'>) =>
  checkFloat64Size(graph, experiment, 'the page')

/** More points than this are checked at every so many only: float64 is slow. */
const MOST_CHECKED = 512

/** Both derivatives at the points that were checked, NaN at the others. */
export function checkDerivative(request: NetworkRequest): { check: DifferenceCheck; slope: Float64Array } {
  checkSize(request)
  const { graph, experiment, settings } = request
  const stride = Math.ceil(settings.points / MOST_CHECKED)
  const places = Array.from({ length: Math.ceil(settings.points / stride) }, (_, i) => i * stride)
  const line = lineInFloat64(graph, experiment, settings, places)
  return { check: differenceCheck(line, places), slope: line.slope }
}

/** @param report after each block */
export function findRegions(
  { graph, experiment, settings, replica }: NetworkRequest & { replica: number },
  report?: (found: BlockRegions) => void,
): LineRegions {
  checkSize({ graph, experiment })
  return regionsOf(graph, experiment, settings, replica, report)
}

/** The networks of the plane have their statistics from this square, whichever part of it is drawn. */
export const PLANE_REACH = 2
const ROWS = 8

/** Points times blocks of the largest picture: six bytes for each point and block. */
const MOST_CELLS = 3e7

/**
 * @param report some rows at a time, from the top;
 * @throws InputError for a picture that would fill the page's memory
 */
export function drawSlice(
  { graph, experiment, square }: Omit<NetworkRequest, 'settings'> & { square: Square },
  report: (rows: SliceRows) => void = () => {},
): null {
  checkSize({ graph, experiment })
  if (experiment.blocks * square.size ** 2 > MOST_CELLS) {
    throw new InputError(
      'points',
      `${square.size} × ${square.size} points are too many for ${experiment.blocks} blocks`,
      'Draw fewer points, or lower the depth.',
    )
  }
  const network = drawFrozen(graph, experiment, statisticsGrid(PLANE_REACH))
  for (let from = 0; from < square.size; from += ROWS)
    report(sliceRows(network, square, from, Math.min(square.size, from + ROWS)))
  return null
}
