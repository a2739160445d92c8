import type { AxisKind } from '../charts/axis'

/** What a person chooses of how curves are drawn. */
export interface FigureChoices {
  /** Of values over blocks; other axes follow from the values. */
  axis: AxisKind
  statistic: 'mean' | 'median'
  /** Of a training's charts over blocks: after so many updates; null: after the last. */
  step: number | null
}

export const DEFAULT_CHOICES: FigureChoices = { axis: 'log2', statistic: 'mean', step: null }
