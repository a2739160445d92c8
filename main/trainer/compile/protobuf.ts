/**
 * Protocol buffers' wire format, as far as graphs need it (protobuf.dev/programming-guides/encoding): a field is its
 * number and kind, then its value. Written here since a graph of five series has eight thousand nodes, and the classes
 * that TensorFlow.js brings for them take half a second of a training's start.
 */

const encoder = new TextEncoder()

/** A field that holds other fields, or bytes. */
export function field(number: number, parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  return joined([varint(number * 8 + 2), varint(length), ...parts])
}

export const textField = (number: number, value: string): Uint8Array => field(number, [encoder.encode(value)])

/** A whole number or a truth value; of negative ones the two's complement in 64 bits. */
export const numberField = (number: number, value: number): Uint8Array =>
  joined([varint(number * 8), varint(value)])

/** In 32 bits. */
export function floatField(number: number, value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setFloat32(0, value, true)
  return joined([varint(number * 8 + 5), bytes])
}

/** In 64 bits. */
export function doubleField(number: number, value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setFloat64(0, value, true)
  return joined([varint(number * 8 + 1), bytes])
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    result.set(part, at)
    at += part.length
  }
  return result
}

/** Seven bits a byte, the lowest first; the eighth says that another follows. */
function varint(value: number): Uint8Array {
  if (value >= 0 && value < 128) return Uint8Array.of(value)
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return Uint8Array.of(...bytes, Number(rest))
}
