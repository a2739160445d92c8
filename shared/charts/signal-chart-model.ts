import type { Axis, Range } from './axis'
import type { Plotted } from './curves'
import type { Palette } from './palette'

/** Everything a signal chart shows. */
export interface SignalChartModel {
  plotted: readonly Plotted[]
  axis: Axis
  range: Range
  /** The backward chart grows downwards. */
  reversed: boolean
  depth: Range
  depthLabel: string
  showDepthLabels: boolean
  bands: boolean
  theory: boolean
  selected: { series: string | null; block: number } | null
  /** Where stages of a network begin: after `block`. */
  stages?: readonly { block: number; text: string }[]
  /**
   * The name of the value axis. Where it is given, names of curves stand in a legend and not at the ends of lines,
   * whose room the plot takes: figures are narrow.
   */
  valueLabel?: string
  palette: Palette
}

/** What the lines of a signal chart with theory are, a sentence. @param hasTheoryBands whether any is dotted */
export const linesText = (hasTheoryBands: boolean) =>
  `Solid: measured, dashed: theory${
    hasTheoryBands ? ', between dotted lines: theory’s 5–95 % of single networks of this width' : ''
  }.`
