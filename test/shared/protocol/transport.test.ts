import { describe, expect, it } from 'vitest'
import { decodeMessage, encodeMessage } from '../../../shared/protocol/transport'

describe('messages as text', () => {
  it('keep numbers that are not finite, and typed arrays to the last bit', () => {
    const message = {
      a: [1, Infinity, NaN],
      bytes: Uint8Array.of(0, 128, 255),
      inside: [{ x: Float32Array.of(0.1, NaN, -Infinity), i: Int32Array.of(-1, 2 ** 30) }],
      wide: Float64Array.of(Math.PI),
      part: new Float32Array([1, 2, 3, 4]).subarray(1, 3),
      none: new Uint8Array(0),
    }
    expect(decodeMessage(encodeMessage(message))).toEqual(message)
  })

  it.each([
    '{"$array":"Array","base64":"AAAA"}',
    '{"$array":"Float32Array","base64":"AAAA"}',
    '{"$array":"Uint8Array","base64":"*"}',
    '{"$array":"constructor"}',
  ])('are refused where what stands for an array is none: %s', (text) => {
    expect(() => decodeMessage(text)).toThrow(SyntaxError)
  })

  it('do not take other types for arrays of numbers', () => {
    expect(() => encodeMessage({ x: new BigInt64Array(1) })).toThrow(TypeError)
  })
})
