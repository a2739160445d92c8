import { parseBlockGraph } from './file'
import { readDocument } from '../base/document'
import { InputError } from '../base/errors'
import type { BlockGraph } from '../graph/block-graph'

/** What a shared block begins with; behind it the block's JSON, deflated, in base64 for addresses. */
export const BLOCK_LINK = 'residual-lab://block/'

/** Longer links do not survive chat programs and command lines; 500 operations need less. */
export const LONGEST_LINK = 32_768
/** What a link may unpack to: a small link can hold a thousand times as much. */
const LONGEST_TEXT = 1_000_000

const WHERE = 'link'

export const isLink = (text: string) => text.trimStart().toLowerCase().startsWith('residual-lab:')

/** @throws InputError for a block that is too large for a link */
export async function encodeLink(graph: BlockGraph): Promise<string> {
  const text = new TextEncoder().encode(JSON.stringify(graph))
  const packed = await collect(stream(text).pipeThrough(new CompressionStream('deflate-raw')), Infinity)
  const link = BLOCK_LINK + toBase64Url(packed)
  if (link.length <= LONGEST_LINK) return link
  throw new InputError(
    WHERE,
    `this block makes a link of ${link.length} characters (at most ${LONGEST_LINK})`,
    'Share it as a file.',
  )
}

/**
 * The block in a link. Nothing is done with it: that is for the user to decide.
 * @throws InputError for anything else, whatever is in it
 */
export async function decodeLink(link: string): Promise<BlockGraph> {
  const packed = bytesIn(link.trim())
  let text: string
  try {
    const unpacked = await collect(
      stream(packed).pipeThrough(new DecompressionStream('deflate-raw')),
      LONGEST_TEXT,
    )
    text = new TextDecoder('utf-8', { fatal: true }).decode(unpacked)
  } catch (error) {
    if (error instanceof InputError) throw error
    throw new InputError(WHERE, 'it is damaged or cut off', 'Copy it again, as a whole.')
  }
  return blockIn(text, WHERE)
}

/** A block's JSON. @throws InputError */
function blockIn(text: string, where: string): BlockGraph {
  if (text.length > LONGEST_TEXT)
    throw new InputError(where, `it has ${text.length} characters`, 'No block is that long.')
  return parseBlockGraph(
    readDocument(text, where, 'Copy it again, as a whole.', { what: 'a block’s JSON' }),
    where,
  )
}

/** Whether a text could be a shared block: a link, or a block's JSON. */
export function isSharedBlock(text: string): boolean {
  return isLink(text) || (/^\s*\{/.test(text) && /"nodes"\s*:/.test(text) && /"output"\s*:/.test(text))
}

/** The block in a copied link or text. @throws InputError */
export function sharedBlock(text: string): Promise<BlockGraph> {
  return isLink(text) ? decodeLink(text) : Promise.resolve().then(() => blockIn(text, 'text'))
}

function bytesIn(link: string): Uint8Array<ArrayBuffer> {
  if (link.length > LONGEST_LINK)
    throw new InputError(
      WHERE,
      `it has ${link.length} characters (at most ${LONGEST_LINK})`,
      'Ask for the block as a file.',
    )
  // Systems may write the scheme and the host in capitals, or put a slash behind.
  const [, payload] = /^residual-lab:\/\/block\/([A-Za-z0-9_-]+)\/?$/i.exec(link) ?? []
  if (payload === undefined)
    throw new InputError(WHERE, 'this is not the link of a block', `Links begin with ${BLOCK_LINK}.`)
  try {
    const binary = atob(payload.replaceAll('-', '+').replaceAll('_', '/'))
    return Uint8Array.from(binary, (character) => character.charCodeAt(0))
  } catch {
    throw new InputError(WHERE, 'it is damaged or cut off', 'Copy it again, as a whole.')
  }
}

function toBase64Url(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

const stream = (bytes: Uint8Array<ArrayBuffer>) => new Blob([bytes]).stream()

/** All that comes, unless it is too much: then nothing more is unpacked. */
async function collect(source: ReadableStream<Uint8Array>, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const reader = source.getReader()
  const parts: Uint8Array[] = []
  let size = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.length
    if (size > limit) {
      await reader.cancel()
      throw new InputError(WHERE, 'it unpacks to more than a block can be', 'Do not trust whoever sent it.')
    }
    parts.push(value)
  }
  const all = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
