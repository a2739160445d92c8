import { describedData, type DataChoice } from '../data/data-sets'
import type { Experiment } from '../settings/experiment'
import { networkNamed } from '../experiment/preset-networks'

/** One published test error. */
export interface PublishedError {
  layers: number
  /** 3n blocks of two layers each, with stem and classifier 6n + 2 layers. */
  blocks: number
  /** Share in 0..1. */
  error: number
}

const error = (layers: number, percent: number): PublishedError => ({
  layers,
  blocks: (layers - 2) / 2,
  error: percent / 100,
})

/**
 * Residual networks on CIFAR-10: test error, the best of five networks at 110 layers, one network at the other depths
 * (He et al. 2015, "Deep Residual Learning for Image Recognition", table 6).
 */
export const HE_2015: readonly PublishedError[] = [
  error(20, 8.75),
  error(32, 7.51),
  error(44, 7.17),
  error(56, 6.97),
  error(110, 6.43),
  error(1202, 7.93),
]

export const HE_2015_SOURCE = 'published: residual networks on CIFAR-10, He et al. 2015, table 6'

/** Depths that the preset trains; the paper's largest network has 600 blocks. */
const TRAINED_LAYERS = [20, 32, 44, 56, 110]

/**
 * He et al.'s experiment: the three stages of ResNet-20 with as many blocks as 6n + 2 layers have, residual and plain,
 * trained as in section 4.2 (weight decay 10⁻⁴, momentum 0.9, batches of 128, learning rate 0.1 divided by 10 at 32,000
 * and 48,000 of 64,000 steps; images cut at random out of a margin of 4 pixels, and mirrored).
 * @param choice data that is chosen already: images stay, in place of others comes CIFAR-10, the paper's
 */
export const he2015 = (choice: DataChoice = {}): Partial<Experiment> => ({
  ...networkNamed('resnet20-cifar').changes,
  ...(describedData(choice).shape.rows > 1 ? {} : { data: 'cifar10' }),
  remedies: ['none'],
  depth: { depths: TRAINED_LAYERS.map((layers) => (layers - 2) / 2), skip: 'both' },
  optimizer: 'sgd',
  learningRate: 0.1,
  momentum: 0.9,
  nesterov: 'off',
  weightDecay: 1e-4,
  schedule: 'step',
  milestones: [0.5, 0.75],
  decay: 0.1,
  warmup: 0,
  steps: 64_000,
  epochs: 0,
  trainReplicas: 1,
  batch: 128,
  augmentShift: 0,
  augmentCrop: 4,
  augmentFlip: 'on',
  augmentNoise: 0,
})

/** Whether an experiment's networks are those of the published figures, at whatever depths. */
export const isHe2015 = (experiment: Experiment): boolean => {
  const { block, network } = networkNamed('resnet20-cifar').changes
  const shape = ({ stages, ...around }: NonNullable<typeof network>) =>
    JSON.stringify([around, stages.map(({ width, stride }) => [width, stride])])
  return (
    (experiment.input === 'images' || experiment.input === 'data-grid') &&
    JSON.stringify(experiment.block) === JSON.stringify(block) &&
    experiment.network !== undefined &&
    shape(experiment.network) === shape(network!)
  )
}
