import { parseBlockGraph } from '../block/file'
import { presetNamed } from '../block/presets'
import { InputError, nearest } from '../base/errors'
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
  /** Skip connections where the shape changes: A takes every second position and fills units up with zeros, B is a 1 × 1 convolution (He et al. 2015). */
  shortcut: 'A' | 'B'
  /** What follows the stem's layer. */
  stem?: 'bn-relu'
  /** What comes after the last block, before the mean over positions and the linear layer to the classes. */
  head?: 'bn-relu'
}

export const depthOf = ({ stages }: NetworkSettings) => stages.reduce((sum, { blocks }) => sum + blocks, 0)

const MOST_STAGES = 100
const MOST_BLOCKS = 10_000
const MOST_WIDTH = 16_384

type Fields = Record<string, unknown>

/** Any JSON value to the section. @throws InputError with the path of the field, what is wrong and how to mend it */
export function parseNetwork(value: unknown, where: string): NetworkSettings {
  const document = fieldsOf(value, where, ['stages', 'shortcut', 'stem', 'head'])
  const { stages, shortcut = 'A', stem, head } = document
  if (!Array.isArray(stages) || !stages.length || stages.length > MOST_STAGES) {
    throw new InputError(
      `${where}.stages`,
      `this is not a list of 1 to ${MOST_STAGES} stages`,
      'Give each stage as { "blocks": 3, "width": 16, "stride": 1 }.',
    )
  }
  if (shortcut !== 'A' && shortcut !== 'B') {
    throw new InputError(`${where}.shortcut`, `${show(shortcut)} is not a choice`, 'Give "A" or "B".')
  }
  for (const [key, part] of [
    ['stem', stem],
    ['head', head],
  ] as const) {
    if (part === undefined || part === 'bn-relu') continue
    throw new InputError(
      `${where}.${key}`,
      `${show(part)} is not a choice`,
      'Give "bn-relu", or leave it out.',
    )
  }
  const network: NetworkSettings = {
    stages: stages.map((stage, i) => parseStage(stage, `${where}.stages[${i}]`)),
    shortcut,
    ...(stem === undefined ? {} : { stem: 'bn-relu' }),
    ...(head === undefined ? {} : { head: 'bn-relu' }),
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

function parseStage(value: unknown, where: string): Stage {
  const { blocks, width, stride = 1, block } = fieldsOf(value, where, ['blocks', 'width', 'stride', 'block'])
  if (stride !== 1 && stride !== 2) {
    throw new InputError(`${where}.stride`, `${show(stride)} is not a choice`, 'Give 1 or 2.')
  }
  const own =
    block === undefined
      ? {}
      : {
          block:
            typeof block === 'string'
              ? presetNamed(block, `${where}.block`).name
              : parseBlockGraph(block, `${where}.block`),
        }
  return {
    blocks: wholeNumber(blocks, MOST_BLOCKS, `${where}.blocks`),
    width: wholeNumber(width, MOST_WIDTH, `${where}.width`),
    stride,
    ...own,
  }
}

function wholeNumber(value: unknown, maximum: number, where: string): number {
  const fits = typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= maximum
  if (fits) return value
  throw new InputError(
    where,
    `${show(value)} is not a number that fits`,
    `Give a whole number from 1 to ${maximum}.`,
  )
}

function fieldsOf(value: unknown, where: string, keys: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InputError(where, `${show(value)} is not an object`, `Give an object with ${keys.join(', ')}.`)
  }
  for (const key of Object.keys(value)) {
    if (keys.includes(key)) continue
    const near = nearest(key, keys)
    throw new InputError(
      `${where}.${key}`,
      'there is no such field',
      near ? `Did you mean "${near}"?` : `The fields are ${keys.join(', ')}.`,
    )
  }
  const fields: Fields = {}
  for (const key of keys) fields[key] = Object.hasOwn(value, key) ? (value as Fields)[key] : undefined
  return fields
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
