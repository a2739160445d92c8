/** Lowest and highest error in percent. */
type Range = readonly [number, number]

export interface Figure {
  remedy: string
  name: string
  expected: { train?: Range; test?: Range; lostWithin?: number }
}

export interface Training {
  id: string
  options: Record<string, string | number>
  figures: readonly Figure[]
}

export interface Group {
  id: string
  title: string
  source: string
  options: Record<string, string | number>
  trainings: readonly Training[]
}

export const TOLERANCE: number
export const GROUPS: readonly Group[]
export function argumentsOf(group: Group, training: Training): string[]
