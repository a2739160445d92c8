/**
 * A run: a measurement or a training that has ended, or was stopped, as a thing with a name. On the disk it is a
 * folder of the library; these are its documents, as they are read from files of anyone's making and travel to the
 * page.
 */
import { choice, finiteNumber, listOf, objectOf, show, trueOrFalse } from '../base/check'
import { InputError } from '../base/errors'
import type { Experiment } from '../settings/experiment'
import { parseRunSweep, type RunSweep } from '../sweep/run-sweep'
import type { RunEnvironment } from './environment'
import { ANY, COUNT, HINT, dateOf, textOf } from './fields'

export const RUN_KINDS = [
  'signal',
  'shatter',
  'regions',
  'lesion',
  'paths',
  'order',
  'train',
  'depth',
] as const
export type RunKind = (typeof RUN_KINDS)[number]

/** Kinds that take long enough to be gone on with: their folder is there from their start, and nothing removes it. */
export const TRAINING_KINDS: readonly RunKind[] = ['train', 'depth']

export const isTrainingKind = (kind: string): boolean => (TRAINING_KINDS as readonly string[]).includes(kind)

/** `interrupted`: its process died, or the program was ended meanwhile. */
export const RUN_STATES = ['running', 'finished', 'stopped', 'interrupted'] as const
export type RunState = (typeof RUN_STATES)[number]

/** One number that a run is known by, with its spread over networks where it has one. */
export interface RunFigure {
  /** With the series' name where there are several. */
  label: string
  value: number
  /** 5th and 95th percentile over networks; null where there is no spread. */
  low: number | null
  high: number | null
  /** Networks. */
  n: number
}

/** A run's main curves, small. */
export interface RunThumbnail {
  x: number[]
  /** One y for each x. */
  curves: { name: string; y: number[] }[]
}

/** What the list shows of a run. */
export interface RunEntry {
  /** Unique in its library: "fern-12". */
  id: string
  name: string
  kind: RunKind
  /** When it began, in ISO 8601. */
  created: string
  /** That it took. */
  seconds: number
  state: RunState
  /** As people read it: "CPU, TensorFlow 2.21.0". */
  device: string
  /** What is to be said of the device (`deviceWords`); left out: nothing was. */
  deviceNote?: string
  /** Of the program that made it. */
  version: string
  seed: number
  /** The networks, by name. */
  title: string
  /** What differs between the series, in words; empty where nothing does. */
  varied: string
  figures: RunFigure[]
  thumbnail: RunThumbnail | null
  /** The experiment's settings by key, lists as text: what runs are grouped by. */
  settings: Record<string, string | number>
  note: string
  tags: string[]
  /** Kept whatever the size of the library. */
  pinned: boolean
  /** On the disk. */
  bytes: number
  /** The command line that makes it again; null where there is none. */
  command: string | null
  /** When it was put into the trash, in ISO 8601; null: it is not there. */
  removed: string | null
  /** Of a training. */
  steps: { done: number; planned: number } | null
  /** A training that ended before its last step and has a checkpoint. */
  canResume: boolean
  /** The sweep that it is a point of; left out: of none. */
  sweep?: RunSweep
}

/** All of a run that its picture is drawn from. */
export interface RunDocument {
  entry: RunEntry
  experiment: Experiment
  /** Null where the file is damaged, or an older program kept none. */
  environment: RunEnvironment | null
  /** What the job's event at its start was; its type tells which. Null where it never started. */
  started: unknown
  /** What the job replied; null while there is nothing yet. */
  result: unknown
}

/** What a person says of a run. */
export interface RunChanges {
  name?: string
  note?: string
  tags?: string[]
  pinned?: boolean
}

export const LONGEST_RUN_NAME = 100
export const LONGEST_NOTE = 10_000
export const LONGEST_TAG = 40
export const MOST_TAGS = 20

/** Names of folders, and nothing that leads elsewhere. */
const ID = /^[a-z][a-z0-9]{0,30}-[0-9]{1,9}$/

export const isRunId = (text: string): boolean => ID.test(text)

const MOST_FIGURES = 200
const MOST_POINTS = 60
const MOST_CURVES = 40
const MOST_SETTINGS = 200

/** @throws InputError with place, cause and hint: a run's file may be of anyone's making */
export function parseRunEntry(value: unknown, where: string): RunEntry {
  const given = objectOf(value, where, 'this is no run', HINT)
  const at = (key: string) => `${where}.${key}`
  const id = textOf(given.id, at('id'), 42)
  if (!isRunId(id)) throw new InputError(at('id'), `${show(id)} is no run’s id`, 'Ids are like "fern-12".')
  return {
    id,
    name: runName(given.name, at('name')),
    kind: choice(given.kind, at('kind'), RUN_KINDS),
    created: dateOf(given.created, at('created')),
    seconds: finiteNumber(given.seconds, at('seconds'), COUNT),
    state: choice(given.state, at('state'), RUN_STATES),
    device: textOf(given.device, at('device')),
    ...(given.deviceNote === undefined ? {} : { deviceNote: textOf(given.deviceNote, at('deviceNote')) }),
    version: textOf(given.version, at('version'), 100),
    seed: finiteNumber(given.seed, at('seed'), ANY),
    title: textOf(given.title, at('title')),
    varied: textOf(given.varied, at('varied')),
    figures: list(given.figures, at('figures'), MOST_FIGURES).map((one, i) =>
      figureOf(one, `${at('figures')}[${i}]`),
    ),
    thumbnail: given.thumbnail === null ? null : thumbnailOf(given.thumbnail, at('thumbnail')),
    settings: settingsOf(given.settings, at('settings')),
    note: runNote(given.note, at('note')),
    tags: runTags(given.tags, at('tags')),
    pinned: trueOrFalse(given.pinned, at('pinned')),
    bytes: finiteNumber(given.bytes, at('bytes'), COUNT),
    command: given.command === null ? null : textOf(given.command, at('command')),
    removed: given.removed === null ? null : dateOf(given.removed, at('removed')),
    steps: given.steps === null ? null : stepsOf(given.steps, at('steps')),
    canResume: trueOrFalse(given.canResume, at('canResume')),
    ...(given.sweep === undefined ? {} : { sweep: parseRunSweep(given.sweep, at('sweep')) }),
  }
}

