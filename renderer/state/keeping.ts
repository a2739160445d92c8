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
