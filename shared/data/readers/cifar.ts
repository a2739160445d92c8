import { InputError } from '../../base/errors'

export const CIFAR_SHAPE = { units: 3, rows: 32, columns: 32 }
export const CIFAR_CLASSES = 10

const PLANE = 32 * 32
const PIXELS = 3 * PLANE
/** A label, then the three planes. */
export const CIFAR_RECORD = 1 + PIXELS

/** How many records a file of so many bytes has. @throws InputError where the last one is cut off */
export function cifarRecords(size: number, where: string): number {
  const count = Math.floor(size / CIFAR_RECORD)
  if (size > 0 && size % CIFAR_RECORD === 0) return count
  throw new InputError(
    where,
    `expected 3,073 bytes a record, the file ends inside record ${count + 1}`,
    'Give the files of the binary version of CIFAR-10, unpacked: data_batch_1.bin … test_batch.bin.',
  )
}

/**
 * Images of CIFAR-10's binary form (Krizhevsky 2009): records of a label and 3,072 bytes, red, green and blue planes
 * row by row. Channels come to lie together at each position.
 * @param where the file's name @param first how many records came before, where this is a piece of a file
 * @throws InputError for other lengths and labels
 */
export function parseCifar(bytes: Uint8Array, where: string, first = 0): { x: Uint8Array; y: Uint8Array } {
  const count = cifarRecords(bytes.length, where)
  const x = new Uint8Array(count * PIXELS)
  const y = new Uint8Array(count)
  for (let i = 0; i < count; i++) {
    const from = i * CIFAR_RECORD
    y[i] = bytes[from]
    if (y[i] >= CIFAR_CLASSES) {
      throw new InputError(
        where,
        `record ${first + i + 1} has the label ${y[i]}, and CIFAR-10’s go from 0 to 9`,
        'Give the files of the binary version of CIFAR-10 (CIFAR-100 has two labels a record).',
      )
    }
    for (let p = 0; p < PLANE; p++) {
      for (let c = 0; c < 3; c++) x[i * PIXELS + 3 * p + c] = bytes[from + 1 + c * PLANE + p]
    }
  }
  return { x, y }
}
