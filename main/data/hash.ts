import { createHash } from 'node:crypto'
import type { DataSet } from '../../shared/data/description'
import { piecesOf } from '../../shared/data/pieces'

type Parts = Pick<DataSet, 'training' | 'test'>

/** SHA-256 of all values and labels, in hexadecimal (see `DataSet`). */
export function dataHash(parts: Parts): string {
  const sum = createHash('sha256')
  for (const bytes of bytesOfParts(parts)) sum.update(bytes)
  return sum.digest('hex')
}

/** All values and labels one after the other, as they are hashed and kept (see `DataSet`). */
export function* bytesOfParts({ training, test }: Parts): Generator<Uint8Array, void> {
  for (const values of [training.x, training.y, test.x, test.y]) {
    for (const { buffer, byteOffset, byteLength } of piecesOf(values))
      yield new Uint8Array(buffer, byteOffset, byteLength)
  }
}
