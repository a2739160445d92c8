import { createHash } from 'node:crypto'
import * as path from 'node:path'
import type { Owner } from '../../../bin/lib/lock.mjs'
import { decodeMessage, encodeMessage } from '../../../shared/protocol/transport'
import type { RunEntry } from '../../../shared/runs/run'
import { readBytes } from '../../files/read'
import { replaceFile } from '../../files/write'

const NAME = 'index.json'
const VERSION = 3
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

const BEGINNING = /^\{"version":3,"sha1":"([0-9a-f]{40})","runs":/
const END = '}\n'
/** One line for each run. */
const SEPARATOR = ',\n'

/**
 * The index of a library: what all run.json hold, in one file. It is a cache: folders are the truth, and an entry whose
 * folder has another stamp is read anew. A hash tells whether it is as it was written, which is quicker than to check
 * every field of thousands of entries.
 */
export function readIndex(library: string): ReadIndex {
  let text: string
  try {
    text = readBytes(path.join(library, NAME), LARGEST).toString('latin1')
  } catch {
    return { kind: 'none' }
  }
  const [beginning, hash] = BEGINNING.exec(text) ?? []
  if (beginning === undefined) return foreign(text)
  const runs = text.slice(beginning.length, -END.length)
  if (!text.endsWith(END) || hashOf(runs) !== hash) return { kind: 'none' }
  const lines = runs.slice(1, -1).split(SEPARATOR)
  return { kind: 'read', runs: runs.length > 2 ? lines.map(runOf) : [] }
}

/** @throws Error of the system */
export async function writeIndex(library: string, runs: readonly IndexedRun[]): Promise<void> {
  const text = `[${runs.map(lineOf).join(SEPARATOR)}]`
  const beginning = `{"version":${VERSION},"sha1":"${hashOf(text)}","runs":`
  await replaceFile(path.join(library, NAME), beginning + text + END)
}

function foreign(text: string): ReadIndex {
  try {
    const { version } = JSON.parse(text) as { version?: unknown }
    if (typeof version === 'number' && version > VERSION) return { kind: 'newer', version }
  } catch {
    // Cut or altered.
  }
  return { kind: 'none' }
}

/** A thumbnail is half of a run's text: it stands last in its line, so that it is read when somebody looks at it. */
const THUMBNAIL = ',"thumbnail":'

/** A run's text is made once: most runs stay as they are from one index to the next. */
const lines = new WeakMap<IndexedRun, string>()

function lineOf(run: IndexedRun): string {
  const line = lines.get(run) ?? textOf(run)
  lines.set(run, line)
  return line
}

function textOf({ stamp, entry, owner }: IndexedRun): string {
  const { thumbnail, ...rest } = entry
  const bare = encodeMessage({ stamp, owner, entry: rest }).slice(0, -1)
  return asciiOf(`${bare}${THUMBNAIL}${encodeMessage(thumbnail)}}`)
}

function runOf(line: string): IndexedRun {
  const end = line.lastIndexOf(THUMBNAIL)
  const { stamp, owner, entry } = decodeMessage(`${line.slice(0, end)}}`) as IndexedRun
  const run = { stamp, owner, entry: withThumbnail(entry, line.slice(end + THUMBNAIL.length, -1)) }
  lines.set(run, line)
  return run
}

/** The entry with the thumbnail that a text holds, an own property like the others: copies and messages have it. */
function withThumbnail(entry: RunEntry, text: string): RunEntry {
  let thumbnail: RunEntry['thumbnail'] | undefined
  return Object.defineProperty(entry, 'thumbnail', {
    enumerable: true,
    configurable: true,
    get: () =>
      thumbnail === undefined ? (thumbnail = decodeMessage(text) as RunEntry['thumbnail']) : thumbnail,
  })
}

/** All in ASCII: a text of one byte a letter is read and parsed in half the time. */
const asciiOf = (json: string) =>
  json.replace(/[^\0-\x7f]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)

const hashOf = (ascii: string) => createHash('sha1').update(ascii, 'latin1').digest('hex')
