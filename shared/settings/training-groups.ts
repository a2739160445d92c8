import { isImage, type Augmentation } from '../data/augment'
import { isGridData } from '../data/batch'
import { describedData, type DataChoice } from '../data/data-sets'
import { hasPositions } from '../data/description'
import type { Experiment, SettingKey } from './experiment'

/** What training is set by, in the order in which people think of it. */
export const TRAINING_GROUPS: readonly { title: string; keys: readonly SettingKey[] }[] = [
  { title: 'Data', keys: ['data'] },
  { title: 'Augmentation', keys: ['augmentShift', 'augmentCrop', 'augmentFlip', 'augmentNoise'] },
  {
    title: 'Optimizer',
    keys: [
      'optimizer',
      'learningRate',
      'momentum',
      'nesterov',
      'beta2',
      'epsilon',
      'weightDecay',
      'clip',
      'labelSmoothing',
    ],
  },
  { title: 'Schedule', keys: ['schedule', 'milestones', 'decay', 'warmup'] },
  { title: 'Length', keys: ['epochs', 'steps', 'trainReplicas', 'patience'] },
  { title: 'Evaluation', keys: ['evaluateEvery', 'batchStatistics', 'shattering'] },
]

type TrainingSettings = Pick<Experiment, 'optimizer' | 'momentum' | 'learningRate' | 'schedule' | 'epochs'> &
  Augmentation &
  DataChoice

const hasImages = (choice: DataChoice) => isImage(describedData(choice).shape)

/** Conditions of the settings that do not always act; the others do. */
const ACTS: Partial<Record<SettingKey, (settings: TrainingSettings) => boolean>> = {
  nesterov: ({ optimizer, momentum }) => optimizer === 'sgd' && momentum > 0,
  beta2: ({ optimizer }) => optimizer !== 'sgd',
  epsilon: ({ optimizer }) => optimizer !== 'sgd',
  milestones: ({ schedule }) => schedule === 'step',
  decay: ({ schedule }) => schedule === 'step',
  steps: ({ epochs }) => epochs === 0,
  // What is switched on is refused where samples have no such axis, and must be seen to be switched off.
  augmentShift: ({ augmentShift, ...choice }) => augmentShift > 0 || hasPositions(describedData(choice)),
  augmentCrop: ({ augmentCrop, ...choice }) => augmentCrop > 0 || hasImages(choice),
  augmentFlip: ({ augmentFlip, ...choice }) => augmentFlip === 'on' || hasImages(choice),
}

/**
 * Whether training asks for a setting at all: it has its own number of networks and its own stem, and its own input but
 * where that is a sequence or an image.
 */
export const isAskedInTraining = (key: SettingKey, experiment: Pick<Experiment, 'input'>): boolean =>
  key !== 'replicas' &&
  key !== 'stem' &&
  (key !== 'input' || experiment.input === 'images' || isGridData(experiment))

/** Whether a setting of training changes anything, the others being as they are. */
export const actsInTraining = (key: SettingKey, settings: TrainingSettings): boolean =>
  ACTS[key]?.(settings) ?? true
