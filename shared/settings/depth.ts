import { choice, listOf, settingsOf, wholeNumber } from '../base/check'

/** Which networks are trained at every depth: residual ones, plain ones (the skip connection removed), or both. */
export const DEPTH_SKIPS = ['both', 'on', 'off'] as const

export type DepthSkip = (typeof DEPTH_SKIPS)[number]

/** How networks of several depths are compared; part of the experiment's document. */
export interface DepthSettings {
  /** Numbers of blocks, ascending, each once. */
  depths: number[]
  skip: DepthSkip
}

export const MOST_DEPTHS = 50

/** Deeper networks than this are not trained. */
export const DEEPEST_TRAINED = 1000

export function defaultDepth(): DepthSettings {
  return { depths: [2, 6, 10, 20], skip: 'both' }
}

/** As they stand in an experiment's document; absent settings take their defaults. @throws InputError */
export function parseDepthSection(value: unknown, where: string): DepthSettings {
  const settings = settingsOf(value, where, defaultDepth(), {
    what: 'these are not settings of depth (a JSON object)',
    hint: 'Remove them for the defaults.',
    unknown: 'depth has no such setting',
    plural: 'settings',
  })
  return parseDepth(settings, (key) => `${where}.${key}`)
}

/**
 * Any values to valid settings: depths in ascending order, each once.
 * @param name how error messages call a setting
 * @throws InputError
 */
export function parseDepth(
  { depths, skip }: Record<keyof DepthSettings, unknown>,
  name: (key: keyof DepthSettings) => string = (key) => `--${key}`,
): DepthSettings {
  const given = listOf(depths, name('depths'), {
    least: 1,
    most: MOST_DEPTHS,
    what: `this is not a list of 1 to ${MOST_DEPTHS} depths`,
    hint: 'Give numbers of blocks with commas between them, for example 2,6,10,20,30.',
  })
  const bounds = { minimum: 1, maximum: DEEPEST_TRAINED }
  const words = { kind: 'a whole number of blocks' }
  const numbers = given.map((depth) => wholeNumber(depth, name('depths'), bounds, words))
  return {
    depths: [...new Set(numbers)].sort((a, b) => a - b),
    skip: choice(skip, name('skip'), DEPTH_SKIPS, 'Give both, on or off.'),
  }
}
