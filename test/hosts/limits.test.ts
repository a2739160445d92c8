import { describe, expect, test } from 'vitest'
import { createWaiting, messageBytes } from '../../main/hosts/lab/limits'

const MB = 2 ** 20

describe('requests that wait', () => {
  test('the 257th is refused until another has been answered', () => {
    const waiting = createWaiting()
    const answered = Array.from({ length: 256 }, () => waiting.admit(10))
    expect(() => waiting.admit(10)).toThrow('Too much waits for an answer already.')
    answered[7]!()
    // Answered once, whatever is said afterwards.
    answered[7]!()
    waiting.admit(10)
    expect(() => waiting.admit(10)).toThrow('Too much waits')
  })

  test('so are more bytes than a page of ours sends', () => {
    const waiting = createWaiting()
    expect(() => waiting.admit(73 * MB)).toThrow('larger than any that the laboratory takes')
    const answered = waiting.admit(70 * MB)
    expect(() => waiting.admit(70 * MB)).toThrow('Too much waits')
    answered()
    waiting.admit(70 * MB)
  })
})

describe('how large a message is', () => {
  test.each([
    ['a text', { text: 'x'.repeat(1000) }, 1000],
    ['a picture to save', { kind: 'request', body: { content: 'x'.repeat(64 * MB) } }, 64 * MB],
    ['bytes', { data: new Uint8Array(5000) }, 5000],
    ['numbers', Array.from({ length: 1000 }, (_, i) => i), 8000],
    ['long keys', { ['k'.repeat(1000)]: 1 }, 1000],
  ])('%s', (_name, message, bytes) => {
    expect(messageBytes(message)).toBeGreaterThanOrEqual(bytes)
    expect(messageBytes(message)).toBeLessThan(2 * bytes + 100)
  })

  test('what holds itself ends', () => {
    const message: { self?: unknown } = {}
    message.self = message
    expect(messageBytes(message)).toBeLessThan(100)
  })

  test.each([
    ['one text twice a thousand times', Array.from({ length: 1000 }, () => 'x'.repeat(MB))],
    ['a map, which no request has', new Map([[1, 2]])],
    ['millions of numbers', new Array(2 ** 25).fill(0)],
  ])('%s is beyond all measure, and known at once', (_name, message) => {
    const start = performance.now()
    expect(messageBytes(message)).toBeGreaterThan(72 * MB)
    expect(performance.now() - start).toBeLessThan(5000)
  })

  test('nesting is no danger', () => {
    let message: unknown = 1
    for (let i = 0; i < 1e6; i++) message = [message]
    expect(messageBytes(message)).toBeGreaterThan(1e6)
  })
})
