import { messageOf } from '../../shared/base/errors'
import type { RunKind } from '../../shared/runs/run'
import type { Experiment } from '../../shared/settings/experiment'
import type { Connection } from '../base/connection'

/** What has become of a result in the library of runs. */
export interface Keeping {
  /** Id of the run that it is; null: none (yet). */
  run: string | null
  /** Why it could not be kept, as sentences. */
  problem: string | null
}

export const NOT_KEPT: Keeping = { run: null, problem: null }

/** As a job's reply says it. */
export const keepingOf = ({
  run,
  runProblem,
}: {
  run?: { id: string } | null
  runProblem?: string
}): Keeping => ({ run: run?.id ?? null, problem: runProblem ?? null })

interface Found {
  kind: RunKind
  experiment: Experiment
  /** What a job's event at its start is for others. */
  started: unknown
  /** What a job's reply is for others. */
  result: unknown
  seconds: number
}

/** Keeps what the page has put together itself, unless the user has switched that off. */
export async function keptByPage(connection: Connection, found: Found): Promise<Keeping> {
  if (!connection.keepsRuns) return NOT_KEPT
  try {
    // Messages are cloned: Svelte's proxies are not plain values.
    const plain = plainCopy(found) as Found & { experiment: Record<string, unknown> }
    const run = await connection.request<'runs.keep'>({ type: 'runs.keep', ...plain })
    return { run: run.id, problem: null }
  } catch (error) {
    return { run: null, problem: messageOf(error) }
  }
}

/** Of plain values, as JSON would copy them, but with the numbers that are not finite. */
function plainCopy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainCopy)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, own]) => [key, plainCopy(own)]))
}
