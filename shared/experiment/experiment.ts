import { inputData, isGridData, usesData } from '../data/batch'
import { describedData } from '../data/data-sets'
import { isRegression, type DataDescription } from '../data/description'
import { parseOwnData } from '../settings/own-data'
import { SECTIONS } from '../settings/sections'
import { checkSetting } from '../settings/check-setting'
import { SETTINGS, defaultExperiment, defaultOf, setting } from '../settings/table'
import type { SettingKey, Experiment } from '../settings/experiment'
import { checkAugmentation } from './augmentation'
import { presetNamed } from '../block/presets'
import { knownFields, objectOf, versionOne } from '../base/check'
import { InputError } from '../base/errors'
import { finalBlock, inputShape, planNetwork } from '../network/plan'
import { trainingSteps } from '../network/schedule'
import { depthOf } from '../settings/network'
import { positions } from '../numerics/shape'

/** What the workbench opens on: the three block types, and for type 2 1/√2 and batch normalisation as remedies. */
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
  const what = 'this is not an experiment (a JSON object)'
  const { version, ...document } = objectOf(
    value,
    where,
    what,
    'Save one from the workbench to see the form.',
  )
  versionOne(version, where)
  const keys = [...SETTINGS, ...SECTIONS].map((s) => s.key)
  const words = { unknown: 'there is no such setting', plural: 'settings' }
  const given = knownFields(document, where, keys, words)
  const experiment = { version: 1 } as Record<string, unknown>
  const described = given.ownData === undefined ? null : parseOwnData(given.ownData, `${where}.ownData`).name
  for (const s of SETTINGS) {
    const own = given[s.key]
    const isOwnData = s.key === 'data' && own === described
    experiment[s.key] =
      own === undefined ? defaultOf(s) : isOwnData ? own : checkSetting(s, own, at(where, s.key))
  }
  for (const { key, parse } of SECTIONS) {
    const own = given[key]
    if (own !== undefined) experiment[key] = parse(own, `${where}.${key}`)
  }
  return checkTogether(experiment as unknown as Experiment, where)
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
  const { input, stem, width, block, compare, remedies } = experiment
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
      data: `a sample has ${units} values`,
      'data-grid': `a sample has ${units} ${units === 1 ? 'channel' : 'channels'}`,
    }[input]
    throw new InputError(
      at(where, 'stem'),
      `${values} and the network is ${width} wide`,
      `Use stem "linear", or width ${units}.`,
    )
  }
  if (usesData(experiment)) checkBatch(experiment, inputData(experiment), where)
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

function checkConvolutions(experiment: Experiment, where: string): void {
  const { block, compare, network } = experiment
  const grid = inputShape(experiment)
  const stages = network?.stages.flatMap((stage) => stage.block ?? []) ?? []
  for (const one of [...block, ...compare, ...stages]) {
    const { name, nodes } = typeof one === 'string' ? presetNamed(one) : one
    const has = (op: string) => nodes.some((node) => node.op === op)
    if (has('conv-2d') && grid.rows === 1) {
      throw new InputError(
        at(where, 'input'),
        `block "${name}" has 2-D convolutions, and this input has no rows and columns`,
        'Use input "images".',
      )
    }
    if (has('conv-1d') && positions(grid) === 1) {
      throw new InputError(
        at(where, 'input'),
        `block "${name}" has convolutions, and this input has no positions`,
        'Use input "sequence", or "images".',
      )
    }
  }
}

/**
 * An experiment on the data that networks are trained on, whatever it was measured on: samples as vectors behind a
 * linear stem, or where a block has convolutions, with their positions behind a convolutional one. Gaussian images
 * stay where nothing but MNIST-1D is chosen, for the trainer to refuse.
 */
export function withLabels(experiment: Experiment): Experiment {
  const { input, data } = experiment
  const isGrid = hasConvolutions(experiment) || input === 'sequence' || isGridData(experiment)
  if (data !== 'mnist1d') return { ...experiment, input: isGrid ? 'data-grid' : 'data', stem: 'linear' }
  if (input === 'images') return { ...experiment, stem: 'linear' }
  return { ...experiment, input: isGrid ? 'sequence' : 'mnist1d', stem: 'linear' }
}

function hasConvolutions({ block, compare, network }: Experiment): boolean {
  const own = network?.stages.flatMap((stage) => stage.block ?? []) ?? []
  return [...block, ...compare, ...own].some((one) => {
    const { nodes } = typeof one === 'string' ? presetNamed(one) : one
    return nodes.some(({ op }) => op === 'conv-1d' || op === 'conv-2d')
  })
}

/** @throws InputError where there is nothing to train on */
export function checkLabels({ input }: Experiment, where = 'input'): void {
  if (input !== 'images') return
  throw new InputError(
    where,
    'Gaussian images have no labels to train on',
    'Choose images that have, such as the data set "digits", or measure these networks only.',
  )
}

/** @throws InputError where a training's batch would hold more than all its samples, or they cannot be augmented so */
export function checkTrainingBatch(experiment: Experiment, where: string): void {
  checkBatch(experiment, describedData(experiment), where)
  checkTrainingSamples(experiment, where)
}

/** @throws InputError where training samples have no axis for their augmentation, or no labels to smooth */
export function checkTrainingSamples(experiment: Experiment, where: string): void {
  checkAugmentation(experiment, (key) => at(where, key))
  const description = describedData(experiment)
  if (!experiment.labelSmoothing || !isRegression(description)) return
  throw new InputError(
    at(where, 'labelSmoothing'),
    `${description.title} has real targets, and no labels to smooth`,
    'Set it to 0, or choose a data set with classes.',
  )
}

function checkBatch({ batch }: Experiment, { title, training }: DataDescription, where: string): void {
  if (batch <= training) return
  throw new InputError(
    at(where, 'batch'),
    `${title} has ${training} training samples, not ${batch}`,
    `Give at most ${training}.`,
  )
}

/**
 * The experiment as it is trained: on data with labels, with replicas of its own number, a batch of no more than all
 * samples, and the steps that its epochs make.
 */
export function trainingExperiment(experiment: Experiment): Experiment {
  const batch = Math.min(experiment.batch, describedData(experiment).training)
  return {
    ...withLabels(experiment),
    replicas: experiment.trainReplicas,
    batch,
    steps: trainingSteps({ ...experiment, batch }),
  }
}
