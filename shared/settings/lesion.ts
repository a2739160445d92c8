import { choice, settingsOf, trueOrFalse, wholeNumber } from '../base/check'

/** What is done to each block in turn: it becomes the identity, runs twice, or changes places with the next one. */
export const KINDS = ['delete', 'duplicate', 'exchange'] as const

export type LesionKind = (typeof KINDS)[number]

/**
 * Which network's statistics norms over the batch take in trained networks with changed blocks: those that the intact
 * network keeps (its running statistics), or those of the changed network, taken anew.
 */
export const LESION_STATISTICS = ['intact', 'changed'] as const

export type LesionStatistics = (typeof LESION_STATISTICS)[number]

export const STATISTICS_WORDS = 'intact or changed'

export const MOST_DRAWS = 200

export const KIND_WORDS = 'delete, duplicate or exchange'

/** How the lesion view looks at the networks; part of the experiment's document. */
export interface LesionSettings {
  /** What is done to every block in turn. */
  kind: LesionKind
  /** Random choices for each number of deleted blocks. */
  draws: number
  /** Networks of each curve: fewer than are measured, since every lesion is a pass through the network. */
  replicas: number
  /** Samples that go through the networks together. */
  batch: number
  /** Trains the networks first, as the experiment says; then the data set's samples go through them. */
  training: boolean
  /** Of trained networks. */
  statistics: LesionStatistics
}

export function defaultLesionSettings(): LesionSettings {
  return { kind: 'delete', draws: 5, replicas: 5, batch: 64, training: false, statistics: 'intact' }
}

/** The whole numbers' bounds; the fields on the screen have the same. */
export const LESION_RANGES = {
  draws: { minimum: 1, maximum: MOST_DRAWS },
  replicas: { minimum: 1, maximum: 1000 },
  batch: { minimum: 1, maximum: 4000 },
} as const

/** As it stands in an experiment's document; absent settings take their defaults. @throws InputError */
export function parseLesionSettings(value: unknown, where: string): LesionSettings {
  const given = settingsOf(value, where, defaultLesionSettings(), {
    what: 'these are not settings of lesions (a JSON object)',
    hint: 'Remove them for the defaults.',
  })
  const { kind, draws, replicas, batch, training, statistics } = given
  const count = (number: unknown, key: keyof typeof LESION_RANGES) =>
    wholeNumber(number, `${where}.${key}`, LESION_RANGES[key], { misfit: 'is not a number that fits' })
  return {
    training: trueOrFalse(training, `${where}.training`),
    statistics: choice(statistics, `${where}.statistics`, LESION_STATISTICS, `Give ${STATISTICS_WORDS}.`),
    kind: choice(kind, `${where}.kind`, KINDS, `Give ${KIND_WORDS}.`),
    draws: count(draws, 'draws'),
    replicas: count(replicas, 'replicas'),
    batch: count(batch, 'batch'),
  }
}
