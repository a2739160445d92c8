import { presetNamed } from '../block/presets'
import { parseBlockGraph } from '../block/file'
import { parseDraftSection, type DraftSection } from '../settings/draft'
import { InputError, nearest } from '../base/errors'
import type { BlockGraph } from '../graph/block-graph'
import { parseLesionSettings, type LesionSettings } from '../settings/lesion'
import { parseOrderSection, type OrderSettings } from '../order/order'
import { finalBlock, inputShape, planNetwork } from '../network/plan'
import { remedyNamed } from '../block/remedies'
import { parseShatterSection, type ShatterSettings } from '../shatter/shatter'
import { parsePathSettings, type PathSettings } from '../settings/paths'
import { depthOf, parseNetwork, type NetworkSettings } from '../settings/network'

/** What single views and commands ask beyond the settings, each an object of its own; absent: the view's defaults. */
export interface Sections {
  /** Stages, and what stands around them; absent: one block, repeated. It decides depth and width. */
  network?: NetworkSettings
  /** How `shatter` looks at the networks. */
  shatter?: ShatterSettings
  /** How the view of lesions looks at them. */
  lesion?: LesionSettings
  /** How the view of paths looks at them. */
  paths?: PathSettings
  /** The set of orderings that the ordering lab compares. */
  order?: OrderSettings
  /** The block being edited, where the chosen block does not say it: not valid yet, or a preset laid out by hand. */
  draft?: DraftSection
}

/** An experiment is a value: this document says all. The UI edits it, the command line runs it, a file shares it. */
export interface Experiment extends Sections {
  version: 1
  /** The chosen blocks; each is measured with every remedy. A string names a preset. */
  block: (string | BlockGraph)[]
  /** Further blocks, measured without a remedy, for comparison. */
  compare: (string | BlockGraph)[]
  remedies: string[]
  blocks: number
  width: number
  replicas: number
  batch: number
  init: 'he' | 'lecun' | 'glorot' | 'pytorch'
  gain: number
  input: 'normal' | 'mnist1d' | 'images' | 'sequence'
  stem: 'none' | 'linear'
  skip: 'on' | 'off'
  seed: number
  steps: number
  trainReplicas: number
  learningRate: number
  momentum: number
}

export type SectionKey = keyof Sections
export type SettingKey = Exclude<keyof Experiment, 'version' | SectionKey>

interface Section<K extends SectionKey> {
  key: K
  /** Whether a measurement of the signal depends on it. */
  isMeasured: boolean
  /** @throws InputError with the path of the field, what is wrong and how to mend it */
  parse(value: unknown, where: string): NonNullable<Sections[K]>
}

/** The one table of sections: it drives the file format and its validation. */
export const SECTIONS: readonly { [K in SectionKey]-?: Section<K> }[SectionKey][] = [
  { key: 'network', isMeasured: true, parse: parseNetwork },
  { key: 'shatter', isMeasured: false, parse: parseShatterSection },
  { key: 'lesion', isMeasured: false, parse: parseLesionSettings },
  { key: 'paths', isMeasured: false, parse: parsePathSettings },
  { key: 'order', isMeasured: false, parse: parseOrderSection },
  { key: 'draft', isMeasured: false, parse: parseDraftSection },
]

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
      'Independent networks, measured together; lines are means or medians over them, bands the 5th to 95th percentile.',
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
      'Networks of each curve that are trained side by side; fewer than are measured, since each costs time at every step.',
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

/** What the workbench opens on: the three block types, and for type 2 the remedies of the notes. */
export function openingExperiment(): Experiment {
  return {
    ...defaultExperiment(),
    // All three: whichever is chosen, the other two stand beside it.
    compare: ['linear-relu', 'relu-linear', 'practical'],
    remedies: ['none', 'rsqrt2', 'batch-norm'],
  }
}

/**
 * Any JSON value to a valid experiment; absent fields take their defaults.
 * @param where prefix for error paths (a file's name, or nothing)
 * @throws InputError with the path of the field, what is wrong and how to mend it
 */
