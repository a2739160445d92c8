import { parseBlockGraph } from '../block/file'
import { presetNamed } from '../block/presets'
import { choice, knownFields, listOf, objectOf, show, wholeNumber } from '../base/check'
import { InputError } from '../base/errors'
import type { BlockGraph } from '../graph/block-graph'

/** Blocks of one width in a row. */
export interface Stage {
  blocks: number
  width: number
  /** 2: the stage's first block halves the grid. */
  stride: 1 | 2
  /** Absent: the curve's own. A string names a preset. */
  block?: string | BlockGraph
}

/** A network that is more than one block repeated; it decides the experiment's depth and width. */
export interface NetworkSettings {
  stages: Stage[]
  /**
   * Skip connections where the shape changes: A takes every second position and fills units up with zeros, B is a
   * 1 × 1 convolution (He et al. 2015).
   */
  shortcut: 'A' | 'B'
  /** What follows the stem's layer. */
  stem?: 'bn-relu'
  /**
   * What comes after the last block, before the mean over positions and the linear layer to the classes. A ReLU alone
   * stands in the notebooks of Prince 2023, chapter 11; behind a norm in He et al. 2016.
   */
  head?: 'bn-relu' | 'relu'
}

export const depthOf = ({ stages }: NetworkSettings) => stages.reduce((sum, { blocks }) => sum + blocks, 0)

const STEMS = ['bn-relu'] as const
const HEADS = ['bn-relu', 'relu'] as const
const MOST_STAGES = 100
const MOST_BLOCKS = 10_000
const MOST_WIDTH = 16_384

/** Any JSON value to the section. @throws InputError with the path of the field, what is wrong and how to mend it */
export function parseNetwork(value: unknown, where: string): NetworkSettings {
  const {
    stages,
    shortcut = 'A',
    stem,
    head,
  } = fieldsOf(value, where, ['stages', 'shortcut', 'stem', 'head'])
  const list = listOf(stages, `${where}.stages`, {
    least: 1,
    most: MOST_STAGES,
    what: `this is not a list of 1 to ${MOST_STAGES} stages`,
    hint: 'Give each stage as { "blocks": 3, "width": 16, "stride": 1 }.',
  })
  const network: NetworkSettings = {
    stages: list.map((stage, i) => parseStage(stage, `${where}.stages[${i}]`)),
    shortcut: choice(shortcut, `${where}.shortcut`, ['A', 'B']),
    ...(stem === undefined
      ? {}
      : { stem: choice(stem, `${where}.stem`, STEMS, 'Give "bn-relu", or leave it out.') }),
    ...(head === undefined
      ? {}
      : { head: choice(head, `${where}.head`, HEADS, 'Give "bn-relu" or "relu", or leave it out.') }),
  }
  if (depthOf(network) > MOST_BLOCKS) {
    throw new InputError(
      `${where}.stages`,
      `they have ${depthOf(network)} blocks together`,
      `Give at most ${MOST_BLOCKS}.`,
    )
  }
  return network
}

const MISFIT = { misfit: 'is not a number that fits' }

function parseStage(value: unknown, where: string): Stage {
  const { blocks, width, stride = 1, block } = fieldsOf(value, where, ['blocks', 'width', 'stride', 'block'])
  return {
    blocks: wholeNumber(blocks, `${where}.blocks`, { minimum: 1, maximum: MOST_BLOCKS }, MISFIT),
    width: wholeNumber(width, `${where}.width`, { minimum: 1, maximum: MOST_WIDTH }, MISFIT),
    stride: choice(stride, `${where}.stride`, [1, 2]),
    ...(block === undefined ? {} : { block: blockOf(block, `${where}.block`) }),
  }
}

const blockOf = (value: unknown, where: string) =>
  typeof value === 'string' ? presetNamed(value, where).name : parseBlockGraph(value, where)

function fieldsOf<Key extends string>(value: unknown, where: string, keys: readonly Key[]) {
  const object = objectOf(
    value,
    where,
    `${show(value)} is not an object`,
    `Give an object with ${keys.join(', ')}.`,
  )
  return knownFields(object, where, keys)
}
