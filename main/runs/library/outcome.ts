/** What a run is at its start and at its end, and the documents that are written of it. */
import { encodeMessage } from '../../../shared/protocol/transport'
import { deviceWords } from '../../../shared/runs/computed'
import { curvesCsv, curvesOf } from '../../../shared/runs/curves'
import type { RunEnvironment } from '../../../shared/runs/environment'
import { runName, type RunEntry, type RunKind, type RunState } from '../../../shared/runs/run'
import { networksOf, summaryOf } from '../../../shared/runs/summary'
import type { Experiment } from '../../../shared/settings/experiment'
import type { RunSweep } from '../../../shared/sweep/run-sweep'
import { CURVES_FILE, ENVIRONMENT_FILE, EXPERIMENT_FILE, RESULT_FILE } from './stored'

/** What a run is before there is a result. */
export interface NewRun {
  kind: RunKind
  /** Null: its id. */
  name: string | null
  experiment: Experiment
  /** What was asked for beside the experiment. */
  request: Record<string, unknown>
  command: string | null
  version: string
  /** ISO 8601. */
  created: string
  /** The sweep that it is a point of; left out: of none. */
  sweep?: RunSweep
}

/** How a run came out. */
export interface Outcome {
  state: Exclude<RunState, 'running'>
  started: unknown
  result: unknown
  seconds: number
  environment: RunEnvironment
}

/** @throws InputError for a name that is none */
export const nameOf = ({ name }: NewRun): string | null => (name === null ? null : runName(name, 'name'))

export function firstEntry(id: string, run: NewRun, name: string | null, state: RunState): RunEntry {
  const { kind, experiment, command, version, created, sweep } = run
  return {
    ...{ id, name: name ?? id, kind, created, seconds: 0, state, device: '', version },
    ...{ seed: experiment.seed, ...summaryOf({ kind, experiment, result: null }) },
    ...{ note: '', tags: [], pinned: false, bytes: 0, command, removed: null, canResume: false },
    ...(sweep === undefined ? {} : { sweep }),
  }
}

/** @param bytes of its folder @param hasCheckpoint whether there is something to go on from */
export function endedEntry(
  entry: RunEntry,
  experiment: Experiment,
  outcome: Outcome,
  { bytes, hasCheckpoint }: { bytes: number; hasCheckpoint: boolean },
): RunEntry {
  const { state, result, seconds, environment } = outcome
  return {
    ...entry,
    ...summaryOf({ kind: entry.kind, experiment, result }),
    ...{ state, bytes, device: environment.device, seconds: entry.seconds + seconds },
    deviceNote: deviceWords(environment) ?? undefined,
    canResume: state !== 'finished' && hasCheckpoint,
  }
}

/** All documents of a run that has ended but its run.json, by file. */
export function documentsOf(
  kind: RunKind,
  experiment: Experiment,
  { started, result, environment }: Outcome,
): Record<string, string> {
  const curves = curvesOf(kind, result, networksOf(kind, experiment))
  return {
    [EXPERIMENT_FILE]: experimentText(experiment),
    [RESULT_FILE]: `${encodeMessage({ started, result: withoutWeights(result) })}\n`,
    [CURVES_FILE]: curvesCsv(curves),
    [ENVIRONMENT_FILE]: `${JSON.stringify(environment, null, 2)}\n`,
  }
}

export const experimentText = (experiment: Experiment): string => `${JSON.stringify(experiment, null, 2)}\n`

/** Parameters are the checkpoint's; in a result they would be text, and many times as large. */
function withoutWeights(result: unknown): unknown {
  const { series } = (result ?? {}) as { series?: unknown }
  if (!Array.isArray(series)) return result
  const bare = series.map((one: unknown) => {
    if (typeof one !== 'object' || one === null || !('weights' in one)) return one
    const { weights: _, ...rest } = one
    return rest
  })
  return { ...(result as object), series: bare }
}
