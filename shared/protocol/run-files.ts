/** Files that front ends have made of runs. A page names runs by their ids, and no paths. */
import * as v from 'valibot'
import { AXIS_CHOICES } from '../charts/axis'
import { FIGURE_FORMATS, RESOLUTIONS } from '../figures/formats'
import { FIGURE_SIZES } from '../figures/layout'
import { FIGURE_THEMES } from '../figures/themes'
import { LONGEST_PROSE, LONGEST_TITLE } from '../report/report'
import { METRICS_FORM_NAMES } from '../runs/metrics-forms'

const oneOf = <T extends string>(choices: readonly { value: T }[]) =>
  v.picklist(choices.map(({ value }) => value))

const run = v.pipe(v.string(), v.maxLength(64))
/** Runs in one report. */
const MOST_RUNS = 500

export const RUN_FILE_SCHEMAS = [
  /** The file of one of a run's figures, as the command line makes it. */
  v.object({
    type: v.literal('figure.file'),
    run,
    /** Id of the figure: "q", "test-error". */
    chart: v.pipe(v.string(), v.maxLength(100)),
    format: oneOf(FIGURE_FORMATS),
    look: v.object({ theme: oneOf(FIGURE_THEMES), size: oneOf(FIGURE_SIZES), words: v.boolean() }),
    choices: v.object({ axis: oneOf(AXIS_CHOICES), statistic: v.picklist(['mean', 'median']) }),
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
