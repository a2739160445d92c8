import { ERROR_MEANING, LOSS_MEANING } from '../../../shared/data/measures'
import type { Metric, Moment, Samples } from '../../../shared/depth/curves'
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
  gradient: 'Gradient at initialisation',
}

export const DEFINITIONS = {
  depth:
    'One point for each depth. A depth counts as worse where its mean error is above that of the best shallower ' +
    'depth by more than two standard errors of the difference over networks, and half a point.',
  curves:
    'Loss or error on the evaluated samples while the networks of one depth learn. A click on a chart over depth, or ' +
    'an arrow key in it, takes another depth.',
  gradient:
    'p_0 = E[g²] at the first block’s input for an independent standard normal gradient at the top, where it is 1; ' +
    'networks before their first step. Line: median over networks, band: 5th to 95th percentile.',
}
