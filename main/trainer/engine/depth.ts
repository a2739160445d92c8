import type { Backend } from '../backend'
import { checkLabels } from '../../../shared/experiment/experiment'
import { depthCurves } from '../../../shared/depth/curves'
import { networkTitle } from '../../../shared/network/series-names'
import { layersOf, type DepthPlan, type PlannedCell } from '../../../shared/depth/cells'
import type { DepthCell, DepthResult } from '../../../shared/depth/results'
import type { DepthEvent } from '../../../shared/protocol/jobs/depth'
import type { Place } from '../../../shared/protocol/protocol'
import type { Experiment } from '../../../shared/settings/experiment'
import { Stopped, type ControlBuffer } from './control'
import { FinishedCells } from './depth-cells-file'
import { DepthProgress } from './depth-progress'
import { deviceStatus } from './device-status'
import { checkMemory, trainMemory } from './memory'
import { prepareSeries } from './prepared-series'
import { measureSignal } from './signal'
import { trainNetworks } from './train'

/**
 * Trains the networks of every depth, residual and plain, cell by cell: all networks of a cell at once, as
 * `trainNetworks` does. Before it the signal of each cell is measured, for its gradient at initialisation.
 * @throws InputError when networks do not fit or cannot be trained; a stop is no error, and keeps what is finished
 */
export function compareDepths(
  backend: Backend,
  experiment: Experiment,
  { series, cells }: DepthPlan,
  control: ControlBuffer,
  emit: (event: DepthEvent) => void,
  place: Place | null = null,
): DepthResult {
  for (const { experiment: own } of cells) {
    checkLabels(own)
    checkMemory(trainMemory(own, prepareSeries(own)))
  }
  const planned = cells.map(({ series: index, depth }) => ({ series: index, depth }))
  emit({ type: 'depth-started', device: deviceStatus(backend), experiment, series, cells: planned })
  const file = place && new FinishedCells(place.folder, experiment)
  const done: DepthCell[] = []
  const finish = (cell: DepthCell) => {
    done.push(cell)
    emit({ type: 'cell', cell })
  }
  const kept = place?.resume ? file!.read() : []
  const known = (cell: PlannedCell) => kept.find((other) => isAt(other, cell))
  const firstOf = ({ key }: PlannedCell) => cells.find((other) => other.key === key)!
  const progress = new DepthProgress(
    cells.filter((cell) => firstOf(cell) === cell && !known(cell)),
    emit,
  )
  const result = (finished: boolean): DepthResult => ({
    finished,
    series: depthCurves({ series, cells: done }),
    cells: done,
  })
  try {
    for (const cell of cells) {
      const old = known(cell)
      const same = done.find((other) => isAt(other, firstOf(cell)))
      if (old ?? same) {
        finish(old ?? { ...same!, series: cell.series })
        continue
      }
      const name = `${networkTitle(series[cell.series])}, ${cell.depth} ${cell.depth === 1 ? 'block' : 'blocks'}`
      finish(trainCell(backend, cell, control, progress.of(cell, name), emit))
      progress.finish(cell)
      const problem = file?.write(done) ?? null
      if (file) emit({ type: 'checkpoint', step: done.length, problem })
    }
    return result(true)
  } catch (error) {
    if (error instanceof Stopped) return result(false)
    throw error
  }
}

interface Cell {
  series: number
  depth: number
}

const isAt = (a: Cell, b: Cell) => a.series === b.series && a.depth === b.depth

/** One cell from its initialisation to its last evaluation. @throws Stopped */
function trainCell(
  backend: Backend,
  { series, depth, experiment }: PlannedCell,
  control: ControlBuffer,
  progress: (event: DepthEvent & { type: 'progress' }) => void,
  emit: (event: DepthEvent) => void,
): DepthCell {
  const prepared = prepareSeries(experiment)
  const signal = measureSignal(backend, experiment, control, () => {})
  if (!signal.finished) throw new Stopped()
  const { p } = signal.series[0]
  const started = performance.now()
  const trained = trainNetworks(
    backend,
    experiment,
    control,
    (event) => {
      if (event.type === 'progress') progress(event)
      if (event.type !== 'evaluated') return
      const { step, learningRate, series: all } = event
      emit({ type: 'cell-evaluated', series, depth, step, learningRate, ...all[0] })
    },
    { prepared },
  )
  if (!trained.finished) throw new Stopped()
  const [{ parameters, evaluations, failure }] = trained.series
  return {
    series,
    depth,
    layers: layersOf(prepared[0].series.graph, depth),
    parameters,
    evaluations,
    p0: { mean: p.mean[0], median: p.median[0], low: p.low[0], high: p.high[0] },
    failure: failure && { ...failure, series },
    seconds: (performance.now() - started) / 1000,
  }
}
