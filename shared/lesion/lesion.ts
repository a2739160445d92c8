import { type LesionKind, KINDS, KIND_WORDS, MOST_DRAWS } from '../settings/lesion'
import { choice, show, wholeNumber } from '../base/check'
import { InputError } from '../base/errors'
import { Random } from '../numerics/random'
import { STREAM } from '../numerics/random-streams'

/**
 * What is done to a network's blocks, which count from 1: some become the identity, some run twice, or two change
 * places.
 */
export type Lesion = { delete: number[] } | { duplicate: number[] } | { permute: [number, number] }

/** Lesions of one kind, each tried on the intact network. */
export type LesionSet =
  | { set: 'one'; lesion: Lesion }
  /** Every block by itself: L lesions, L - 1 exchanges. */
  | { set: 'each'; kind: LesionKind }
  /** For each number of deleted blocks that `deletionCounts` lists, `draws` random choices. */
  | { set: 'random'; draws: number; seed: number }
  /** Both, on the same networks: each first. */
  | { set: 'survey'; kind: LesionKind; draws: number; seed: number }

type Options = { delete?: unknown; duplicate?: unknown; permute?: unknown; each?: unknown; random?: unknown }
const OPTIONS = ['delete', 'duplicate', 'permute', 'each', 'random'] as const

/**
 * The options' values; exactly one must be given, or `each` and `random` together.
 * @param blocks the network's depth L
 * @param seed of the experiment: random deletions are drawn from it
 * @throws InputError with the option, what is wrong and how to mend it
 */
export function parseLesions(value: Options, blocks: number, seed: number): LesionSet {
  const given = OPTIONS.filter((key) => value[key] !== undefined)
  if (given.join() === 'each,random') {
    return { set: 'survey', kind: parseKind(value.each, blocks), draws: parseDraws(value.random), seed }
  }
  if (given.length !== 1) {
    throw new InputError(
      given.length ? given.map((key) => `--${key}`).join(', ') : '--delete',
      given.length ? 'only one of them can be done at a time' : 'nothing says which blocks to change',
      'Give --delete or --duplicate with block numbers (for example 3 or 3,7), --permute with two of them ' +
        '(for example 3,7), --each delete, or --random with a number of draws.',
    )
  }
  const [key] = given
  switch (key) {
    case 'delete':
    case 'duplicate':
    case 'permute':
      return { set: 'one', lesion: parseLesion(key, value[key], blocks) }
    case 'each':
      return { set: 'each', kind: parseKind(value.each, blocks) }
    case 'random':
      return { set: 'random', draws: parseDraws(value.random), seed }
  }
}

function parseKind(value: unknown, blocks: number): LesionKind {
  if (value === 'exchange' && blocks < 2) {
    throw new InputError('--each', 'one block has no other to change places with', 'Give more blocks.')
  }
  return choice(value, '--each', KINDS, `Give ${KIND_WORDS}.`)
}

function parseDraws(value: unknown): number {
  const kind = 'a whole number of draws'
  return wholeNumber(value, '--random', { minimum: 1, maximum: MOST_DRAWS }, { kind })
}

function parseLesion(key: 'delete' | 'duplicate' | 'permute', value: unknown, blocks: number): Lesion {
  const numbers = blockNumbers(value, blocks, `--${key}`)
  if (key === 'delete') return { delete: numbers }
  if (key === 'duplicate') return { duplicate: numbers }
  if (numbers.length !== 2) {
    throw new InputError(
      '--permute',
      `${numbers.length} block${numbers.length === 1 ? '' : 's'} cannot change places`,
      'Give two block numbers, for example 3,7.',
    )
  }
  return { permute: [numbers[0], numbers[1]] }
}

function blockNumbers(value: unknown, blocks: number, where: string): number[] {
  const range = `Blocks count from 1 to ${blocks}.`
  if (!Array.isArray(value) || !value.length) {
    throw new InputError(where, 'no block is given', range)
  }
  value.forEach((k: unknown, i) => {
    if (typeof k !== 'number' || !Number.isInteger(k)) {
      throw new InputError(where, `${show(k)} is not a block’s number`, range)
    }
    if (k < 1 || k > blocks) throw new InputError(where, `there is no block ${k}`, range)
    if (value.indexOf(k) < i)
      throw new InputError(where, `block ${k} is given twice`, 'Give each block once.')
  })
  return value as number[]
}

