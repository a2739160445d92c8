import type { AxisKind } from '../charts/axis'
import { axisRange, plot, type Curve } from '../charts/curves'
import { AXIS_TITLES } from '../runs/metrics'
import type { FigureChoices } from './choices'
import type { FigureContent } from './figure'

interface OverBlocks {
  choices: Pick<FigureChoices, 'axis' | 'statistic'>
  /** Whether values may be negative. */
  isSigned: boolean
  /** Whether it runs from the last block to the first. */
  isReversed: boolean
  valueLabel: string
  hasBands: boolean
  /** Whether there is no value at k = 0, which is before the first block. */
  isOfBlocks?: boolean
}

/** Values after each block k = 0..L, with theory. */
export function overBlocks(curves: readonly Curve[], look: OverBlocks): FigureContent {
  const { choices, isSigned, isReversed, valueLabel, hasBands, isOfBlocks = false } = look
  const { statistic } = choices
  // The powers of two of an exploding signal say nothing of norms.
  const kind: AxisKind = isOfBlocks && choices.axis === 'log2' ? 'log10' : choices.axis
  const axis = { kind, signed: isSigned }
  const last = Math.max(1, ...curves.map(({ summary }) => summary.mean.length - 1))
  return {
    kind: 'signal',
    model: {
      plotted: curves.map((curve) => plot(curve, statistic, axis, (k) => !isOfBlocks || k > 0)),
      axis,
      range: axisRange('run', curves, [], statistic, axis, 0),
      reversed: isReversed,
      depth: { min: 0, max: last },
      depthLabel: AXIS_TITLES.block,
      showDepthLabels: true,
      bands: hasBands,
      theory: true,
      selected: null,
      valueLabel,
    },
  }
}
