import type { SettingKey, Experiment } from './experiment'
import { PAPERS } from '../base/papers'
import type { Reference } from '../base/reference'
import { TRAINING_PAPERS } from '../base/training-papers'
import { DATA_SETS } from '../data/data-sets'

interface SettingBase {
  key: SettingKey
  /** Command line option, without the dashes. */
  option: string
  label: string
  /** One line: what it is. */
  definition: string
  /** What is cited where it is not at its default. */
  sources?: readonly Reference[]
  /** Where it belongs on the screen. */
  group: 'block' | 'network' | 'signal' | 'training'
}

export type Setting = SettingBase &
  (
    | { type: 'integer' | 'number'; minimum: number; maximum: number; unit?: string; default: number }
    | {
        type: 'choice'
        /** `sources`: what is cited where it is chosen. */
        choices: readonly {
          value: string
          label: string
          definition: string
          sources?: readonly Reference[]
        }[]
        default: string
      }
    | {
        type: 'numbers'
        minimum: number
        maximum: number
        /** How many numbers the list may have; it may have none. */
        most: number
        default: readonly number[]
      }
    | { type: 'blocks' | 'remedies'; default: readonly string[] }
  )

export type NumberSetting = Extract<Setting, { type: 'integer' | 'number' }>

export const isNumberSetting = (s: Setting): s is NumberSetting => s.type === 'integer' || s.type === 'number'

