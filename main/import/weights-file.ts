import type { FileTensor } from '../../shared/import/tensors'
import { EXPORT_TEXT, PROOF_TEXT } from '../export/format'

/** A file of weights that was read as far as its headers; close it afterwards. */
export interface WeightsFile {
  /** Of what form it is, in words. */
  title: string
  tensors: FileTensor[]
  /** By the names of `TEXTS`, where an export wrote the file. */
  texts: ReadonlyMap<string, string>
  /** A tensor's numbers in the order of the file. @throws Error, a clause about the file */
  values(tensor: FileTensor): Float32Array
  close(): void
}

/** Bytes of a file of weights that is read as a whole. */
export const MOST_BYTES = 2 ** 31 - 1
/** Of an export's text. */
export const MOST_TEXT_BYTES = 64 * 2 ** 20
/** More belong to no network that the lab trains. */
export const MOST_TENSORS = 100_000

/** What is read of what exports say of themselves. */
export const TEXTS = [EXPORT_TEXT, PROOF_TEXT]

/** @throws Error, a clause about the file */
export function checkCount(count: number): void {
  if (count <= MOST_TENSORS) return
  throw new Error(
    `it holds ${count.toLocaleString('en')} tensors, and at most ${MOST_TENSORS.toLocaleString('en')} are read`,
  )
}

/** A shape of anybody's making. @throws Error, a clause about the file */
export function checkShape(shape: readonly number[], name: string): void {
  const size = shape.reduce((product, side) => product * side, 1)
  const isShape = shape.length <= 8 && shape.every((side) => Number.isSafeInteger(side) && side >= 0)
  if (isShape && Number.isSafeInteger(size)) return
  throw new Error(`"${name}" has the shape [${shape.slice(0, 8).join(', ')}], which is none`)
}
