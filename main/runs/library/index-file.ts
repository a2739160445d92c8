import { createHash } from 'node:crypto'
import * as path from 'node:path'
import type { Owner } from '../../../bin/lib/lock.mjs'
import { decodeMessage } from '../../../shared/protocol/transport'
import type { RunEntry } from '../../../shared/runs/run'
import { readBytes } from '../../files/read'
import { replaceFile } from '../../files/write'
import { asciiOf, bareOf, laterTextsOf, withLater, type BareEntry, type LaterTexts } from './later-entry'

const NAME = 'index.json'
const VERSION = 4
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

const BEGINNING = /^\{"version":4,"sha1":"([0-9a-f]{40})","bytes":([0-9]{1,12}),"runs":/
/** Bytes within which the beginning ends. */
const LONGEST_BEGINNING = 120
const LATER = ',"later":[\n'
const END = ']}\n'
/** Between lines. */
const SEPARATOR = ',\n'

/**
 * The index of a library: what all run.json hold, in one file. It is a cache: folders are the truth, and an entry whose
 * folder has another stamp is read anew. A hash tells whether it is as it was written, which is quicker than to check
 * every field of thousands of entries. Most of it, figures, settings and thumbnails, is read when somebody
 * looks at them: to parse them all took most of the time of a list.
 */
export function readIndex(library: string): ReadIndex {
  let bytes: Buffer
  try {
    bytes = readBytes(path.join(library, NAME), LARGEST)
  } catch {
    return { kind: 'none' }
  }
  const [beginning, hash, size] = BEGINNING.exec(bytes.toString('latin1', 0, LONGEST_BEGINNING)) ?? []
  if (beginning === undefined) return foreign(bytes)
  if (hashOf(bytes.subarray(beginning.length)) !== hash) return { kind: 'none' }
  const headsEnd = beginning.length + Number(size)
  const heads = decodeMessage(bytes.toString('latin1', beginning.length, headsEnd)) as Head[]
  let at = headsEnd + LATER.length
  const runs = heads.map(({ stamp, owner, entry, bytes: [facts, picture] }) => {
    const [from, between] = [at, at + facts + SEPARATOR.length]
    at = between + picture + SEPARATOR.length
    const texts = () => ({
      facts: bytes.toString('latin1', from, from + facts),
      picture: bytes.toString('latin1', between, between + picture),
    })
    return { stamp, owner, entry: withLater(entry, texts) }
  })
  return { kind: 'read', runs }
}

/** @throws Error of the system */
export async function writeIndex(library: string, runs: readonly IndexedRun[]): Promise<void> {
  // In the order of a list, which is then sorted as it comes.
  const inOrder = [...runs].sort((a, b) => (a.entry.created < b.entry.created ? 1 : -1))
  const later = inOrder.map(({ entry }) => laterTextsOf(entry))
  const heads = `[${inOrder.map((run, i) => headOf(run, later[i])).join(SEPARATOR)}]`
  const lines = later.flatMap(({ facts, picture }) => [facts, picture]).join(SEPARATOR)
  const rest = Buffer.from(heads + LATER + lines + END, 'latin1')
  const beginning = `{"version":${VERSION},"sha1":"${hashOf(rest)}","bytes":${heads.length},"runs":`
  await replaceFile(path.join(library, NAME), Buffer.concat([Buffer.from(beginning, 'latin1'), rest]))
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