export function parseExperiment(value: unknown, where = 'experiment'): Experiment {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InputError(
      where,
      'this is not an experiment (a JSON object)',
      'Save one from the workbench to see the form.',
    )
  }
  const document = value as Record<string, unknown>
  if (document.version !== undefined && document.version !== 1) {
    throw new InputError(
      `${where}.version`,
      `version ${JSON.stringify(document.version)} is not known here (this program reads version 1)`,
      'Open it with the Residual Lab that saved it, or a newer one.',
    )
  }
  const keys: string[] = [...SETTINGS, ...SECTIONS].map((s) => s.key)
  for (const key of Object.keys(document)) {
    if (key === 'version' || keys.includes(key)) continue
    const near = nearest(key, keys)
    throw new InputError(
      `${where}.${key}`,
      'there is no such setting',
      near ? `Did you mean "${near}"?` : `The settings are ${keys.join(', ')}.`,
    )
  }
  const experiment = { version: 1 } as Record<string, unknown>
  for (const s of SETTINGS) {
    const given = Object.hasOwn(document, s.key) ? document[s.key] : undefined
    experiment[s.key] = given === undefined ? defaultOf(s) : checkSetting(s, given, at(where, s.key))
  }
  for (const { key, parse } of SECTIONS) {
    const given = Object.hasOwn(document, key) ? document[key] : undefined
    if (given !== undefined) experiment[key] = parse(given, `${where}.${key}`)
  }
  return checkTogether(experiment as unknown as Experiment, where)
}

const defaultOf = (s: Setting) => (Array.isArray(s.default) ? [...s.default] : s.default)

