const buffer = new DataView(new ArrayBuffer(4))

/** The bits of the nearest half-precision number (IEEE 754 binary16), ties to even; beyond 65,504 it is infinite. */
export function halfBits(value: number): number {
  buffer.setFloat32(0, value)
  const bits = buffer.getUint32(0)
  const sign = (bits >>> 16) & 0x8000
  const magnitude = bits & 0x7fffffff
  if (magnitude > 0x7f800000) return sign | 0x7e00
  // From 65,520 on the nearest is infinite.
  if (magnitude >= 0x477ff000) return sign | 0x7c00
  // Below 2^-14 halves lie 2^-24 apart.
  if (magnitude < 0x38800000) return sign | roundEven(Math.abs(value) * 2 ** 24)
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1)
  return sign | ((rounded - 0x38000000) >>> 13)
}

function roundEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  if (rest !== 0.5) return Math.round(value)
  return floor % 2 === 0 ? floor : floor + 1
}

/** The number that a half's bits stand for. */
export function fromHalfBits(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const [exponent, fraction] = [(bits >>> 10) & 31, bits & 1023]
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction ? NaN : sign * Infinity
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
