import { InputError } from '../base/errors'
import { isImage, mostShift, type Augmentation } from '../data/augment'
import { describedData, type DataChoice } from '../data/data-sets'
import { hasPositions } from '../data/description'
import type { SettingKey } from '../settings/experiment'

/**
 * Whether the samples that networks are trained on can be augmented so.
 * @param place of a setting, as errors name it
 * @throws InputError where samples have no such axis, or one that is too short
 */
export function checkAugmentation(
  experiment: Augmentation & DataChoice,
  place: (key: SettingKey) => string,
): void {
  const { augmentShift, augmentCrop, augmentFlip } = experiment
  const description = describedData(experiment)
  const { title, shape } = description
  if (augmentFlip === 'on' && !isImage(shape)) {
    throw new InputError(
      place('augmentFlip'),
      `samples of ${title} are no images, and have no mirror image`,
      'Give off, or choose a data set of images.',
    )
  }
  if (augmentCrop > 0 && !isImage(shape)) {
    throw new InputError(
      place('augmentCrop'),
      `samples of ${title} are no images that could be cut out of a margin`,
      'Give 0, or choose a data set of images.',
    )
  }
  if (augmentShift > 0 && !hasPositions(description)) {
    throw new InputError(
      place('augmentShift'),
      `samples of ${title} have no positions to be moved along`,
      'Give 0, or choose a data set of images or sequences.',
    )
  }
  for (const key of ['augmentShift', 'augmentCrop'] as const) {
    const most = mostShift(shape)
    if (experiment[key] <= most) continue
    throw new InputError(
      place(key),
      `${experiment[key]} positions are as many as a sample of ${title} has, or more`,
      `Give at most ${most}.`,
    )
  }
}
