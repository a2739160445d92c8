/** Files that front ends have made of runs and of drawings. A page names runs by their ids, and no paths. */
import * as v from 'valibot'
import { RESOLUTIONS } from '../figures/formats'
import { LONGEST_PROSE, LONGEST_TITLE } from '../report/report'
import { METRICS_FORM_NAMES } from '../runs/metrics-forms'
import { DRAWING } from './drawing'

const words = v.pipe(v.string(), v.maxLength(10_000))
const run = v.pipe(v.string(), v.maxLength(64))
/** Runs in one report. */
const MOST_RUNS = 500

export const RUN_FILE_SCHEMAS = [
  /** A figure, drawn, as the file that the command line makes of it; an SVG the page writes itself. */
  v.object({
    type: v.literal('figure.file'),
    drawing: DRAWING,
    format: v.picklist(['pdf', 'png']),
    words: v.object({
      title: words,
      description: words,
      version: words,
      made: v.nullable(v.pipe(v.string(), v.isoTimestamp())),
    }),
    /** Pixels of a PNG an inch. */
    resolution: v.pipe(v.number(), v.integer(), v.minValue(RESOLUTIONS.least), v.maxValue(RESOLUTIONS.most)),
  }),
  /** All numbers of a run; a folder comes as a .zip. */
  v.object({ type: v.literal('metrics.file'), run, format: v.picklist(METRICS_FORM_NAMES) }),
  /** A report on runs, on pages. */
  v.object({
    type: v.literal('report.file'),
    runs: v.pipe(v.array(run), v.minLength(1), v.maxLength(MOST_RUNS)),
    title: v.pipe(v.string(), v.maxLength(LONGEST_TITLE)),
    prose: v.pipe(v.string(), v.maxLength(LONGEST_PROSE)),
  }),
] as const

/** In base64. */
export interface RunFileReplies {
  'figure.file': { content: string }
  'metrics.file': { content: string }
  'report.file': { content: string }
}
