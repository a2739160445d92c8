import type { Group } from './figures.mjs'
import type { FigureOutcome } from './report.mjs'

export function curvesPicture(group: Group, outcomes: readonly FigureOutcome[]): string
