/** What front ends ask of exports. A page names runs by their ids, and no paths. */
import * as v from 'valibot'
import { EXPORT_FORMS, type ExportedRun, type ExportFormName } from '../export/forms'

const count = v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1e9)))

/** Characters of what is said of a licence. */
export const LONGEST_LICENCE = 200

const settings = {
  run: v.pipe(v.string(), v.maxLength(64)),
  format: v.picklist(EXPORT_FORMS.map(({ name }): ExportFormName => name)),
  /** `ExportSettings` says what they mean. */
  series: count,
  replica: count,
  fold: v.boolean(),
  float16: v.boolean(),
  licence: v.nullable(v.pipe(v.string(), v.maxLength(LONGEST_LICENCE))),
}

/** One schema a request. Both can be stopped by `control`. */
export const EXPORT_SCHEMAS = [
  /** Whether it can be exported so; writes nothing. */
  v.object({ type: v.literal('export.check'), ...settings }),
  /** To where the host's dialog says, which asks before it replaces; a browser gets the file. Events: ProgressEvent. */
  v.object({ type: v.literal('export.run'), ...settings }),
] as const

/** `where`: the setting; `text`: what is wrong with it and how to mend it, as sentences. */
export interface ExportProblem {
  where: string
  text: string
}

/** What was made. */
export interface ExportResult {
  exports: ExportedRun[]
  /** Where it lies; of a browser's download the name that it has. */
  path: string
  /** Base64 of the file, or of a folder as a .zip, where the host has no dialog. */
  content: string | null
}

export interface ExportReplies {
  /** `bytes`: what the numbers take, before a format adds to them. */
  'export.check': { problem: ExportProblem } | { problem: null; bytes: number }
  /** null: it was cancelled, in the dialog or on the way. */
  'export.run': ExportResult | null
}