/** @throws InputError for a name that is none */
export function runName(value: unknown, where: string): string {
  const text = typeof value === 'string' ? value.trim() : ''
  if (text.length > 0 && text.length <= LONGEST_RUN_NAME && !/[\p{Cc}\u2028\u2029]/u.test(text)) return text
  throw new InputError(
    where,
    'this is no name for a run',
    `Give 1 to ${LONGEST_RUN_NAME} characters on one line.`,
  )
}

/** @throws InputError for a note that is too long, or no text */
export const runNote = (value: unknown, where: string): string => textOf(value, where, LONGEST_NOTE)

/** Each once, without the white space around it. @throws InputError for what are no tags */
export function runTags(value: unknown, where: string): string[] {
  const what = 'these are no tags'
  const hint = `Give at most ${MOST_TAGS}, each of 1 to ${LONGEST_TAG} characters without a comma.`
  const tags = listOf(value, where, { least: 0, most: MOST_TAGS, what, hint }).map((one) => {
    const tag = typeof one === 'string' ? one.trim() : ''
    if (tag.length > 0 && tag.length <= LONGEST_TAG && !/[\p{Cc}\u2028\u2029,]/u.test(tag)) return tag
    throw new InputError(where, `${show(one)} is no tag`, hint)
  })
  return [...new Set(tags)]
}

/** What a person wants said of a run, checked. @throws InputError */
export function parseRunChanges(changes: RunChanges, where = 'run'): RunChanges {
  const { name, note, tags, pinned } = changes
  return {
    ...(name === undefined ? {} : { name: runName(name, `${where}.name`) }),
    ...(note === undefined ? {} : { note: runNote(note, `${where}.note`) }),
    ...(tags === undefined ? {} : { tags: runTags(tags, `${where}.tags`) }),
    ...(pinned === undefined ? {} : { pinned: trueOrFalse(pinned, `${where}.pinned`) }),
  }
}

const list = (value: unknown, where: string, most: number) =>
  listOf(value, where, { least: 0, most, what: `this is no list of at most ${most}`, hint: HINT })

/** Also what is not finite: a network may have exploded. */
function numberOf(value: unknown, where: string): number {
  if (typeof value === 'number') return value
  throw new InputError(where, `${show(value)} is not a number`, HINT)
}

function figureOf(value: unknown, where: string): RunFigure {
  const { label, value: number, low, high, n } = objectOf(value, where, 'this is no figure', HINT)
  return {
    label: textOf(label, `${where}.label`),
    value: numberOf(number, `${where}.value`),
    low: low === null ? null : numberOf(low, `${where}.low`),
    high: high === null ? null : numberOf(high, `${where}.high`),
    n: finiteNumber(n, `${where}.n`, COUNT),
  }
}

function thumbnailOf(value: unknown, where: string): RunThumbnail {
  const { x, curves } = objectOf(value, where, 'these are no curves', HINT)
  const xs = numbers(x, `${where}.x`)
  return {
    x: xs,
    curves: list(curves, `${where}.curves`, MOST_CURVES).map((one, i) => {
      const place = `${where}.curves[${i}]`
      const { name, y } = objectOf(one, place, 'this is no curve', HINT)
      const ys = numbers(y, `${place}.y`)
      if (ys.length !== xs.length) throw new InputError(place, 'it has not one y for each x', HINT)
      return { name: textOf(name, `${place}.name`), y: ys }
    }),
  }
}

const numbers = (value: unknown, where: string): number[] =>
  list(value, where, MOST_POINTS).map((one, i) => numberOf(one, `${where}[${i}]`))

function settingsOf(value: unknown, where: string): Record<string, string | number> {
  const given = Object.entries(objectOf(value, where, 'these are no settings', HINT))
  if (given.length > MOST_SETTINGS) throw new InputError(where, 'these are too many settings', HINT)
  return Object.fromEntries(
    given.map(([key, one]) => [key, typeof one === 'number' ? one : textOf(one, `${where}.${key}`)]),
  )
}

function stepsOf(value: unknown, where: string): { done: number; planned: number } {
  const { done, planned } = objectOf(value, where, 'these are no steps', HINT)
  return {
    done: finiteNumber(done, `${where}.done`, COUNT),
    planned: finiteNumber(planned, `${where}.planned`, COUNT),
  }
}
