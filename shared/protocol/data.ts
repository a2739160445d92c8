/** What front ends ask of the data sets. A page names them, and files by ids that the host has given it; no paths. */
import * as v from 'valibot'
import type { DataDescription } from '../data/description'
import type { DataFigures } from '../data/figures'
import type { SampleSlice } from '../data/slice'
import type { ProgressEvent } from './events'

const text = v.pipe(v.string(), v.maxLength(200))
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 31 - 1))
const part = v.picklist(['training', 'test'])

/** Characters of base64 in one piece of a file: messages to a host are no longer than 16 MiB. */
export const LONGEST_PIECE = 8 * 2 ** 20
/** Bytes of a piece that is no longer than that. */
export const PIECE_BYTES = 6 * 2 ** 20
/** Bytes that one page may hand over; larger files are for the command line, or for a dialog. */
export const MOST_UPLOADED = 512 * 2 ** 20
/** Files of a folder that one page may hand over. */
export const MOST_FILES = 20_000

/** What `data import` takes besides the file; texts as its options, checked where they are used. */
const importOptions = {
  name: text,
  /** Ids of given files. */
  file: text,
  labels: v.optional(text),
  target: v.optional(text),
  task: v.optional(v.picklist(['classification', 'regression'])),
  separator: v.optional(text),
  header: v.optional(v.picklist(['on', 'off'])),
  /** Of pictures: "32x32", and whether they lose their colours. */
  size: v.optional(text),
  grey: v.optional(v.boolean()),
  testShare: v.optional(text),
  seed: v.optional(text),
}

/** What the host's dialog is asked for: data sets, or weights and exported runs. */
export const GIVEN_KINDS = ['samples', 'labels', 'folder', 'archive', 'weights'] as const
export type GivenKind = (typeof GIVEN_KINDS)[number]

/** One schema a request. `data`: a data set's name, or the `look` of one that was read and is not kept yet. */
export const DATA_SCHEMAS = [
  v.object({ type: v.literal('data.list') }),
  /** Counts, ranges and standardisation. */
  v.object({ type: v.literal('data.figures'), data: text }),
  /** Samples `from` on of one part, of one class or all; as many as fit into an answer. */
  v.object({
    type: v.literal('data.samples'),
    data: text,
    part,
    label: v.nullable(count),
    from: count,
    count: v.pipe(count, v.maxValue(4096)),
  }),
  /** Samples by where they stand in their part. `sha256`: of no others than those of this hash. */
  v.object({
    type: v.literal('data.samplesAt'),
    data: text,
    sha256: v.optional(text),
    part,
    indices: v.pipe(v.array(count), v.maxLength(100_000)),
  }),
  /** Gets one, or joins who gets it already; `file`: from a given one. Events: ProgressEvent. */
  v.object({ type: v.literal('data.get'), data: text, file: v.optional(text) }),
  v.object({ type: v.literal('data.cancel'), data: text }),
  /** Asks for a file by the host's dialog, in Electron only. */
  v.object({ type: v.literal('data.choose'), kind: v.picklist(GIVEN_KINDS) }),
  /**
   * A piece of a file that the page was given. The first piece has no `file`; its answer names it. `name`: the file's,
   * or of a file in a folder its place in it, with "/" between. Pieces of one file are asked for one after the other.
   */
  v.object({
    type: v.literal('data.upload'),
    file: v.nullable(text),
    name: v.pipe(v.string(), v.maxLength(1000)),
    content: v.pipe(v.string(), v.maxLength(LONGEST_PIECE)),
  }),
  /** The columns of a table that was given; null: it is none. */
  v.object({
    type: v.literal('data.columns'),
    file: text,
    separator: v.optional(text),
    header: v.optional(v.picklist(['on', 'off'])),
  }),
  /**
   * Reads a given file as `data import` does, and keeps nothing yet. The last look alone can be kept. Events:
   * ProgressEvent.
   */
  v.object({ type: v.literal('data.look'), ...importOptions }),
  /** Ends reading a file, which is then an error of its own; of what was read, which nobody keeps, nothing stays. */
  v.object({ type: v.literal('data.forget'), look: v.nullable(text) }),
  v.object({ type: v.literal('data.keep'), look: text }),
  /** Off the list; it can be restored until the host ends. */
  v.object({ type: v.literal('data.remove'), data: text }),
  v.object({ type: v.literal('data.restore'), data: text }),
] as const

/** A data set with whether its samples are here. */
export type ListedData = DataDescription & { here: boolean }

export interface DataList {
  data: ListedData[]
  /** What is being got, with how far it is, by name. */
  getting: Record<string, ProgressEvent>
}

/** A file or folder that the user has chosen or dropped. */
export interface GivenFile {
  file: string
  name: string
}

/** What was read of a file, before it is kept. */
export interface DataLook {
  look: string
  description: DataDescription
  /** What was done to it, one sentence each. */
  notes: string[]
}

export interface DataReplies {
  'data.list': DataList
  'data.figures': DataFigures
  'data.samples': SampleSlice
  'data.samplesAt': SampleSlice
  'data.get': ListedData
  'data.cancel': null
  /** null: the dialog was cancelled. */
  'data.choose': GivenFile | null
  'data.upload': GivenFile
  'data.columns': string[] | null
  'data.look': DataLook
  'data.forget': null
  'data.keep': ListedData
  'data.remove': null
  'data.restore': ListedData
}
