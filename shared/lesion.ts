import { InputError } from './errors'

/** What is done to a network's blocks, which count from 1: some become the identity, or two change places. */
export type Lesion = { delete: number[] } | { permute: [number, number] }

/**
 * The two options' values; exactly one must be given.
 * @param blocks the network's depth L
 * @throws InputError with the option, what is wrong and how to mend it
 */
export function parseLesion(value: { delete?: unknown; permute?: unknown }, blocks: number): Lesion {
  const given = (['delete', 'permute'] as const).filter((key) => value[key] !== undefined)
  if (given.length !== 1) {
    throw new InputError(
      given.length ? '--delete, --permute' : '--delete',
      given.length ? 'only one of them can be done at a time' : 'nothing says which blocks to change',
      'Give either --delete with block numbers (for example 3 or 3,7) or --permute with two of them (for example 3,7).',
    )
  }
  const [key] = given
  const numbers = blockNumbers(value[key], blocks, `--${key}`)
  if (key === 'delete') return { delete: numbers }
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
    const shown = typeof k === 'number' ? String(k) : JSON.stringify(k)
    if (typeof k !== 'number' || !Number.isInteger(k)) {
      throw new InputError(where, `${shown} is not a block’s number`, range)
    }
    if (k < 1 || k > blocks) throw new InputError(where, `there is no block ${shown}`, range)
    if (value.indexOf(k) < i) {
      throw new InputError(where, `block ${shown} is given twice`, 'Give each block once.')
    }
  })
  return value as number[]
}

/** The blocks in the order in which the changed network runs them. */
export function lesionOrder(lesion: Lesion, blocks: number): number[] {
  const order = Array.from({ length: blocks }, (_, i) => i + 1)
  if ('delete' in lesion) return order.filter((k) => !lesion.delete.includes(k))
  const [i, j] = lesion.permute
  ;[order[i - 1], order[j - 1]] = [j, i]
  return order
}

/** How many blocks both networks have in common before the first change. */
export function intactStart(order: readonly number[]): number {
  const changed = order.findIndex((k, i) => k !== i + 1)
  return changed < 0 ? order.length : changed
}

/** "blocks 3 and 7 deleted". */
export function lesionText(lesion: Lesion): string {
  if ('permute' in lesion) return `blocks ${lesion.permute.join(' and ')} exchanged`
  return `block${lesion.delete.length > 1 ? 's' : ''} ${lesion.delete.join(', ')} deleted`
}
