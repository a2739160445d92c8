import type { Augmentation } from '../data/augment'
import type { InputKind } from '../data/batch'
import type { DataDescription } from '../data/description'
import type { Initialisation } from '../graph/initialisation'
import type { DepthSettings } from './depth'
import type { DraftSection } from './draft'
import type { BlockGraph } from '../graph/block-graph'
import type { LesionSettings } from './lesion'
import type { OrderSettings } from './order'
import type { SweepSettings } from './sweep-section'
import type { ShatterSettings } from './shatter'
import type { PathSettings } from './paths'
import type { NetworkSettings } from './network'

/** What single views and commands ask beyond the settings, each an object of its own; absent: the view's defaults. */
export interface Sections {
  /** Describes the user's own data set, where that is the chosen one. */
  ownData?: DataDescription
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
  /** Which depths are trained, residual or plain. */
  depth?: DepthSettings
  /** Settings that are gone through, and what is done at each of their values. */
  sweep?: SweepSettings
  /** The block being edited, where the chosen block does not say it: not valid yet, or a preset laid out by hand. */
  draft?: DraftSection
}

/** An experiment is a value: this document says all. The UI edits it, the command line runs it, a file shares it. */
export interface Experiment extends Sections, Augmentation {
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
  init: Initialisation['init']
  gain: number
  input: InputKind
  stem: 'none' | 'linear'
  skip: 'on' | 'off'
  seed: number
  /** The name of a data set: one that the program knows, or the one that `ownData` describes. */
  data: string
  optimizer: 'sgd' | 'adam' | 'adamw' | 'rmsprop'
  learningRate: number
  momentum: number
  nesterov: 'off' | 'on'
  beta2: number
  epsilon: number
  weightDecay: number
  clip: number
  labelSmoothing: number
  schedule: 'constant' | 'step' | 'cosine' | 'one-cycle'
  milestones: number[]
  decay: number
  warmup: number
  steps: number
  epochs: number
  trainReplicas: number
  evaluateEvery: number
  patience: number
  batchStatistics: 'training' | 'evaluated'
  shattering: 'off' | 'on'
}

export type SectionKey = keyof Sections

export type SettingKey = Exclude<keyof Experiment, 'version' | SectionKey>

/** Names of all remedies that an experiment has anything to do with. */
export const remediesOf = ({ remedies, order }: Pick<Experiment, 'remedies' | 'order'>): string[] => [
  ...new Set([...remedies, ...(order?.remedies ?? [])]),
]
