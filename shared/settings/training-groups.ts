import type { Experiment, SettingKey } from './experiment'

/** What training is set by, in the order in which people think of it. */
export const TRAINING_GROUPS: readonly { title: string; keys: readonly SettingKey[] }[] = [
  { title: 'Data', keys: ['data'] },
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
  { title: 'Evaluation', keys: ['evaluateEvery', 'batchStatistics'] },
]

type TrainingSettings = Pick<Experiment, 'optimizer' | 'momentum' | 'learningRate' | 'schedule' | 'epochs'>

/** Conditions of the settings that do not always act; the others do. */
const ACTS: Partial<Record<SettingKey, (settings: TrainingSettings) => boolean>> = {
  nesterov: ({ optimizer, momentum }) => optimizer === 'sgd' && momentum > 0,
  beta2: ({ optimizer }) => optimizer !== 'sgd',
  epsilon: ({ optimizer }) => optimizer !== 'sgd',
  milestones: ({ schedule }) => schedule === 'step',
  decay: ({ schedule }) => schedule === 'step',
  steps: ({ epochs }) => epochs === 0,
}

/** Whether a setting of training changes anything, the others being as they are. */
export const actsInTraining = (key: SettingKey, settings: TrainingSettings): boolean =>
  ACTS[key]?.(settings) ?? true
