import { appearanceOf, blocksOf, type Appearance } from '../charts/appearance'
import { networkTitle } from '../network/series-names'
import { seriesIn } from '../runs/curves'
import type { RunDocument } from '../runs/run'

/** Each network's own name, which says all by itself: "Type 2 + batch norm", "plain Type 2". */
export const namesOf = (result: unknown, { skip }: RunDocument['experiment']): string[] =>
  seriesIn(result).map((one) => {
    if (typeof one.reference === 'string') return one.reference
    const { block, blockTitle, remedy } = one
    return networkTitle({
      block: typeof block === 'string' ? block : '',
      blockTitle: typeof blockTitle === 'string' ? blockTitle : undefined,
      remedy: typeof remedy === 'string' ? remedy : 'none',
      skip: one.skip === 'on' || one.skip === 'off' ? one.skip : skip,
    })
  })

/** Residual and plain networks of one block stand beside each other as two blocks do. */
export function looksOf(result: unknown, skip: 'on' | 'off'): Appearance[] {
  const named = seriesIn(result).map((one) => ({
    block: `${String(one.block)}/${String(one.skip ?? skip)}/${String(one.reference ?? '')}`,
    remedy: typeof one.remedy === 'string' ? one.remedy : 'none',
  }))
  return named.map((one) => appearanceOf(one, blocksOf(named)))
}

/** Of series that have no result yet, as they look in one. */
export const looksOfSeries = (series: readonly { block: string; remedy: string; skip: 'on' | 'off' }[]) =>
  looksOf({ series }, 'on')
