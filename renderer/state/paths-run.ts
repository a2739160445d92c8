import { seriesGraphs } from '../../shared/network/series'
import type { MeasuredPaths, PathTheory } from '../../shared/paths/results'
import type { PathRequest } from '../../shared/paths/series-paths'
import type { RunDocument } from '../../shared/runs/run'
import type { Experiment } from '../../shared/settings/experiment'
import type { Connection } from '../base/connection'
import { NOT_KEPT, keptByPage, type Keeping } from './keeping'

/** Paths that the page’s worker has found, as a run of the library and back. */

interface Found {
  request: PathRequest
  measured: MeasuredPaths
  theory: PathTheory | null
  theoryNote: string | null
}

/** One series, as the command line prints it. */
interface PathsRunResult {
  finished: true
  series: (Omit<Found, 'request'> & {
    block: string
    blockTitle: string
    remedy: string
    note: string | null
  })[]
}

/** @param document the experiment that the request was made from: what opening the run restores */
export function keptPaths(
  connection: Connection,
  { request, measured, theory, theoryNote }: Found,
  document: Experiment,
  seconds: number,
): Promise<Keeping> {
  const [{ graph: _, ...header }] = seriesGraphs(request.experiment)
  const result: PathsRunResult = { finished: true, series: [{ ...header, measured, theory, theoryNote }] }
  const started = { type: 'paths-started', request }
  return keptByPage(connection, { kind: 'paths', experiment: document, started, result, seconds })
}

/** @throws Error where the run holds no such picture */
export function shownPaths({ entry, started, result }: RunDocument) {
  const request = (started as { request?: PathRequest } | null)?.request
  const series = (result as PathsRunResult | null)?.series?.[0]
  if (!request || !series?.measured)
    throw new Error(`${entry.name} was not made in this view: its settings are restored, its picture is not.`)
  const { measured, theory, theoryNote } = series
  const keeping: Keeping = { ...NOT_KEPT, run: entry.id }
  return { request, measured, theory, theoryNote, trained: null, keeping }
}
