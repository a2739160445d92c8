/**
 * Protocol buffers' wire format, read (protobuf.dev/programming-guides/encoding): a message is the fields that it
 * holds, by number, in their order. What they mean is the caller's to know.
 */

/** A field's value: a number's bits, or bytes. */
export type Field = { number: number } & ({ value: bigint } | { bytes: Buffer })

/** @throws Error, a clause, where the bytes are no message */
export function fieldsOf(message: Buffer): Field[] {
  const fields: Field[] = []
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (at >= message.length) throw new Error('it ends within a number')
      const byte = message[at++]
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return BigInt.asUintN(64, value)
    }
    throw new Error('a number in it has no end')
  }
  const take = (count: number): Buffer => {
    if (count > message.length - at) throw new Error('a field in it is longer than the file')
    at += count
    return message.subarray(at - count, at)
  }
  while (at < message.length) {
    const key = varint()
    const number = Number(key >> 3n)
    switch (Number(key & 7n)) {
      case 0:
        fields.push({ number, value: varint() })
        break
      case 1:
        fields.push({ number, value: take(8).readBigUInt64LE() })
        break
      case 2: {
        const length = varint()
        if (length > BigInt(message.length)) throw new Error('a field in it is longer than the file')
        fields.push({ number, bytes: take(Number(length)) })
        break
      }
      case 5:
        fields.push({ number, value: BigInt(take(4).readUInt32LE()) })
        break
      default:
        throw new Error('it has a field of no known kind')
    }
  }
  return fields
}

export const messages = (fields: readonly Field[], number: number): Buffer[] =>
  fields.flatMap((one) => (one.number === number && 'bytes' in one ? [one.bytes] : []))

/** Of several the last, as the format has it; null: there is none. */
export const messageOf = (fields: readonly Field[], number: number): Buffer | null =>
  messages(fields, number).at(-1) ?? null

export const texts = (fields: readonly Field[], number: number): string[] =>
  messages(fields, number).map((bytes) => bytes.toString('utf8'))

export const textOf = (fields: readonly Field[], number: number): string => texts(fields, number).at(-1) ?? ''

/** Whole numbers with their signs, one by one or packed. @throws Error, a clause */
export function integers(fields: readonly Field[], number: number): number[] {
  return fields.flatMap((one) => {
    if (one.number !== number) return []
    if ('value' in one) return [signed(one.value)]
    return packed(one.bytes)
  })
}

export const integerOf = (fields: readonly Field[], number: number, otherwise = 0): number =>
  integers(fields, number).at(-1) ?? otherwise

/** In 32 bits, one by one or packed. */
export function floats(fields: readonly Field[], number: number): Float32Array {
  const parts = fields.flatMap((one) => {
    if (one.number !== number) return []
    if ('bytes' in one) return [one.bytes]
    const bits = Buffer.alloc(4)
    bits.writeUInt32LE(Number(BigInt.asUintN(32, one.value)))
    return [bits]
  })
  const bytes = Buffer.concat(parts)
  const values = new Float32Array(Math.floor(bytes.length / 4))
  for (let i = 0; i < values.length; i++) values[i] = bytes.readFloatLE(4 * i)
  return values
}

const signed = (value: bigint) => Number(BigInt.asIntN(64, value))

function packed(bytes: Buffer): number[] {
  const numbers: number[] = []
  let value = 0n
  let shift = 0n
  for (const byte of bytes) {
    if (shift >= 70n) throw new Error('a number in it has no end')
    value |= BigInt(byte & 127) << shift
    shift += 7n
    if (byte < 128) {
      numbers.push(signed(value))
      value = shift = 0n
    }
  }
  return numbers
}
