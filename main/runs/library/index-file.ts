import { createHash } from 'node:crypto'
import * as path from 'node:path'
import type { Owner } from '../../../bin/lib/lock.mjs'
import { decodeMessage } from '../../../shared/protocol/transport'
import type { RunEntry } from '../../../shared/runs/run'
import { readBytes, readFirstBytes } from '../../files/read'
import { replaceFile } from '../../files/write'
import { asciiOf, bareOf, laterTextsOf, withLater, type BareEntry, type LaterTexts } from './later-entry'
import { readStored } from './stored'

const NAME = 'index.json'
const VERSION = 5
/** Bytes; an entry has about two thousand. */
const LARGEST = 256 * 2 ** 20

/** A run as the index has it. */
export interface IndexedRun {
  /** Of its run.json, as `stampOf` makes it. */
  stamp: string
  entry: RunEntry
  owner: Owner | null
}

export type ReadIndex =
  | { kind: 'read'; runs: IndexedRun[] }
  /** Missing or damaged: it is made anew from the folders. */
  | { kind: 'none' }
  | { kind: 'newer'; version: unknown }

/** What stands of a run in the first part, with the bytes that it has in the second. */
interface Head {
  stamp: string
  owner: Owner | null
  entry: BareEntry
  bytes: [facts: number, picture: number]
}

const BEGINNING =
  /^\{"version":5,"sha1":"([0-9a-f]{40})","laterSha1":"([0-9a-f]{40})","bytes":([0-9]{1,9}),"runs":/
/** Bytes within which the beginning ends. */
const LONGEST_BEGINNING = 160
const LATER = ',"later":[\n'
const END = ']}\n'
/** Between lines. */
const SEPARATOR = ',\n'

/**
 * The index of a library: what all run.json hold, in one file. It is a cache: folders are the truth, and an entry whose
 * folder has another stamp is read anew. A hash tells whether it is as it was written, which is quicker than to check
 * every field of thousands of entries. Most of it, figures, settings and thumbnails, is read from the disk when
 * somebody looks at them: to read and parse them all took most of the time of a list. Where that part is damaged, or
 * the index is another one by then, they come from the run's own file.
 */
export function readIndex(library: string): ReadIndex {
  const file = path.join(library, NAME)
  let beginning: string | undefined, hash, laterHash, size
  let headBytes: Buffer
  try {
    const start = readFirstBytes(file, LONGEST_BEGINNING).toString('latin1')
    ;[beginning, hash, laterHash, size] = BEGINNING.exec(start) ?? []
    if (beginning === undefined) return foreign(readBytes(file, LARGEST))
    headBytes = readFirstBytes(file, Math.min(LARGEST, beginning.length + Number(size)))
  } catch {
    return { kind: 'none' }
  }
  // Another process may have put another index in place since its beginning was read.
  if (headBytes.toString('latin1', 0, beginning.length) !== beginning) return { kind: 'none' }
  const heads = headBytes.subarray(beginning.length)
  if (hashOf(heads) !== hash) return { kind: 'none' }
  const later = laterPart(file, headBytes.length, laterHash)
  let at = LATER.length
  const runs = (decodeMessage(heads.toString('latin1')) as Head[]).map((head) => {
    const { stamp, owner, entry, bytes } = head
    const [from, between] = [at, at + bytes[0] + SEPARATOR.length]
    at = between + bytes[1] + SEPARATOR.length
    const texts = () => {
      const part = later()
      if (!part) return textsOfFile(library, entry.id)
      return {
        facts: part.toString('latin1', from, between - SEPARATOR.length),
        picture: part.toString('latin1', between, between + bytes[1]),
      }
    }
    return { stamp, owner, entry: withLater(entry, texts) }
  })
  return { kind: 'read', runs }
}

/** Reads the second part of an index at the first call. @returns gives null where it is not what the hash is of */
function laterPart(file: string, from: number, hash: string): () => Buffer | null {
  let part: Buffer | null | undefined
  return () => {
    if (part !== undefined) return part
    try {
      const bytes = readBytes(file, LARGEST).subarray(from)
      part = hashOf(bytes) === hash ? bytes : null
    } catch {
      part = null
    }
    return part
  }
}

/** Of a run whose part of the index is lost; without figures where its own file cannot be read either. */
function textsOfFile(library: string, id: string): LaterTexts {
  try {
    return laterTextsOf(readStored(library, id).entry)
  } catch {
    return { facts: asciiOf({ figures: [], settings: {} }), picture: asciiOf({ thumbnail: null }) }
  }
}

/** @throws Error of the system */
export async function writeIndex(library: string, runs: readonly IndexedRun[]): Promise<void> {
  // In the order of a list, which is then sorted as it comes.
  const inOrder = [...runs].sort((a, b) => (a.entry.created < b.entry.created ? 1 : -1))
  const later = inOrder.map(({ entry }) => laterTextsOf(entry))
  const heads = `[${inOrder.map((run, i) => headOf(run, later[i])).join(SEPARATOR)}]`
  const lines = later.flatMap(({ facts, picture }) => [facts, picture]).join(SEPARATOR)
  const rest = Buffer.from(LATER + lines + END, 'latin1')
  const first = Buffer.from(heads, 'latin1')
  const hashes = `"sha1":"${hashOf(first)}","laterSha1":"${hashOf(rest)}"`
  const beginning = `{"version":${VERSION},${hashes},"bytes":${first.length},"runs":`
  await replaceFile(path.join(library, NAME), Buffer.concat([Buffer.from(beginning, 'latin1'), first, rest]))
}

function headOf({ stamp, owner, entry }: IndexedRun, { facts, picture }: LaterTexts): string {
  return asciiOf({ stamp, owner, entry: bareOf(entry), bytes: [facts.length, picture.length] } satisfies Head)
}

function foreign(bytes: Buffer): ReadIndex {
  try {
    const { version } = JSON.parse(bytes.toString()) as { version?: unknown }
    if (typeof version === 'number' && version > VERSION) return { kind: 'newer', version }
  } catch {
    // Cut or altered.
  }
  return { kind: 'none' }
}

const hashOf = (bytes: Buffer) => createHash('sha1').update(bytes).digest('hex')
