import { InputError } from '../base/errors'
import { KINDS, KIND_WORDS, MOST_DRAWS, type LesionKind } from '../lesion/lesion'

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
  /** Trains the networks first, as the experiment says; then MNIST-1D's test samples go through them. */
  training: boolean
}

export function defaultLesionSettings(): LesionSettings {
  return { kind: 'delete', draws: 5, replicas: 5, batch: 64, training: false }
}

/** The whole numbers' bounds; the fields on the screen have the same. */
export const LESION_RANGES = {
  draws: { minimum: 1, maximum: MOST_DRAWS },
  replicas: { minimum: 1, maximum: 1000 },
  batch: { minimum: 1, maximum: 4000 },
} as const

/** As it stands in an experiment's document; absent settings take their defaults. @throws InputError */
export function parseLesionSettings(value: unknown, where: string): LesionSettings {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InputError(
      where,
      'these are not settings of lesions (a JSON object)',
      'Remove them for the defaults.',
    )
  }
  const settings = { ...defaultLesionSettings(), ...(value as Partial<LesionSettings>) }
  const { kind, draws, replicas, batch, training } = settings
  if (typeof training !== 'boolean') {
    throw new InputError(
      `${where}.training`,
      `${show(training)} is neither true nor false`,
      'Give true or false.',
    )
  }
  if (!KINDS.includes(kind)) {
    throw new InputError(`${where}.kind`, `${show(kind)} is not a choice`, `Give ${KIND_WORDS}.`)
  }
  for (const [key, number] of Object.entries({ draws, replicas, batch })) {
    const { minimum, maximum } = LESION_RANGES[key as keyof typeof LESION_RANGES]
    if (Number.isInteger(number) && number >= minimum && number <= maximum) continue
    throw new InputError(
      `${where}.${key}`,
      `${show(number)} is not a number that fits`,
      `Give a whole number from ${minimum} to ${maximum}.`,
    )
  }
  return { kind, draws, replicas, batch, training }
}

const show = (value: unknown) => (JSON.stringify(value) ?? String(value)).slice(0, 60)
