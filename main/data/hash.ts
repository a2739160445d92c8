import { createHash } from 'node:crypto'
import type { DataSet } from '../../shared/data/description'

/** SHA-256 of all values and labels, in hexadecimal (see `DataSet`). */
export function dataHash({ training, test }: Pick<DataSet, 'training' | 'test'>): string {
  const sum = createHash('sha256')
  for (const part of [training.x, training.y, test.x, test.y])
    sum.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength))
  return sum.digest('hex')
}
