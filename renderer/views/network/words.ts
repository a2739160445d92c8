import { formatNumber } from '../../../shared/base/format'
import type { Experiment } from '../../../shared/settings/experiment'

/** Words of the Network view. */
export const INPUT_NAMES: Record<Experiment['input'], string> = {
  normal: 'noise',
  mnist1d: 'MNIST-1D',
  images: 'noise images',
  sequence: 'MNIST-1D',
  data: 'data set',
  'data-grid': 'data set',
}

/** What may follow the stem's layer, and come before the head's. */
export const AROUND = {
  stem: [
    { value: '', label: 'nothing more' },
    { value: 'bn-relu', label: 'then BN, ReLU' },
  ],
  head: [
    { value: '', label: 'nothing more' },
    { value: 'relu', label: 'ReLU first' },
    { value: 'bn-relu', label: 'BN, ReLU first' },
  ],
} as const

export const SHORTCUTS = [
  {
    value: 'A',
    label: 'A',
    definition: [
      'Where the shape changes, skip connections take every second position and fill up with zeros:',
      'no weights (He et al. 2015, option A).',
    ].join(' '),
  },
  {
    value: 'B',
    label: 'B',
    definition: [
      'Where the shape changes, skip connections go through a 1 × 1 convolution (or a linear layer)',
      'without bias (option B).',
    ].join(' '),
  },
] as const

/** "269,722" */
export const countText = (value: number): string => value.toLocaleString('en')

/** "1.25 MiB" */
export function bytesText(bytes: number): string {
  if (bytes >= 2 ** 30) return `${formatNumber(bytes / 2 ** 30)} GiB`
  if (bytes >= 2 ** 20) return `${formatNumber(bytes / 2 ** 20)} MiB`
  return `${formatNumber(bytes / 2 ** 10)} KiB`
}
