import * as http from 'node:http'
import * as https from 'node:https'
import { readDocument } from '../../../shared/base/document'
import { messageOf } from '../../../shared/base/errors'

/** The file that says which version is the newest, beside the program's home page: `{"version": "1.2.3"}`. */
const FILE = 'version.json'
const LIMIT_MS = 10_000
/** Characters of an answer. */
const LONGEST = 4096

/**
 * What is asked for a newer version: a file beside the home page that package.json names.
 * @returns null where that names none, or one that can have no pages: .invalid is kept free for such (RFC 2606)
 */
export function releaseAddress(homepage: string | undefined): string | null {
  if (!homepage) return null
  const url = new URL(FILE, homepage)
  const isSafe = url.protocol === 'https:' || ['127.0.0.1', '[::1]'].includes(url.hostname)
  return isSafe && !/(^|\.)invalid\.?$/.test(url.hostname) ? url.href : null
}

/**
 * Asks for the newest version, and tells nothing but the address that is asked.
 * @returns a sentence: there is a newer one, or this is the newest
 * @throws Error with what went wrong as a sentence
 */
export async function askForNewer(
  address: string,
  current: string,
  signal?: AbortSignal,
): Promise<{ isNewer: boolean; words: string }> {
  let newest: unknown
  try {
    const text = await textAt(address, signal)
    newest = (readDocument(text, address, 'Ask again later.', { longest: LONGEST }) as { version?: unknown })
      ?.version
    if (typeof newest !== 'string' || !VERSION.test(newest)) throw new Error('it names no version')
  } catch (error) {
    throw new Error(`${address} could not be asked for a newer version (${messageOf(error)}).`, {
      cause: error,
    })
  }
  const isNewer = compare(newest, current) > 0
  const words = isNewer
    ? `Residual Lab ${newest} has been published; this is ${current}. See ${new URL('.', address).href}`
    : `This is the newest version, ${current}.`
  return { isNewer, words }
}

interface NewerVersionOptions {
  /** What is asked; null: this build knows no address. */
  address: string | null
  current: string
  signal: AbortSignal
  log: (line: string) => void
  /** @param words a sentence */
  onNewer: (words: string) => void
}

/** Whether there is a newer version: asked by the host at its start, and by people. */
export function createNewerVersion({ address, current, signal, log, onNewer }: NewerVersionOptions) {
  let found: string | null = null

  return {
    /** A newer version that the host has found, as a sentence. */
    get found() {
      return found
    },

    /** What goes wrong is for the log. */
    async look(): Promise<void> {
      if (address === null) return
      try {
        const { isNewer, words } = await askForNewer(address, current, signal)
        log(words)
        if (!isNewer) return
        found = words
        onNewer(words)
      } catch (error) {
        log(messageOf(error))
      }
    },

    /** @throws Error with what went wrong as a sentence */
    async ask(): Promise<{ words: string }> {
      if (address === null) throw new Error('This build knows no address to ask for a newer version.')
      return askForNewer(address, current, signal)
    },
  }
}

/** Three numbers, as published versions have; what follows them (a test build) does not count. */
const VERSION = /^(\d{1,6})\.(\d{1,6})\.(\d{1,6})(?:[-+][\w.-]{1,40})?$/

function compare(one: string, other: string): number {
  const [a, b] = [one, other].map((text) => VERSION.exec(text)?.slice(1, 4).map(Number) ?? [0, 0, 0])
  const at = a.findIndex((number, i) => number !== b[i])
  return at < 0 ? 0 : a[at] - b[at]
}

/** Node's own modules: the oldest Electron's Node has no fetch. No redirects: the address is what the user was told. */
function textAt(address: string, signal: AbortSignal | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const { get } = address.startsWith('http:') ? http : https
    const sent = get(address, { signal, headers: { accept: 'application/json' } }, (response) => {
      let text = ''
      if (response.statusCode !== 200) {
        response.resume()
        return reject(new Error(`the server answered ${response.statusCode}`))
      }
      response.setEncoding('utf8')
      response.on('error', reject)
      response.on('data', (part: string) => {
        text += part
        if (text.length <= LONGEST) return
        reject(new Error('its answer is too long'))
        sent.destroy()
      })
      response.on('end', () => resolve(text))
    })
    sent.setTimeout(LIMIT_MS, () => sent.destroy(new Error('no answer')))
    sent.on('error', reject)
  })
}
