import { InputError } from '../base/errors'
import { MOST_FORMULA_BLOCKS, FEWEST_FORMULA_BLOCKS } from '../paths/formula'

/** How the view of paths looks at the networks. The depth of its second page is the experiment's. */
export interface PathSettings {
  /** The unravelled network with its terms, or gradient energy by path length. */
  show: 'unravelled' | 'lengths'
  /** Blocks that are drawn. */
  blocks: number
  /** Width of the networks: small, since Jacobians are matrices. */
  width: number
  /** What is written out: dy/df1 as in the notes, dy/dx, or the output. */
  formula: 'f1' | 'x' | 'y'
  /** How terms of each length are measured; `all` gives way to `sample` beyond what can be listed. */
  terms: 'all' | 'length' | 'sample'
  /** One network that is trained first, as the experiment says, next to itself at initialisation. */
  training: boolean
}

export const FEWEST_PATH_WIDTH = 2
export const MOST_PATH_WIDTH = 256

export function defaultPaths(): PathSettings {
  return { show: 'unravelled', blocks: 4, width: 16, formula: 'f1', terms: 'all', training: false }
}

/** The settings as they stand in an experiment's document; absent ones take their defaults. @throws InputError */
export function parsePathSettings(value: unknown, where: string): PathSettings {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InputError(
      where,
      'these are not settings of paths (a JSON object)',
      'Remove them for the defaults.',
    )
  }
  const given = { ...defaultPaths(), ...(value as Record<string, unknown>) }
  const { show, blocks, width, formula, terms, training } = given
  if (typeof training !== 'boolean') {
    throw new InputError(
      `${where}.training`,
      `${textOf(training)} is neither true nor false`,
      'Give true or false.',
    )
  }
  return {
    show: choice(show, ['unravelled', 'lengths'], `${where}.show`),
    blocks: whole(blocks, FEWEST_FORMULA_BLOCKS, MOST_FORMULA_BLOCKS, `${where}.blocks`),
    width: whole(width, FEWEST_PATH_WIDTH, MOST_PATH_WIDTH, `${where}.width`),
    formula: choice(formula, ['f1', 'x', 'y'], `${where}.formula`),
    terms: choice(terms, ['all', 'length', 'sample'], `${where}.terms`),
    training,
  }
}

function choice<T extends string>(value: unknown, choices: readonly T[], where: string): T {
  const found = choices.find((one) => one === value)
  if (found !== undefined) return found
  throw new InputError(where, `${textOf(value)} is not a choice`, `Give one of ${choices.join(', ')}.`)
}

function whole(value: unknown, least: number, most: number, where: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
  throw new InputError(
    where,
    `${textOf(value)} does not fit`,
    `Give a whole number from ${least} to ${most}.`,
  )
}

const textOf = (value: unknown) => (JSON.stringify(value) ?? String(value)).slice(0, 60)
