/**
 * What one front end may leave waiting: far more than any page of ours does, and little enough for the host to live
 * with when a page goes wrong.
 */
const MOST_WAITING = 256
const MOST_BYTES_WAITING = 128 * 2 ** 20
/** Of one message: the largest file that a page saves, and what is around it. */
const LARGEST_MESSAGE = 72 * 2 ** 20

/** Counts what has been asked for and not been answered. */
export function createWaiting() {
  let count = 0
  let bytes = 0
  return {
    /** Takes a request in. @returns what to call once it is answered @throws Error where too much waits already */
    admit(size: number): () => void {
      if (size > LARGEST_MESSAGE)
        throw new Error('This message is larger than any that the laboratory takes.')
      if (count >= MOST_WAITING || bytes + size > MOST_BYTES_WAITING)
        throw new Error('Too much waits for an answer already. Wait for it, or load the page again.')
      count++
      bytes += size
      let isWaiting = true
      return () => {
        if (!isWaiting) return
        isWaiting = false
        count--
        bytes -= size
      }
    },
  }
}

/**
 * About how many bytes a message takes: it may have travelled as a structured clone, and nobody has counted them. Stops
 * counting beyond the largest message.
 */
export function messageBytes(message: unknown): number {
  let bytes = 0
  const rest: unknown[] = [message]
  // A clone may hold an object twice, or itself.
  const seen = new Set<object>()
  while (rest.length && bytes <= LARGEST_MESSAGE) {
    const value = rest.pop()
    bytes += 8
    if (typeof value === 'string') bytes += value.length
    if (typeof value !== 'object' || value === null || seen.has(value)) continue
    seen.add(value)
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
      bytes += value.byteLength
      continue
    }
    if (value instanceof Map || value instanceof Set) return Infinity
    if (Array.isArray(value)) {
      if (bytes + 8 * (rest.length + value.length) > LARGEST_MESSAGE) return Infinity
      for (const one of value) rest.push(one)
      continue
    }
    for (const [key, inside] of Object.entries(value)) {
      bytes += key.length
      rest.push(inside)
    }
  }
  return bytes
}
