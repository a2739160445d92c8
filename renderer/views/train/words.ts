import type { Target } from '../../../shared/data/description'
import { CORRELATION_MEANING, ERROR_MEANING, LOSS_MEANING, RMSE_MEANING } from '../../../shared/data/measures'
import type { TrainColumn } from '../../../shared/train/rows'
import { QUANTITIES } from '../../../shared/signal/quantities'
import { BLOCK_QUANTITIES, type BlockQuantity } from '../../../shared/train/block-quantities'

/** Room for the numbers of the value axes, so that the curves over steps line up. */
export const AXIS_ROOM = 52

/** What the lower chart over blocks can show. */
export type LowerQuantity = 'p' | BlockQuantity

/** p as training has it. */
export const TRAINING_P = {
  title: QUANTITIES.p.title,
  formula: QUANTITIES.p.formula,
  definition:
    'Mean square of the gradient of the batch’s loss with respect to the block’s output, each network’s divided ' +
    'by its own at the top. Where the layer to the outputs starts at 0 (Fixup), no gradient reaches the top ' +
    'before the first update, and there is no p.',
}

export const LOWER_CHOICES = [
  { value: 'updateRatio', label: 'update', definition: BLOCK_QUANTITIES.updateRatio.definition },
  { value: 'gradientNorm', label: 'gradient', definition: BLOCK_QUANTITIES.gradientNorm.definition },
  { value: 'p', label: 'p', definition: TRAINING_P.definition },
] as const

/** Of the curves over steps. */
export const CURVE_AXES = [
  { value: 'linear', label: 'linear', definition: 'Equal steps of loss and error are equal differences.' },
  {
    value: 'log',
    label: 'log',
    definition: 'Equal steps of loss and error are equal factors; an error of 0 has no place there.',
  },
] as const

export const STATISTICS = [
  { value: 'mean', label: 'mean', definition: 'Arithmetic mean over the networks.' },
  { value: 'median', label: 'median', definition: 'The middle network.' },
] as const

export const CURVES = {
  loss: {
    title: 'Loss, train and test',
    definition:
      `${LOSS_MEANING} on the training and the test samples, of large data sets on the first ones, in ` +
      'evaluation: noise is its mean, batch norm has the statistics that the settings choose.',
  },
  error: {
    title: 'Error, train and test',
    definition:
      `${ERROR_MEANING} on the training and the test samples, of large data sets on the first ones, in ` +
      'evaluation.',
  },
  rate: {
    title: 'Learning rate',
    definition: 'Of each update, as schedule and warm-up have it.',
  },
} as const

export const GRADIENTS = {
  correlation: {
    title: 'Gradient correlation',
    definition:
      `${CORRELATION_MEANING}: near 0 gradients are shattered, near 1 alike. At most the first 64 test samples, in ` +
      'evaluation, statistics over a batch held constant. A change, or a difference between two series, is called ' +
      'one where the 95 % interval of the paired differences over networks leaves out 0; of one network, a change ' +
      'by its sign.',
  },
  autocorrelation: {
    title: 'Autocorrelation',
    definition:
      'Of dy/dx: y is the logit of test sample 0’s class (of real targets the first output) on the line from test ' +
      'sample 0 (x = 0) to 1 (x = 1), at 64 points; with d_i = dy/dx at point i less its mean: ' +
      'Σ d_i d_(i+lag) / Σ d_i². Mean over networks, band: 5th to 95th percentile. Thin and pale: the first ' +
      'measurement. Dashed: the mean of ' +
      '200 draws of white and of brown noise.',
  },
} as const

export const SETS = {
  train: 'The evaluated training samples: thin and pale. Click hides or shows their curves.',
  test: 'The evaluated test samples: in full colour. Click hides or shows their curves.',
} as const

interface Column {
  id: TrainColumn
  title: string
  definition: string
}

const COLUMNS: readonly Column[] = [
  { id: 'name', title: 'Networks', definition: 'Block and remedy; click a row to mark its curves.' },
  { id: 'n', title: 'n', definition: 'Networks, each with initial weights of its own.' },
  { id: 'parameters', title: 'Parameters', definition: 'Numbers that one network learns.' },
  {
    id: 'trainLoss',
    title: 'Train loss',
    definition: `${LOSS_MEANING} on the evaluated training samples: mean, and 5th to 95th percentile over networks.`,
  },
  {
    id: 'testLoss',
    title: 'Test loss',
    definition: `${LOSS_MEANING} on the evaluated test samples: mean, and 5th to 95th percentile over networks.`,
  },
  {
    id: 'trainError',
    title: 'Train error',
    definition: `${ERROR_MEANING} on the evaluated training samples: mean, and 5th to 95th percentile over networks.`,
  },
  {
    id: 'testError',
    title: 'Test error',
    definition: `${ERROR_MEANING} on the evaluated test samples: mean, and 5th to 95th percentile over networks.`,
  },
  {
    id: 'difference',
    title: 'Difference',
    definition:
      'Test error less the baseline’s, network by network (equal seed: equal initial weights where parameters ' +
      'coincide, and equal batches), in points: mean d, and its 95 % interval d ± t s/√n, s the standard deviation ' +
      'of the differences, t Student’s 97.5 % quantile for n − 1 degrees of freedom.',
  },
]

/** Of the table of networks. @param target the one real target that they learn; null: there is none, or several */
export function columnsOf(target: Target | null): readonly Column[] {
  if (!target) return COLUMNS
  const rmse = (id: TrainColumn, title: string, part: string): Column => ({
    id,
    title: target.unit ? `${title} (${target.unit})` : title,
    definition: `${RMSE_MEANING} on the evaluated ${part} samples: mean, and 5th to 95th percentile over networks.`,
  })
  const own = [rmse('trainRmse', 'Train RMSE', 'training'), rmse('testRmse', 'Test RMSE', 'test')]
  const place = COLUMNS.findIndex(({ id }) => id === 'difference')
  return [...COLUMNS.slice(0, place), ...own, ...COLUMNS.slice(place)]
}
