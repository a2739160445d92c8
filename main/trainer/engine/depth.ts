import type { Backend } from '../backend'
import { checkLabels } from '../../../shared/experiment/experiment'
import { depthCurves } from '../../../shared/depth/curves'
import { networkTitle } from '../../../shared/network/series-names'
import { layersOf, type DepthPlan, type PlannedCell } from '../../../shared/depth/cells'
import type { DepthCell, DepthResult, UnfinishedCell } from '../../../shared/depth/results'
import type { DepthEnd, DepthEvent } from '../../../shared/protocol/jobs/depth'
import type { Experiment } from '../../../shared/settings/experiment'
import { Stopped, type ControlBuffer } from './control'
import { CellCheckpoint, type CellPlace } from './depth-cell-checkpoint'
import { FinishedCells } from './depth-cells-file'
import { DepthProgress } from './depth-progress'
import { deviceStatus } from './device-status'
import { checkMemory } from './memory'
import { trainMemory } from './training-memory'
import { prepareSeries } from './prepared-series'
import type { RunFolder } from './run-folder'
import { measureSignal } from './signal'
import { noTheories } from './theories'
import { trainNetworks } from './train'

export interface DepthOptions {
  /** Null: nothing is kept. */
  place?: RunFolder | null
  /** Null: to its end. */
  until?: DepthEnd | null
}

/**
 * Trains the networks of every depth, residual and plain, cell by cell: all networks of a cell at once, as
 * `trainNetworks` does. Before it the signal of each cell is measured, for its gradient at initialisation.
 * In its place it keeps the finished cells and a checkpoint of the one under way, so that it goes on from there.
 * @throws InputError when networks do not fit or cannot be trained; a stop is no error, and keeps what is finished, and
 *   what the cell under way has learned by then
 */
export async function compareDepths(
  backend: Backend,
  experiment: Experiment,
  { series, cells }: DepthPlan,
  control: ControlBuffer,
  emit: (event: DepthEvent) => void,
  { place = null, until = null }: DepthOptions = {},
): Promise<DepthResult> {
  for (const { experiment: own } of cells) {
    checkLabels(own)
    checkMemory(trainMemory(own, prepareSeries(own)))
  }
  const wanted = until ? cells.slice(0, until.cells + (until.steps > 0 ? 1 : 0)) : cells
  const planned = cells.map(({ series: index, depth }) => ({ series: index, depth }))
  emit({ type: 'depth-started', device: deviceStatus(backend), experiment, series, cells: planned })
  const file = place && new FinishedCells(place, experiment)
  const checkpoint = place && new CellCheckpoint(place)
  const done: DepthCell[] = []
  const finish = (cell: DepthCell) => {
    done.push(cell)
    emit({ type: 'cell', cell })
  }
  const kept = place?.resume ? await file!.read() : []
  // From the first moment there is something to go on from. Where it cannot be written, the first cell tells.
  await file?.write(kept)
  const known = (cell: PlannedCell) => kept.find((other) => isAt(other, cell))
  const firstOf = ({ key }: PlannedCell) => cells.find((other) => other.key === key)!
  const progress = new DepthProgress(
    wanted.filter((cell) => firstOf(cell) === cell && !known(cell)),
    emit,
  )
  const result = (unfinished: UnfinishedCell | null, finished = false): DepthResult => ({
    finished,
    unfinished,
    series: depthCurves({ series, cells: done }),
    cells: done,
  })
  try {
    for (const cell of wanted) {
      const old = known(cell)
      const same = done.find((other) => isAt(other, firstOf(cell)))
      if (old ?? same) {
        finish(old ?? { ...same!, series: cell.series })
        continue
      }
      const name = `${networkTitle(series[cell.series])}, ${cell.depth} ${cell.depth === 1 ? 'block' : 'blocks'}`
      const at = checkpoint && (await checkpoint.placeOf(cell.experiment))
      const told = (event: DepthEvent) => {
        if (event.type === 'progress') progress.of(cell, name)(event)
        else if (event.type !== 'checkpoint') emit(event)
        // One that is written is no news: only finished cells are counted.
        else if (event.problem !== null) emit({ ...event, step: done.length })
      }
      const isLast = done.length === until?.cells
      const end = isLast ? until.steps : Infinity
      const { steps, finished, ...trained } = await trainCell(backend, cell, control, told, {
        place: at,
        until: end,
      })
      if (!finished || isLast) return result({ ...trained, steps }, finished)
      finish(trained)
      progress.finish(cell)
      const problem = (await file?.write(done)) ?? null
      if (file) emit({ type: 'checkpoint', step: done.length, problem })
      if (problem === null) await checkpoint?.remove()
    }
    return result(null, true)
  } catch (error) {
    if (error instanceof Stopped) return result(null)
    throw error
  }
}

interface Cell {
  series: number
  depth: number
}

const isAt = (a: Cell, b: Cell) => a.series === b.series && a.depth === b.depth

/**
 * One cell from its initialisation, or from its checkpoint, to its last evaluation, or to a stop.
 * @param emit told its evaluations, its progress and its checkpoints
 * @param place of its checkpoints; null: none are kept
 * @param until updates after which it ends, if that is before its own end
 * @throws Stopped where it had not learned anything yet
 */
async function trainCell(
  backend: Backend,
  { series, depth, experiment }: PlannedCell,
  control: ControlBuffer,
  emit: (event: DepthEvent) => void,
  { place, until }: { place: CellPlace | null; until: number },
): Promise<UnfinishedCell & { finished: boolean }> {
  const prepared = prepareSeries(experiment)
  const signal = await measureSignal(backend, experiment, control, () => {}, undefined, noTheories)
  if (!signal.finished) throw new Stopped()
  const { p } = signal.series[0]
  const started = performance.now()
  const trained = await trainNetworks(
    backend,
    experiment,
    control,
    (event) => {
      if (event.type === 'progress' || event.type === 'checkpoint') emit(event)
      if (event.type !== 'evaluated') return
      const { step, learningRate, series: all } = event
      emit({ type: 'cell-evaluated', series, depth, step, learningRate, ...all[0] })
    },
    { prepared, place: place?.folder ?? null, until, shatteringAtEnds: true, isPart: true },
  )
  if (!trained.finished && trained.steps === 0) throw new Stopped()
  const [{ parameters, evaluations, failure }] = trained.series
  return {
    finished: trained.finished,
    steps: trained.steps,
    series,
    depth,
    layers: layersOf(prepared[0].series.graph, depth),
    parameters,
    evaluations,
    p0: { mean: p.mean[0], median: p.median[0], low: p.low[0], high: p.high[0] },
    failure: failure && { ...failure, series },
    seconds: (place?.secondsBefore ?? 0) + (performance.now() - started) / 1000,
  }
}
