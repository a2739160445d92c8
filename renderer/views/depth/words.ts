import { CORRELATION_MEANING, ERROR_MEANING, LOSS_MEANING } from '../../../shared/data/measures'
import type { Metric, Moment, Samples } from '../../../shared/depth/curves'
import type { ShatteringMoment } from '../../../shared/depth/shattering'
import type { DepthSkip } from '../../../shared/settings/depth'

/** Titles and definitions of the Depth view. */
export const METRICS: readonly { value: Metric; label: string; definition: string }[] = [
  {
    value: 'error',
    label: 'error',
    definition: `${ERROR_MEANING} on the evaluated samples, in percent.`,
  },
  { value: 'loss', label: 'loss', definition: `${LOSS_MEANING} on the evaluated samples.` },
]

export const MOMENTS: readonly { value: Moment; label: string; definition: string }[] = [
  { value: 'final', label: 'final', definition: 'After the last step.' },
  { value: 'best', label: 'best', definition: 'Each network’s lowest value over its evaluations.' },
]

export const SAMPLES: readonly { value: Samples; label: string; definition: string }[] = [
  { value: 'train', label: 'training', definition: 'On the samples that the networks learn from.' },
  { value: 'test', label: 'test', definition: 'On samples that they never learn from.' },
]

export const SAMPLE_TITLES: Record<Samples, string> = { train: 'Training samples', test: 'Test samples' }

export const SKIPS: readonly { value: DepthSkip; label: string; definition: string }[] = [
  { value: 'both', label: 'both', definition: 'Residual networks next to plain ones.' },
  { value: 'on', label: 'residual', definition: 'Only networks with skip connections.' },
  { value: 'off', label: 'plain', definition: 'Only networks whose skip connections are removed.' },
]

export const TITLES = {
  depth: 'Against depth',
  curves: 'Learning curves',
}

export const DEFINITIONS = {
  depth:
    'One point for each depth. A depth counts as worse where its mean error is above that of the best shallower ' +
    'depth by more than two standard errors of the difference over networks, and half a point.',
  curves:
    'Loss or error on the evaluated samples while the networks of one depth learn. A click on a chart over depth, or ' +
    'an arrow key in it, takes another depth.',
}

export type GradientChart = 'p0' | ShatteringMoment

const ranked =
  ', held against its training error after the last step. Each mark is one network; those that diverged have none. ' +
  'Rank correlation: Spearman’s, Pearson’s correlation of the ranks; an order is called one where its size times ' +
  '√(kinds - 1) is above 2, kinds being networks of one curve and depth.'

/** What is drawn of gradients. */
export const GRADIENTS: readonly {
  value: GradientChart
  label: string
  title: string
  definition: string
}[] = [
  {
    value: 'p0',
    label: 'size',
    title: 'Gradient at initialisation',
    definition:
      'p_0 = E[g²] at the first block’s input for an independent standard normal gradient at the top, where it is 1; ' +
      'networks before their first step. Line: median over networks, band: 5th to 95th percentile.',
  },
  {
    value: 'initial',
    label: 'initial',
    title: 'Shattered gradients',
    definition: `${CORRELATION_MEANING}, of each network before its first step${ranked}`,
  },
  {
    value: 'final',
    label: 'final',
    title: 'Shattered gradients',
    definition: `${CORRELATION_MEANING}, of each network after its last step${ranked}`,
  },
]
