import { InputError } from '../../shared/base/errors'
import type { Experiment } from '../../shared/settings/experiment'
import { formatNumber } from '../../shared/base/format'
import { drawFrozen, lineInputs } from '../../shared/network/frozen-network'
import type { BlockGraph } from '../../shared/graph/block-graph'
import { blockParameters } from '../../shared/network/parameters'
import { differenceCheck, lineInFloat64, type DifferenceCheck } from '../../shared/shatter/float64-line'
import { lineRegions, type BlockRegions, type LineRegions } from '../../shared/shatter/line-regions'
import { sliceRows, statisticsGrid, type SliceRows, type Square } from '../../shared/shatter/plane-regions'
import { gridOf } from '../../shared/shatter/shatter'
import type { ShatterSettings } from '../../shared/settings/shatter'

/** What the page's worker computes for this view, all in float64. */

export interface NetworkRequest {
  graph: BlockGraph
  /** With the network's own depth. */
  experiment: Experiment
  settings: ShatterSettings
}

const MOST_BYTES = 2 ** 30

/** @throws InputError when the network's weights would fill the page's memory */
function checkSize({ graph, experiment: { blocks, width } }: Pick<NetworkRequest, 'graph' | 'experiment'>) {
  const weights = blockParameters(graph, width).reduce((sum, { shape }) => sum + shape[0] * shape[1], 0)
  const bytes = 8 * weights * blocks
  if (bytes <= MOST_BYTES) return
  throw new InputError(
    'size',
    `this network needs about ${formatNumber(bytes / 2 ** 30)} GiB in float64, too much for the page`,
    'Lower the depth or the width.',
  )
}

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
  report: (found: BlockRegions) => void = () => {},
): LineRegions {
  checkSize({ graph, experiment })
  const network = drawFrozen(graph, experiment, lineInputs(gridOf(settings)), replica)
  return lineRegions(network, settings.range, report)
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
