/** What front ends ask of imports of runs and weights. Files are named by what `data.upload` has called them. */
import * as v from 'valibot'
import type { ImportLook } from '../import/look'
import type { RunEntry } from '../runs/run'

const given = {
  file: v.pipe(v.string(), v.maxLength(64)),
  /** Whose architecture the weights are for; null: the export's own. */
  run: v.nullable(v.pipe(v.string(), v.maxLength(64))),
  /** Counts from 1; null: the run's only one. */
  series: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1e9))),
}

/** One schema a request. Both can be stopped by `control`. */
export const IMPORT_SCHEMAS = [
  /** What a file holds; keeps nothing. */
  v.object({ type: v.literal('import.look'), ...given }),
  /** Makes a run of it. */
  v.object({ type: v.literal('import.take'), ...given }),
] as const

export interface ImportReplies {
  /** `networks`: those of the run that was named. Of a run's archive nothing is to be seen. null: it was stopped. */
  'import.look': null | { isRun: true } | { isRun: false; look: ImportLook; networks: string[] }
  /** null: it was stopped. */
  'import.take': RunEntry | null
}