function lesionOfKind(kind: LesionKind, k: number): Lesion {
  switch (kind) {
    case 'delete':
      return { delete: [k] }
    case 'duplicate':
      return { duplicate: [k] }
    case 'exchange':
      return { permute: [k, k + 1] }
  }
}

/** All lesions of a set, in the order in which they are reported. */
export function lesionsOf(set: LesionSet, blocks: number): Lesion[] {
  const all = Array.from({ length: blocks }, (_, i) => i + 1)
  switch (set.set) {
    case 'one':
      return [set.lesion]
    case 'each':
      return all.slice(0, countOfEach(set, blocks)).map((k): Lesion => lesionOfKind(set.kind, k))
    case 'survey':
      return [...lesionsOf({ ...set, set: 'each' }, blocks), ...lesionsOf({ ...set, set: 'random' }, blocks)]
    case 'random':
      return deletionCounts(blocks).flatMap((count) =>
        Array.from({ length: set.draws }, (_, draw) => {
          const order = new Random(set.seed, STREAM.randomDeletions, count, draw).permutation(blocks)
          return { delete: [...order.subarray(0, count)].map((i) => i + 1).sort((a, b) => a - b) }
        }),
      )
  }
}

/** How many of a set's lesions, from the first on, are of one block each in turn. */
export function countOfEach(set: LesionSet, blocks: number): number {
  if (set.set !== 'each' && set.set !== 'survey') return 0
  return set.kind === 'exchange' ? blocks - 1 : blocks
}

/** How many blocks are deleted at once: up to twelve numbers from 1 to L - 1 at about equal distances. */
export function deletionCounts(blocks: number): number[] {
  const most = 12
  const last = Math.max(1, blocks - 1)
  if (last <= most) return Array.from({ length: last }, (_, i) => i + 1)
  return Array.from({ length: most }, (_, i) => Math.round(1 + (i * (last - 1)) / (most - 1)))
}

/** The blocks in the order in which the changed network runs them. */
export function lesionOrder(lesion: Lesion, blocks: number): number[] {
  const order = Array.from({ length: blocks }, (_, i) => i + 1)
  if ('delete' in lesion) return order.filter((k) => !lesion.delete.includes(k))
  if ('duplicate' in lesion) return order.flatMap((k) => (lesion.duplicate.includes(k) ? [k, k] : [k]))
  const [i, j] = lesion.permute
  ;[order[i - 1], order[j - 1]] = [j, i]
  return order
}

/** How many blocks both networks have in common before the first change. */
export function intactStart(order: readonly number[]): number {
  const changed = order.findIndex((k, i) => k !== i + 1)
  return changed < 0 ? order.length : changed
}

/** "blocks 3 and 7 exchanged". */
export function lesionText(lesion: Lesion): string {
  if ('permute' in lesion) return `blocks ${lesion.permute.join(' and ')} exchanged`
  const [numbers, what] =
    'delete' in lesion ? [lesion.delete, 'deleted'] : [lesion.duplicate, 'running twice']
  return `block${numbers.length > 1 ? 's' : ''} ${numbers.join(', ')} ${what}`
}

const EACH_TEXTS: Record<LesionKind, string> = {
  delete: 'each block deleted in turn',
  duplicate: 'each block running twice in turn',
  exchange: 'each block exchanged with the next in turn',
}

/** A set of lesions in words, for titles and sentences: "each block deleted in turn". */
export function lesionSetText(set: LesionSet): string {
  if (set.set === 'one') return lesionText(set.lesion)
  if (set.set === 'each') return EACH_TEXTS[set.kind]
  const random = `${set.draws} random choices for each number of deleted blocks`
  return set.set === 'random' ? random : `${lesionSetText({ ...set, set: 'each' })}, then ${random}`
}
