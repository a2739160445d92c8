import { settingsOf, wholeNumber } from '../base/check'
import { InputError } from '../base/errors'
import { remedyNamed } from '../block/remedies'

export interface OrderSettings {
  /** Names of presets, or of the experiment's own (drawn) blocks. */
  blocks: string[]
  remedies: string[]
  /** Number of seeds, from the experiment's on; each draws the experiment's replicas anew. */
  seeds: number
  /** Whether the networks are trained as well. */
  train: boolean
}

export const MOST_SEEDS = 100

const MOST_BLOCKS = 100

export const THREE_TYPES = ['linear-relu', 'relu-linear', 'practical']

export const HE_2016 = [
  'original',
  'bn-after-addition',
  'relu-before-addition',
  'relu-only-preactivation',
  'full-preactivation',
]

/** What the view opens on. */
export function defaultOrder(): OrderSettings {
  return { blocks: [...THREE_TYPES, ...HE_2016], remedies: ['none', 'rsqrt2'], seeds: 1, train: false }
}

/** The settings as they stand in an experiment's document; absent ones take their defaults. @throws InputError */
export function parseOrderSection(value: unknown, where: string): OrderSettings {
  const { blocks, remedies, seeds, train } = settingsOf(value, where, defaultOrder(), {
    what: 'this is no set of orderings (a JSON object)',
    hint: 'Remove it for the default.',
    unknown: 'a set of orderings has no such field',
  })
  const names = namesIn(blocks, `${where}.blocks`, 'orderings', `from 1 to ${MOST_BLOCKS} names of blocks`)
  if (names.length > MOST_BLOCKS) {
    throw new InputError(
      `${where}.blocks`,
      `${names.length} orderings are too many`,
      `Give at most ${MOST_BLOCKS}.`,
    )
  }
  const chosen = namesIn(
    remedies,
    `${where}.remedies`,
    'remedies',
    'at least one; "none" is the block as drawn',
  )
  if (typeof train !== 'boolean') {
    throw new InputError(`${where}.train`, 'this is neither true nor false', 'Give true or false.')
  }
  return {
    blocks: names,
    remedies: chosen.map((name) => remedyNamed(name, `${where}.remedies`).name),
    seeds: wholeNumber(
      seeds,
      `${where}.seeds`,
      { minimum: 1, maximum: MOST_SEEDS },
      { misfit: 'is not a number of seeds' },
    ),
    train,
  }
}

/** Each name once. @throws InputError */
function namesIn(value: unknown, where: string, what: string, hint: string): string[] {
  const isList =
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((name) => typeof name === 'string' && name !== '' && name.length <= 200)
  if (!isList) throw new InputError(where, `this is not a list of ${what}`, `Give ${hint}.`)
  return [...new Set(value as string[])]
}