/** The one table of settings: it drives the UI's controls, the command line, the file format and its validation. */
export const SETTINGS: readonly Setting[] = [
  {
    key: 'block',
    option: 'block',
    type: 'blocks',
    group: 'block',
    label: 'Block',
    default: ['relu-linear'],
    definition: 'The residual block, drawn once; the network repeats it L times.',
  },
  {
    key: 'compare',
    option: 'compare',
    type: 'blocks',
    group: 'block',
    label: 'Compare with',
    default: [],
    definition: 'Further blocks, measured without a remedy, next to the chosen one.',
  },
  {
    key: 'skip',
    option: 'skip',
    type: 'choice',
    group: 'block',
    label: 'Skip connection',
    default: 'on',
    definition: 'Off removes the sum and the skip connection: a plain network.',
    choices: [
      { value: 'on', label: 'on', definition: 'Residual network: the branch is added to its input.' },
      { value: 'off', label: 'off', definition: 'Plain network: the branch replaces its input.' },
    ],
  },
  {
    key: 'remedies',
    option: 'remedies',
    type: 'remedies',
    group: 'block',
    label: 'Remedies',
    default: ['none'],
    definition: 'Changes to the block that keep the signal in bounds; each one is a curve.',
  },
  {
    key: 'blocks',
    option: 'blocks',
    type: 'integer',
    group: 'network',
    label: 'Depth L',
    unit: 'blocks',
    minimum: 1,
    maximum: 10_000,
    default: 20,
    definition: 'Number of residual blocks in a row.',
  },
  {
    key: 'width',
    option: 'width',
    type: 'integer',
    group: 'network',
    label: 'Width N',
    unit: 'units',
    minimum: 1,
    maximum: 16_384,
    default: 100,
    definition: 'Units of the residual stream. Theory is exact as N goes to infinity.',
  },
  {
    key: 'init',
    option: 'init',
    type: 'choice',
    group: 'network',
    label: 'Initialisation',
    default: 'he',
    definition: 'How the weights are drawn. Biases start at zero, except in PyTorch’s default.',
    choices: [
      {
        value: 'he',
        label: 'He',
        definition: 'Normal, variance 2/fan-in (He et al. 2015).',
        sources: [PAPERS.he2015],
      },
      {
        value: 'lecun',
        label: 'LeCun',
        definition: 'Normal, variance 1/fan-in (LeCun et al. 1998).',
        sources: [PAPERS.lecun1998efficient],
      },
      {
        value: 'glorot',
        label: 'Glorot',
        definition: 'Normal, variance 2/(fan-in + fan-out) (Glorot and Bengio 2010).',
        sources: [PAPERS.glorot2010],
      },
      {
        value: 'pytorch',
        label: 'PyTorch',
        definition: 'Uniform on ±1/√fan-in for weights and biases: variance 1/(3 fan-in).',
        sources: [PAPERS.paszke2019],
      },
    ],
  },
  {
    key: 'gain',
    option: 'gain',
    type: 'number',
    group: 'network',
    label: 'Gain',
    minimum: 0,
    maximum: 100,
    default: 1,
    definition: 'Factor on the standard deviation of every weight and bias in the blocks.',
  },
  {
    key: 'input',
    option: 'input',
    type: 'choice',
    group: 'signal',
    label: 'Input',
    default: 'normal',
    definition: 'What goes into the network.',
    choices: [
      {
        value: 'normal',
        label: 'Gaussian noise',
        definition: 'Independent standard normal values of dimension N.',
      },
      {
        value: 'mnist1d',
        label: 'MNIST-1D',
        definition: 'Digits as curves of 40 values (Greydanus 2020), regenerated exactly.',
      },
      {
        value: 'images',
        label: 'Gaussian images',
        definition: 'Independent standard normal values of 3 channels on 32 × 32 positions.',
      },
      {
        value: 'sequence',
        label: 'MNIST-1D, sequence',
        definition: 'The same curves as one channel of 40 positions.',
      },
      {
        value: 'data',
        label: 'Data set',
        definition: 'The samples of the data set that is chosen, each as one vector.',
      },
      {
        value: 'data-grid',
        label: 'Data set, positions',
        definition: 'The same samples as channels on rows and columns, for convolutions.',
      },
    ],
  },
  {
    key: 'stem',
    option: 'stem',
    type: 'choice',
    group: 'signal',
    label: 'Stem',
    default: 'none',
    definition: 'What comes before the first block; h_0 is read after it.',
    choices: [
      { value: 'none', label: 'none', definition: 'The input goes into the first block as it is.' },
      {
        value: 'linear',
        label: 'linear',
        definition:
          'One He linear layer without activation; on images and sequences a convolution of three taps an axis.',
      },
    ],
  },
  {
    key: 'batch',
    option: 'batch',
    type: 'integer',
    group: 'signal',
    label: 'Batch B',
    unit: 'samples',
    minimum: 1,
    maximum: 65_536,
    default: 128,
    definition: 'Samples that go through the network together; batch variance is taken over them.',
  },
  {
    key: 'replicas',
    option: 'replicas',
    type: 'integer',
    group: 'signal',
    label: 'Replicas R',
    unit: 'networks',
    minimum: 1,
    maximum: 10_000,
    default: 20,
    definition:
      'Independent networks, measured together; lines are means or medians over them, ' +
      'bands the 5th to 95th percentile.',
  },
  {
    key: 'seed',
    option: 'seed',
    type: 'integer',
    group: 'signal',
    label: 'Seed',
    minimum: 0,
    maximum: 4_294_967_295,
    default: 1,
    definition: 'Start of the random numbers: same seed, same curves.',
  },
  {
    key: 'data',
    option: 'data',
    type: 'choice',
    group: 'training',
    label: 'Data',
    default: 'mnist1d',
    definition: 'What the networks learn to tell apart.',
    choices: DATA_SETS.map(({ name, title, definition }) => ({ value: name, label: title, definition })),
  },
  {
    key: 'optimizer',
    option: 'optimizer',
    type: 'choice',
    group: 'training',
    label: 'Optimizer',
    default: 'sgd',
    definition: 'How a gradient g changes a parameter w at learning rate η, in PyTorch’s forms.',
    choices: [
      {
        value: 'sgd',
        label: 'SGD',
        definition: 'v ← μ v + g, w ← w − η v, with momentum μ (torch.optim.SGD; Sutskever et al. 2013).',
        sources: [TRAINING_PAPERS.sutskever2013],
      },
      {
        value: 'adam',
        label: 'Adam',
        definition:
          'm ← β₁ m + (1 − β₁) g, s ← β₂ s + (1 − β₂) g², ' +
          'w ← w − η m̂/(√ŝ + ε) with m̂ = m/(1 − β₁ᵗ), ŝ = s/(1 − β₂ᵗ) (Kingma and Ba 2015).',
        sources: [TRAINING_PAPERS.kingma2015],
      },
      {
        value: 'adamw',
        label: 'AdamW',
        definition: 'Adam whose weight decay is apart from the gradient (Loshchilov and Hutter 2019).',
        sources: [TRAINING_PAPERS.loshchilov2019],
      },
      {
        value: 'rmsprop',
        label: 'RMSProp',
        definition:
          's ← α s + (1 − α) g², v ← μ v + g/(√s + ε), w ← w − η v ' +
          '(torch.optim.RMSprop; Tieleman and Hinton 2012).',
        sources: [TRAINING_PAPERS.tieleman2012],
      },
    ],
  },
  {
    key: 'learningRate',
    option: 'learning-rate',
    type: 'number',
    group: 'training',
    label: 'Learning rate',
    minimum: 0,
    maximum: 1000,
    default: 0.01,
    definition: 'Step size η of the optimizer; the schedule multiplies it.',
  },
  {
    key: 'momentum',
    option: 'momentum',
    type: 'number',
    group: 'training',
    label: 'Momentum',
    minimum: 0,
    maximum: 0.9999,
    default: 0.9,
    definition: 'Share μ of the last update kept in the next (0: none); β₁ of Adam and AdamW.',
  },
  {
    key: 'nesterov',
    option: 'nesterov',
    type: 'choice',
    group: 'training',
    label: 'Nesterov',
    default: 'off',
    definition: 'Whether SGD looks ahead along its momentum (Nesterov 1983; Sutskever et al. 2013).',
    choices: [
      { value: 'off', label: 'off', definition: 'w ← w − η v.' },
      {
        value: 'on',
        label: 'on',
        definition: 'w ← w − η (g + μ v), PyTorch’s form.',
        sources: [TRAINING_PAPERS.nesterov1983],
      },
    ],
  },
  {
    key: 'beta2',
    option: 'beta2',
    type: 'number',
    group: 'training',
    label: 'β₂',
    minimum: 0,
    maximum: 0.999999,
    default: 0.999,
    definition:
      'Share of the last mean squared gradient kept in the next: β₂ of Adam and AdamW, α of RMSProp.',
  },
  {
    key: 'epsilon',
    option: 'epsilon',
    type: 'number',
    group: 'training',
    label: 'ε',
    minimum: 0,
    maximum: 1,
    default: 1e-8,
    definition: 'Added to the root mean squared gradient that Adam, AdamW and RMSProp divide by.',
  },
  {
    key: 'weightDecay',
    option: 'weight-decay',
    type: 'number',
    group: 'training',
    label: 'Weight decay',
    minimum: 0,
    maximum: 100,
    default: 0,
    definition:
      'λ, on every parameter: g ← g + λ w for SGD, Adam and RMSProp, w ← w − η λ w before the update for AdamW.',
  },
  {
    key: 'clip',
    option: 'clip',
    type: 'number',
    group: 'training',
    label: 'Clip norm',
    minimum: 0,
    maximum: 1_000_000,
    default: 0,
    sources: [TRAINING_PAPERS.pascanu2013],
    definition:
      'Largest norm c of a network’s whole gradient: g ← g min(1, c/(‖g‖ + 10⁻⁶)) ' +
      '(Pascanu et al. 2013; torch.nn.utils.clip_grad_norm_). 0: none.',
  },
  {
    key: 'labelSmoothing',
    option: 'label-smoothing',
    type: 'number',
    group: 'training',
    label: 'Label smoothing',
    minimum: 0,
    maximum: 0.99,
    default: 0,
    sources: [TRAINING_PAPERS.szegedy2016],
    definition:
      'Share s of the target given to all C classes alike: y ← (1 − s) y + s/C (Szegedy et al. 2016). ' +
      'It is part of the loss of a step’s batch, and not of the loss in evaluation; real targets have none.',
  },
  {
    key: 'augmentShift',
    option: 'augment-shift',
    type: 'integer',
    group: 'training',
    label: 'Shift',
    unit: 'positions',
    minimum: 0,
    maximum: 1000,
    default: 0,
    sources: [TRAINING_PAPERS.greydanus2020],
    definition:
      'Most positions s that a training sample is moved by along each axis, anew at every step: uniform on −s .. s, ' +
      'and what leaves at one end enters at the other (Greydanus 2020). Evaluation takes samples as they are. 0: none.',
  },
  {
    key: 'augmentCrop',
    option: 'augment-crop',
    type: 'integer',
    group: 'training',
    label: 'Crop margin',
    unit: 'positions',
    minimum: 0,
    maximum: 1000,
    default: 0,
    sources: [PAPERS.he2016deep],
    definition:
      'Positions p of zeros on each side of a training image, out of which its own size is cut at random, ' +
      'anew at every step (He et al. 2016: 4). Evaluation takes images as they are. 0: none.',
  },
  {
    key: 'augmentFlip',
    option: 'augment-flip',
    type: 'choice',
    group: 'training',
    label: 'Flip',
    default: 'off',
    sources: [PAPERS.he2016deep],
    definition:
      'Whether training images are mirrored left to right at random, anew at every step (He et al. 2016). ' +
      'Evaluation takes images as they are.',
    choices: [
      { value: 'off', label: 'off', definition: 'Images as they are.' },
      { value: 'on', label: 'on', definition: 'Each image is mirrored with probability 1/2.' },
    ],
  },
  {
    key: 'augmentNoise',
    option: 'augment-noise',
    type: 'number',
    group: 'training',
    label: 'Noise',
    minimum: 0,
    maximum: 1000,
    default: 0,
    sources: [TRAINING_PAPERS.bishop1995],
    definition:
      'Standard deviation of Gaussian noise on every value of a training sample as the network takes it, ' +
      'anew at every step (Bishop 1995). Evaluation takes samples as they are. 0: none.',
  },
  {
    key: 'schedule',
    option: 'schedule',
    type: 'choice',
    group: 'training',
    label: 'Schedule',
    default: 'constant',
    definition: 'What the learning rate η is multiplied by at step t of T, counted from 0.',
    choices: [
      { value: 'constant', label: 'constant', definition: '1 throughout.' },
      {
        value: 'step',
        label: 'step',
        definition: 'The decay, once more from each milestone on (torch MultiStepLR; He et al. 2015).',
      },
      {
        value: 'cosine',
        label: 'cosine',
        definition: '(1 + cos(π t/T))/2 (Loshchilov and Hutter 2017).',
        sources: [TRAINING_PAPERS.loshchilov2017],
      },
      {
        value: 'one-cycle',
        label: 'one cycle',
        definition:
          'From 1/25 up to 1 in the first 30 % of training, then down to 1/250,000, each along half a cosine ' +
          '(Smith and Topin 2018; torch OneCycleLR, momentum as it is).',
        sources: [TRAINING_PAPERS.smith2018],
      },
    ],
  },
  {
    key: 'milestones',
    option: 'milestones',
    type: 'numbers',
    group: 'training',
    label: 'Milestones',
    minimum: 0,
    maximum: 1,
    most: 20,
    default: [0.5, 0.75],
    definition: 'Where the step schedule decays, as shares of training.',
  },
  {
    key: 'decay',
    option: 'decay',
    type: 'number',
    group: 'training',
    label: 'Decay',
    minimum: 0,
    maximum: 1,
    default: 0.1,
    definition: 'What the step schedule multiplies the learning rate by at each milestone.',
  },
  {
    key: 'warmup',
    option: 'warmup',
    type: 'integer',
    group: 'training',
    label: 'Warm-up',
    unit: 'steps',
    minimum: 0,
    maximum: 1_000_000,
    default: 0,
    sources: [TRAINING_PAPERS.goyal2017],
    definition:
      'Steps W over which the learning rate rises linearly: times min(1, (t + 1)/W) (Goyal et al. 2017). 0: none.',
  },
  {
    key: 'steps',
    option: 'steps',
    type: 'integer',
    group: 'training',
    label: 'Steps',
    unit: 'steps',
    minimum: 1,
    maximum: 1_000_000,
    default: 300,
    definition: 'Number of updates; each uses one batch of the training samples.',
  },
  {
    key: 'epochs',
    option: 'epochs',
    type: 'integer',
    group: 'training',
    label: 'Epochs',
    unit: 'epochs',
    minimum: 0,
    maximum: 10_000,
    default: 0,
    definition:
      'Passes over the training samples in place of a number of steps; ' +
      'what does not fill a batch is left out of a pass. 0: steps decide.',
  },
  {
    key: 'trainReplicas',
    option: 'seeds',
    type: 'integer',
    group: 'training',
    label: 'Replicas',
    unit: 'networks',
    minimum: 1,
    maximum: 10_000,
    default: 5,
    definition:
      'Networks of each curve that are trained side by side; fewer than are measured, ' +
      'since each costs time at every step.',
  },
  {
    key: 'evaluateEvery',
    option: 'evaluate-every',
    type: 'integer',
    group: 'training',
    label: 'Evaluate every',
    unit: 'steps',
    minimum: 0,
    maximum: 1_000_000,
    default: 0,
    definition:
      'Steps from one evaluation on training and test samples to the next; ' +
      'the first and the last step have one always. 0: a twentieth of training, at least 10.',
  },
  {
    key: 'patience',
    option: 'patience',
    type: 'integer',
    group: 'training',
    label: 'Patience',
    unit: 'evaluations',
    minimum: 0,
    maximum: 10_000,
    default: 0,
    sources: [TRAINING_PAPERS.prechelt1998],
    definition:
      'Evaluations without a lower test loss (mean over networks) in any curve, after which training ends ' +
      'early (Prechelt 1998). 0: never.',
  },
  {
    key: 'batchStatistics',
    option: 'batch-statistics',
    type: 'choice',
    group: 'training',
    label: 'Batch statistics',
    default: 'training',
    definition: 'What batch norm normalises with when trained networks are evaluated.',
    choices: [
      {
        value: 'training',
        label: 'of training',
        definition:
          'Means and variances over the training samples as they are, of large data sets over as many as fit, ' +
          'layer by layer (Wu and Johnson 2021).',
      },
      {
        value: 'evaluated',
        label: 'of the evaluated',
        definition: 'Those of the evaluated samples, a thousand at a time.',
      },
    ],
  },
  {
    key: 'shattering',
    option: 'shattering',
    type: 'choice',
    group: 'training',
    label: 'Shattered gradients',
    default: 'off',
    definition:
      'Whether every evaluation measures the correlation of gradients between test samples, and their ' +
      'autocorrelation between two of them (Balduzzi et al. 2017).',
    choices: [
      { value: 'off', label: 'left out', definition: 'Evaluations take loss and error.' },
      {
        value: 'on',
        label: 'measured',
        definition:
          'About as many passes more at each evaluation as 64 samples and as many outputs as there are make.',
      },
    ],
  },
]

export function setting(key: SettingKey): Setting {
  return SETTINGS.find((candidate) => candidate.key === key)!
}

export const defaultOf = (s: Setting) => (Array.isArray(s.default) ? [...s.default] : s.default)

/** The command line's defaults. */
export function defaultExperiment(): Experiment {
  const values = SETTINGS.map((s) => [s.key, defaultOf(s)])
  return { version: 1, ...Object.fromEntries(values) } as Experiment
}