/** One setting's value, checked against the table. @throws InputError */
export function checkSetting(s: Setting, value: unknown, where: string): unknown {
  switch (s.type) {
    case 'integer':
    case 'number': {
      const kind = s.type === 'integer' ? 'a whole number' : 'a number'
      const range = `${kind} from ${s.minimum} to ${s.maximum}`
      const isKind =
        typeof value === 'number' &&
        Number.isFinite(value) &&
        (s.type === 'number' || Number.isInteger(value))
      if (!isKind) throw new InputError(where, `${show(value)} is not ${kind}`, `Give ${range}.`)
      if ((value as number) < s.minimum || (value as number) > s.maximum) {
        throw new InputError(where, `${show(value)} is out of range`, `Give ${range}.`)
      }
      return value
    }
    case 'choice': {
      const values = s.choices.map((choice) => choice.value)
      if (typeof value === 'string' && values.includes(value)) return value
      const near = typeof value === 'string' ? nearest(value, values) : null
      const hint = near ? `Did you mean "${near}"?` : `Give one of ${values.join(', ')}.`
      throw new InputError(where, `${show(value)} is not a choice`, hint)
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

/** A value as it can stand in an error message: short, on one line. */
function show(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value))
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

/** Where a setting stands: its path in a document, or its option on the command line. */
const at = (where: string, key: SettingKey) =>
  where === COMMAND_LINE ? `--${setting(key).option}` : `${where}.${key}`

/** As `where` of parseExperiment and checkTogether: errors name options. */
export const COMMAND_LINE = 'command line'

/** Rules that join several settings; a network of stages sets depth and width. @throws InputError */
export function checkTogether(given: Experiment, where: string): Experiment {
  const experiment = given.network
    ? { ...given, blocks: depthOf(given.network), width: given.network.stages[0].width }
    : given
  const { input, stem, width, batch, block, compare, remedies } = experiment
  if (block.length + compare.length === 0) {
    throw new InputError(at(where, 'block'), 'no block is chosen', 'Choose at least one block.')
  }
  if (block.length && !remedies.length) {
    throw new InputError(
      at(where, 'remedies'),
      'no remedy is chosen',
      'Choose at least one; "none" is the block as drawn.',
    )
  }
  const names = [...block, ...compare].map((one) => (typeof one === 'string' ? one : one.name))
  for (const own of [...block, ...compare]) {
    if (typeof own === 'string' || names.indexOf(own.name) === names.lastIndexOf(own.name)) continue
    throw new InputError(
      at(where, 'block'),
      `two blocks have the name "${own.name}"`,
      'Give your block a name of its own: curves are told apart by it.',
    )
  }
  const { units } = inputShape(experiment)
  if (stem === 'none' && units !== width) {
    const values = {
      normal: '',
      mnist1d: `MNIST-1D has ${units} values a sample`,
      images: `an image has ${units} channels`,
      sequence: `a sequence has ${units} channel`,
    }[input]
    throw new InputError(
      at(where, 'stem'),
      `${values} and the network is ${width} wide`,
      `Use stem "linear", or width ${units}.`,
    )
  }
  if (usesMnist1d(experiment) && batch > MNIST1D_TRAINING_SAMPLES) {
    throw new InputError(
      at(where, 'batch'),
      `MNIST-1D has ${MNIST1D_TRAINING_SAMPLES} training samples, not ${batch}`,
      `Give at most ${MNIST1D_TRAINING_SAMPLES}.`,
    )
  }
  checkConvolutions(experiment, where)
  const place = experiment.network
    ? where === COMMAND_LINE
      ? '--network'
      : `${where}.network`
    : at(where, 'block')
  // Remedies change no shapes, so the blocks as drawn will do.
  for (const drawn of new Set([...block, ...compare])) {
    const graph = typeof drawn === 'string' ? presetNamed(drawn) : drawn
    planNetwork({ ...finalBlock(graph, 'none', experiment), remedy: 'none' }, experiment, place)
  }
  return experiment
}

/** Whether the input is a data set, and not noise. */
export const usesMnist1d = ({ input }: Pick<Experiment, 'input'>) =>
  input === 'mnist1d' || input === 'sequence'

function checkConvolutions(experiment: Experiment, where: string): void {
  const { block, compare, network, input } = experiment
  const stages = network?.stages.flatMap((stage) => stage.block ?? []) ?? []
  for (const one of [...block, ...compare, ...stages]) {
    const { name, nodes } = typeof one === 'string' ? presetNamed(one) : one
    const has = (op: string) => nodes.some((node) => node.op === op)
    if (has('conv-2d') && input !== 'images') {
      throw new InputError(
        at(where, 'input'),
        `block "${name}" has 2-D convolutions, and this input has no rows and columns`,
        'Use input "images".',
      )
    }
    if (has('conv-1d') && input !== 'images' && input !== 'sequence') {
      throw new InputError(
        at(where, 'input'),
        `block "${name}" has convolutions, and this input has no positions`,
        'Use input "sequence", or "images".',
      )
    }
  }
}

export const MNIST1D_LENGTH = 40
export const MNIST1D_TRAINING_SAMPLES = 4000

export interface SeriesSpecification {
  block: BlockGraph
  remedy: string
}

/** The curves of an experiment, in the order they are measured and drawn: blocks × remedies, then the blocks to compare with. */
export function seriesOf(experiment: Experiment): SeriesSpecification[] {
  const graph = (block: string | BlockGraph) => (typeof block === 'string' ? presetNamed(block) : block)
  const chosen = experiment.block.flatMap((block) =>
    experiment.remedies.map((remedy) => ({ block: graph(block), remedy })),
  )
  const others = experiment.compare.map((block) => ({ block: graph(block), remedy: 'none' }))
  const isNew = (s: SeriesSpecification) =>
    !chosen.some((c) => c.block.name === s.block.name && c.remedy === 'none')
  return [...chosen, ...others.filter(isNew)]
}

/**
 * Training needs labels: it uses MNIST-1D behind a linear stem (as a sequence where the experiment has it so), whatever the measurement's input
 * is, and replicas of its own number. Images stay, for the trainer to refuse.
 */
export function trainingExperiment(experiment: Experiment): Experiment {
  const { input } = experiment
  return {
    ...experiment,
    input: input === 'images' || input === 'sequence' ? input : 'mnist1d',
    stem: 'linear',
    replicas: experiment.trainReplicas,
    batch: Math.min(experiment.batch, MNIST1D_TRAINING_SAMPLES),
  }
}
