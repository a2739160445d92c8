import { formatNumber } from '../../../shared/base/format'
import {
  hasPositions,
  isRegression,
  valuesOf,
  type DataDescription,
  type Labels,
  type Target,
} from '../../../shared/data/description'

/**
 * How samples are drawn: as pictures, as curves, as points of the plane (two values, or one value and its target), or
 * as rows of a table.
 */
export type SampleKind = 'image' | 'curve' | 'point' | 'row'

export function sampleKind(description: Pick<DataDescription, 'shape' | 'targets'>): SampleKind {
  if (hasPositions(description)) return description.shape.rows > 1 ? 'image' : 'curve'
  const values = valuesOf(description)
  return values === 2 || (values === 1 && isRegression(description)) ? 'point' : 'row'
}

/** Points that are drawn at once. */
export const MOST_POINTS = 2000
/** Values of a sample that have a column. */
export const MOST_COLUMNS = 64

/** What a class is called, with its number where it has a word of its own. */
export function className({ classNames }: Pick<DataDescription, 'classNames'>, label: number): string {
  const word = classNames?.[label]
  return word === undefined || word === String(label) ? String(label) : word
}

/** A target with its unit, where that is known. */
export const targetName = ({ name, unit }: Target): string =>
  unit === undefined ? name : `${name} (${unit})`

/** Targets of a sample that are written out. */
const MOST_WRITTEN = 3

/** What sample i of the labels is labelled with: its class, or the first of its targets in their own units. */
export function labelText(
  description: Pick<DataDescription, 'classNames' | 'targets'>,
  labels: Labels,
  i: number,
): string {
  const { targets } = description
  if (!targets) return className(description, labels[i])
  const own = [...labels.subarray(i * targets.length, (i + 1) * targets.length)]
  const unit = targets.length === 1 && targets[0].unit !== undefined ? ` ${targets[0].unit}` : ''
  return (
    own
      .slice(0, MOST_WRITTEN)
      .map((value) => formatNumber(value))
      .join(', ') + (own.length > MOST_WRITTEN ? ', …' : unit)
  )
}

/** What labels are called over a column or before a label. */
export const labelTitle = ({ targets }: Pick<DataDescription, 'targets'>): string =>
  targets ? (targets.length === 1 ? targetName(targets[0]) : 'targets') : 'class'
