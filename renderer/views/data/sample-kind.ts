import { hasPositions, valuesOf, type DataDescription } from '../../../shared/data/description'

/** How samples are drawn: as pictures, as curves, as points of the plane, or as rows of a table. */
export type SampleKind = 'image' | 'curve' | 'point' | 'row'

export function sampleKind(description: Pick<DataDescription, 'shape'>): SampleKind {
  if (hasPositions(description)) return description.shape.rows > 1 ? 'image' : 'curve'
  return valuesOf(description) === 2 ? 'point' : 'row'
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
