import { randomBytes, timingSafeEqual } from 'node:crypto'

/**
 * What a browser may show to be let in. A host that takes another's place (npm run dev) takes its keys over, so that
 * pages opened before stay connected.
 */
export interface Keys {
  /** Of the pages that have been let in: each keeps it for its tab alone, and shows it when it connects. */
  session: string
  /** Opens the sources of a page that is made while it is worked on, nothing else: this one is a cookie. */
  sources: string
  /** Each opens the laboratory once; beside it what to do then. */
  unspent: Map<string, () => void>
}

export const newKeys = (): Keys => ({ session: secret(), sources: secret(), unspent: new Map() })

/** A key that buys the session once. @param onSpent called when it has */
export function mintKey({ unspent }: Keys, onSpent: () => void): string {
  const key = secret()
  unspent.set(key, onSpent)
  return key
}

/** The session for a key that has not been used before; null for anything else. */
export function spendKey({ unspent, session }: Keys, given: string): string | null {
  for (const [key, onSpent] of unspent) {
    if (!isEqual(key, given)) continue
    unspent.delete(key)
    onSpent()
    return session
  }
  return null
}

/** Takes as long for every wrong secret of the right length: nothing can be learned from how long it takes. */
export function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

const secret = () => randomBytes(24).toString('base64url')
