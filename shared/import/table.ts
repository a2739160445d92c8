import { counted } from '../base/format'
import type { ExpectedArray } from './expected'
import type { Matching } from './match'

/** One array, shape by shape. */
export interface MatchRow {
  /** In the file. */
  tensor: string
  shape: number[]
  type: string
  /** The lab's name, and its shape there: weights are [window × in, out]. */
  parameter: string
  labShape: [number, number]
  /** What told which it is: its name, or the order of layers of one shape. */
  by: 'name' | 'order'
  /** Whether it lies the other way round in the file: [out, in, …window]. */
  transposed: boolean
}

/** What matched, and what is left over on both sides. */
export interface MatchTable {
  rows: MatchRow[]
  /** Arrays of the network that are not in the file; `needed`: its output depends on them. */
  missing: { parameter: string; labShape: [number, number]; needed: boolean }[]
  /** Tensors of the file that nothing is taken from. */
  unused: { tensor: string; shape: number[]; type: string }[]
}

/** What matched of a file, in the order of the network. */
export function matchTable({ matches, missing, unneeded, unused }: Matching): MatchTable {
  const labShape = ({ rows, columns }: ExpectedArray): [number, number] => [rows, columns]
  const left = (needed: boolean) => (array: ExpectedArray) => ({
    ...{ parameter: array.source, labShape: labShape(array), needed },
  })
  return {
    rows: matches.map(({ tensor, array, by, isTransposed }) => ({
      ...{ tensor: tensor.name, shape: [...tensor.shape], type: tensor.type },
      ...{ parameter: array.source, labShape: labShape(array), by, transposed: isTransposed },
    })),
    missing: [...missing.map(left(true)), ...unneeded.map(left(false))],
    // What no layer reads is a number of the file's own computation.
    unused: unused
      .filter(({ layer }) => layer !== null)
      .map(({ name, shape, type }) => ({ tensor: name, shape: [...shape], type })),
  }
}

/** "26 arrays by name, 2 by order of layers; 13 transposed from [out, in]; 3 tensors are left over". */
export function tableWords({ rows, missing, unused }: MatchTable): string {
  const [byName, byOrder] = (['name', 'order'] as const).map(
    (by) => rows.filter((row) => row.by === by).length,
  )
  const transposed = rows.filter((row) => row.transposed).length
  const matched = [
    ...(byName || !byOrder ? [`${counted(byName, 'array')} by name`] : []),
    ...(byOrder ? [`${counted(byOrder, 'array')} by order of layers`] : []),
  ].join(', ')
  return [
    matched,
    ...(transposed ? [`${transposed} transposed from [out, in]`] : []),
    ...(missing.length ? [`${counted(missing.length, 'array')} not in the file`] : []),
    ...(unused.length ? [`${counted(unused.length, 'tensor')} left over`] : []),
  ].join('; ')
}

/** How near outputs are to those that an export was proven with. @param difference null: it was not tried */
export function provenWords(difference: number | null): string[] {
  if (difference === null) return []
  if (difference === 0) return ['Its outputs are those that the export was proven with.']
  const share = difference.toExponential(1)
  return [`Its outputs differ from those that the export was proven with by ${share} of the largest.`]
}
