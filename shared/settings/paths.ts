import { choice, settingsOf, trueOrFalse, wholeNumber } from '../base/check'

/** How the view of paths looks at the networks. The depth of its second page is the experiment's. */
export interface PathSettings {
  /** The unravelled network with its terms, or gradient energy by path length. */
  show: 'unravelled' | 'lengths'
  /** Blocks that are drawn. */
  blocks: number
  /** Width of the networks: small, since Jacobians are matrices. */
  width: number
  /** What is written out: dy/df1, dy/dx, or the output. */
  formula: 'f1' | 'x' | 'y'
  /** How terms of each length are measured; `all` gives way to `sample` beyond what can be listed. */
  terms: 'all' | 'length' | 'sample'
  /** One network that is trained first, as the experiment says, next to itself at initialisation. */
  training: boolean
}

/** Fewest and most blocks whose derivative is written out, term by term. */
export const FEWEST_FORMULA_BLOCKS = 2
export const MOST_FORMULA_BLOCKS = 6
export const FEWEST_PATH_WIDTH = 2
export const MOST_PATH_WIDTH = 256

export function defaultPaths(): PathSettings {
  return { show: 'unravelled', blocks: 4, width: 16, formula: 'f1', terms: 'all', training: false }
}

/** The settings as they stand in an experiment's document; absent ones take their defaults. @throws InputError */
export function parsePathSettings(value: unknown, where: string): PathSettings {
  const { show, blocks, width, formula, terms, training } = settingsOf(value, where, defaultPaths(), {
    what: 'these are not settings of paths (a JSON object)',
    hint: 'Remove them for the defaults.',
  })
  return {
    training: trueOrFalse(training, `${where}.training`),
    show: choice(show, `${where}.show`, ['unravelled', 'lengths']),
    blocks: wholeNumber(blocks, `${where}.blocks`, FORMULA_BLOCKS, MISFIT),
    width: wholeNumber(width, `${where}.width`, WIDTHS, MISFIT),
    formula: choice(formula, `${where}.formula`, ['f1', 'x', 'y']),
    terms: choice(terms, `${where}.terms`, ['all', 'length', 'sample']),
  }
}

const FORMULA_BLOCKS = { minimum: FEWEST_FORMULA_BLOCKS, maximum: MOST_FORMULA_BLOCKS }
const WIDTHS = { minimum: FEWEST_PATH_WIDTH, maximum: MOST_PATH_WIDTH }
const MISFIT = { misfit: 'does not fit' }
