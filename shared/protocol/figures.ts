/** What front ends ask of figures. A page names runs by their ids, and no paths. */
import * as v from 'valibot'
import { AXIS_CHOICES } from '../charts/axis'
import { FIGURE_FORMATS, RESOLUTIONS } from '../figures/formats'
import { FIGURE_SIZES } from '../figures/layout'
import { FIGURE_THEMES } from '../figures/themes'

const oneOf = <T extends string>(choices: readonly { value: T }[]) =>
  v.picklist(choices.map(({ value }) => value))

export const FIGURE_SCHEMAS = [
  /** The file of one of a run's figures, as the command line makes it. */
  v.object({
    type: v.literal('figure.file'),
    run: v.pipe(v.string(), v.maxLength(64)),
    /** Id of the figure: "q", "test-error". */
    chart: v.pipe(v.string(), v.maxLength(100)),
    format: oneOf(FIGURE_FORMATS),
    look: v.object({ theme: oneOf(FIGURE_THEMES), size: oneOf(FIGURE_SIZES), words: v.boolean() }),
    choices: v.object({ axis: oneOf(AXIS_CHOICES), statistic: v.picklist(['mean', 'median']) }),
    /** Pixels of a PNG an inch. */
    resolution: v.pipe(v.number(), v.integer(), v.minValue(RESOLUTIONS.least), v.maxValue(RESOLUTIONS.most)),
  }),
] as const

export interface FigureReplies {
  /** In base64. */
  'figure.file': { content: string }
}
