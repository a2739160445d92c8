import type { SettingKey, Experiment } from './experiment'
import { presetNamed } from '../block/presets'
import { parseBlockGraph } from '../block/file'
import { choice, finiteNumber, show, wholeNumber } from '../base/check'
import { InputError } from '../base/errors'
import { remedyNamed } from '../block/remedies'

interface SettingBase {
  key: SettingKey
  /** Command line option, without the dashes. */
  option: string
  label: string
  /** One line: what it is. */
  definition: string
  /** Where it belongs on the screen. */
  group: 'block' | 'network' | 'signal' | 'training'
}

export type Setting = SettingBase &
  (
    | { type: 'integer' | 'number'; minimum: number; maximum: number; unit?: string; default: number }
    | {
        type: 'choice'
        choices: readonly { value: string; label: string; definition: string }[]
        default: string
      }
    | { type: 'blocks' | 'remedies'; default: readonly string[] }
  )

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
      { value: 'he', label: 'He', definition: 'Normal, variance 2/fan-in (He et al. 2015).' },
      { value: 'lecun', label: 'LeCun', definition: 'Normal, variance 1/fan-in (LeCun et al. 1998).' },
      {
        value: 'glorot',
        label: 'Glorot',
        definition: 'Normal, variance 2/(fan-in + fan-out) (Glorot and Bengio 2010).',
      },
      {
        value: 'pytorch',
        label: 'PyTorch',
        definition: 'Uniform on ±1/√fan-in for weights and biases: variance 1/(3 fan-in).',
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
    key: 'steps',
    option: 'steps',
    type: 'integer',
    group: 'training',
    label: 'Steps',
    unit: 'steps',
    minimum: 1,
    maximum: 1_000_000,
    default: 300,
    definition: 'Number of SGD steps; each uses one batch of MNIST-1D.',
  },
  {
    key: 'trainReplicas',
    option: 'train-replicas',
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
    key: 'learningRate',
    option: 'learning-rate',
    type: 'number',
    group: 'training',
    label: 'Learning rate',
    minimum: 0,
    maximum: 1000,
    default: 0.01,
    definition: 'Step size of SGD.',
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
    definition: 'Share of the last update kept in the next (0: plain SGD).',
  },
]

export function setting(key: SettingKey): Setting {
  return SETTINGS.find((candidate) => candidate.key === key)!
}

/** The command line's defaults. */
export function defaultExperiment(): Experiment {
  const values = SETTINGS.map((s) => [s.key, Array.isArray(s.default) ? [...s.default] : s.default])
  return { version: 1, ...Object.fromEntries(values) } as Experiment
}

export const defaultOf = (s: Setting) => (Array.isArray(s.default) ? [...s.default] : s.default)

/** One setting's value, checked against the table. @throws InputError */
export function checkSetting(s: Setting, value: unknown, where: string): unknown {
  switch (s.type) {
    case 'integer':
      return wholeNumber(value, where, s)
    case 'number':
      return finiteNumber(value, where, s)
    case 'choice': {
      const values = s.choices.map((one) => one.value)
      return choice(value, where, values, `Give one of ${values.join(', ')}.`)
    }
    case 'blocks': {
      if (!Array.isArray(value))
        throw new InputError(
          where,
          `${show(value)} is not a list of blocks`,
          'Give names of presets or block graphs.',
        )
      const blocks = value.map((block, i) =>
        typeof block === 'string' ? presetNamed(block, where).name : parseBlockGraph(block, `${where}[${i}]`),
      )
      // Curves are told apart by their block's name; the same preset twice is one curve.
      return blocks.filter((block, i) => typeof block !== 'string' || blocks.indexOf(block) === i)
    }
    case 'remedies': {
      if (!Array.isArray(value) || !value.every((name) => typeof name === 'string')) {
        throw new InputError(where, `${show(value)} is not a list of remedies`, 'Give names of remedies.')
      }
      return [...new Set(value.map((name: string) => remedyNamed(name, where).name))]
    }
  }
}
