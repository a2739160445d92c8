import { depthCurves } from '../../shared/depth/curves'
import { depthPlan, layersOf, type DepthNetwork } from '../../shared/depth/cells'
import type { DepthCell, DepthResult } from '../../shared/depth/results'
import { seriesGraphs } from '../../shared/network/series'
import { parameterCounts } from '../../shared/experiment/preset-networks'
import type { DeviceStatus, LabEvent } from '../../shared/protocol/protocol'
import type { Experiment } from '../../shared/settings/experiment'

/** What networks of several depths might come to: plain ones get worse from 10 blocks on, unscaled sums diverge. */
export function standInDepths(
  experiment: Experiment,
  device: DeviceStatus,
  event: (one: LabEvent) => void,
): DepthResult {
  const { series, cells } = depthPlan(experiment)
  const planned = cells.map((cell) => ({ series: cell.series, depth: cell.depth }))
  event({ type: 'depth-started', device, experiment, series, cells: planned })
  const trained = cells.map((cell): DepthCell => {
    const { evaluations, p0 } = outcome(series[cell.series], cell.depth, experiment.trainReplicas)
    const { graph } = seriesGraphs(cell.experiment)[0]
    return {
      ...{ series: cell.series, depth: cell.depth, layers: layersOf(graph, cell.depth) },
      parameters: parameterCounts(cell.experiment)[0],
      evaluations,
      p0: { mean: p0, median: p0, low: p0 / 1.3, high: p0 * 1.3 },
      failure: null,
      seconds: 1.5 + 0.2 * cell.depth,
    }
  })
  trained.forEach((cell) => event({ type: 'cell', cell }))
  return { finished: true, series: depthCurves({ series, cells: trained }), cells: trained }
}

const STEPS = Array.from({ length: 21 }, (_, i) => 15 * i)

function outcome({ skip, remedy }: DepthNetwork, depth: number, networks: number) {
  const isNormed = remedy.endsWith('-norm')
  const plain = isNormed ? 0.03 * Math.max(0, depth - 8) : 0.008 * depth
  const isLost = skip === 'on' && remedy === 'none' && depth > 6
  const least = isLost ? NaN : skip === 'off' ? Math.min(0.8, 0.2 + 0.6 * plain) : 0.3 - 0.002 * depth
  const at = (step: number, floor: number, network: number) =>
    floor + (0.9 - floor) * Math.exp(-step / 70) + 0.01 * (network - (networks - 1) / 2)
  const over = (floor: number, factor = 1) =>
    STEPS.map((step) => Array.from({ length: networks }, (_, network) => factor * at(step, floor, network)))
  const test = Math.min(0.85, least + 0.16)
  const growth = skip === 'off' ? (isNormed ? 1.42 : 1) : isNormed ? 1.13 : remedy === 'none' ? 2 : 1
  return {
    evaluations: {
      step: STEPS,
      learningRate: STEPS.map(() => 0.01),
      train: { loss: over(least, 2.5), error: over(least) },
      test: { loss: over(test, 2.8), error: over(test) },
    },
    p0: growth ** depth,
  }
}
