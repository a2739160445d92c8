import { joinWords } from '../base/format'
import type { LineRegions } from './line-regions'
import { SIDES, type Side } from './regions'

const whole = (count: number) => Math.round(count).toLocaleString('en')

/**
 * How many regions the line has after k blocks: mean over networks, smallest and largest; as far as all of them were
 * counted.
 */
export function countsOf(
  networks: readonly LineRegions[],
): { k: number; mean: number; low: number; high: number }[] {
  const depth = networks.length ? Math.min(...networks.map(({ counts }) => counts.length)) : 0
  return Array.from({ length: depth }, (_, k) => {
    const counts = networks.map((one) => one.counts[k])
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
    return { k, mean, low: Math.min(...counts), high: Math.max(...counts) }
  })
}

/** What the counts say, plain against residual. */
export function regionsFinding(line: Record<Side, readonly LineRegions[]>, center: 'on' | 'off'): string {
  const sides = SIDES.flatMap((side) => {
    const counts = countsOf(line[side])
    return counts.length > 1 ? [{ side, counts }] : []
  })
  if (!sides.length) return ''
  const depth = Math.min(...sides.map(({ counts }) => counts.length)) - 1
  const at = sides.map(({ side, counts }) => ({ side, count: counts[depth].mean }))
  const bound = sides.some(({ side }) => line[side].some(({ isExact }) => !isExact)) ? 'at least ' : ''
  const parts = at.map(({ side, count }) => `${bound}${whole(count)} in the ${side} network`)
  const blocks = `${depth} ${depth === 1 ? 'block' : 'blocks'}`
  const sentences = [`Linear regions of the line after ${blocks}: ${joinWords(parts)}.`]
  if (center === 'off' && at.every(({ count }) => count <= 2))
    sentences.push('Without centring every ReLU bends at x = 0: turn centring on.')
  else if (at.length === 2 && at.every(({ count }) => count > 2)) {
    const [more, fewer] = at[0].count >= at[1].count ? at : [at[1], at[0]]
    const ratio = more.count / fewer.count
    if (ratio > 1.15)
      sentences.push(
        `${more.side === 'plain' ? 'Plain' : 'Residual'} has ${ratio.toPrecision(2)} times as many, with ` +
          'as many ReLUs.',
      )
  }
  const cut = (cause: LineRegions['cause']) =>
    sides.flatMap(({ side }) => {
      const block = line[side].find((one) => one.cause === cause)?.cutAt
      return block ? [`${side} network, block ${block}`] : []
    })
  const [many, overflow] = [cut('many'), cut('overflow')]
  if (many.length) sentences.push(`Too many to count on: ${joinWords(many)}.`)
  if (overflow.length)
    sentences.push(
      `Values are not finite: ${joinWords(overflow)}. Lower the depth or the gain, or choose a remedy.`,
    )
  return sentences.join(' ')
}
