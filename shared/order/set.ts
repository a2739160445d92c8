/*
 * What the ordering lab compares: a set of blocks × remedies × seeds, measured (and trained) pairwise alike. Everything
 * else (depth, width, initialisation, input) is the experiment's own.
 */
import { type OrderSettings, THREE_TYPES, HE_2016 } from '../settings/order'
import { PRESETS } from '../block/presets'
import { convolutional } from '../block/convolutional'
import { inputData, isGridData } from '../data/batch'
import type { DataChoice } from '../data/data-sets'
import type { Experiment } from '../settings/experiment'
import { shortTitle } from '../network/series-names'
import type { BlockGraph } from '../graph/block-graph'

type Input = Pick<Experiment, 'input'> & DataChoice
type Blocks = Pick<Experiment, 'block' | 'compare'> & Input

/** A preset as it is compared: with convolutions for layers where the input has positions. */
function fitted(preset: BlockGraph, input: Input): BlockGraph | string {
  if (input.input === 'images') return convolutional(preset, 2)
  if (!isGridData(input)) return preset.name
  return convolutional(preset, inputData(input).shape.rows > 1 ? 2 : 1)
}

const nameOf = (block: BlockGraph | string) => (typeof block === 'string' ? block : block.name)

/** The experiment's own blocks: drawn, not presets and not their convolutions. */
export function ownBlocks({ block, compare, ...input }: Blocks): BlockGraph[] {
  const known = PRESETS.map((preset) => nameOf(fitted(preset, input)))
  return [...block, ...compare].filter(
    (one): one is BlockGraph => typeof one !== 'string' && !known.includes(one.name),
  )
}

/** The set's blocks, in its order; names that are neither a preset nor an own block are given apart. */
export function orderedBlocks(
  order: OrderSettings,
  experiment: Blocks,
): { blocks: (string | BlockGraph)[]; missing: string[] } {
  const own = ownBlocks(experiment)
  const find = (name: string) => {
    const preset = PRESETS.find((one) => one.name === name)
    return own.find((block) => block.name === name) ?? (preset ? fitted(preset, experiment) : null)
  }
  const found = order.blocks.map((name) => ({ name, block: find(name) }))
  return {
    blocks: found.flatMap(({ block }) => (block === null ? [] : [block])),
    missing: found.filter(({ block }) => block === null).map(({ name }) => name),
  }
}

/** The name by which a set knows a block: a preset's own also for its convolutions, which it has where they fit. */
export function orderingName(
  block: BlockGraph | string,
  input: Experiment['input'],
  choice: DataChoice = {},
): string {
  const name = nameOf(block)
  return PRESETS.find((preset) => nameOf(fitted(preset, { ...choice, input })) === name)?.name ?? name
}

/** One experiment for each seed: the same series, so that those of one seed are paired. */
export function orderExperiments(experiment: Experiment, order: OrderSettings): Experiment[] {
  const { blocks } = orderedBlocks(order, experiment)
  const { order: _set, ...rest } = experiment
  return Array.from({ length: order.seeds }, (_, i) => ({
    ...rest,
    block: blocks,
    compare: [],
    remedies: order.remedies,
    seed: (experiment.seed + i) % 2 ** 32,
  }))
}

export interface OrderPreset {
  name: string
  title: string
  definition: string
  /** Empty: there is nothing to choose, for instance no own block. */
  blocks: string[]
}

/** Sets at one press. */
export function orderPresets(experiment: Blocks): OrderPreset[] {
  const own = ownBlocks(experiment).map(({ name }) => name)
  const presets = PRESETS.map(({ name }) => name)
  return [
    {
      name: 'types',
      title: 'Three types',
      definition: 'The three block types of Understanding Deep Learning, figure 11.5.',
      blocks: THREE_TYPES,
    },
    {
      name: 'he-2016',
      title: 'He et al. 2016',
      definition: 'The five orderings of He et al. 2016, figure 4.',
      blocks: HE_2016,
    },
    {
      name: 'own',
      title: 'Own blocks',
      definition: own.length
        ? 'The blocks of this experiment that are no presets.'
        : 'This experiment has no block of its own yet: draw one, or open a file that holds one.',
      blocks: own,
    },
    {
      name: 'all',
      title: 'All',
      definition: 'Every preset, and the experiment’s own blocks.',
      blocks: [...new Set([...presets, ...own])],
    },
  ]
}

/**
 * "Type 2" of "Type 2: ReLU, then linear, convolutions": that all of a set have convolutions is said by the
 * experiment's input.
 */
export const orderingTitle = (title: string): string =>
  shortTitle(title.replace(/, (1-D )?convolutions$/, ''))
