import type { Figure, Group, Training } from './figures.mjs'

/** A figure with the series that was trained for it; null: none was. */
export interface FigureOutcome {
  group: Group
  training: Training
  figure: Figure
  series: object | null
  isWithin: boolean | null
}

type Documents = ReadonlyMap<string, object>

export function outcomesOf(documents: Documents): FigureOutcome[]
export function report(outcomes: readonly FigureOutcome[], documents: Documents, earlier?: string): string
