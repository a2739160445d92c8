import { PRESETS } from '../block/presets'
import { REMEDIES } from '../block/remedies'
import type { SeriesGraph } from './series'

type Named = Pick<SeriesGraph, 'block' | 'blockTitle' | 'remedy'>

/** "Type 2" of "Type 2: ReLU, then linear", "Original" of "Original (He et al. 2015)". */
export function shortTitle(title: string): string {
  return title.split(/[:(]/)[0].trim()
}

/** "Batch norm" of "batch-norm"; a name that is no remedy stays as it is. */
export function remedyTitle(name: string): string {
  return REMEDIES.find((remedy) => remedy.name === name)?.title ?? name
}

/**
 * The shortest name that tells a series from the others beside it: the remedy for the first (the chosen) block; for
 * others the block, and the remedy if there is one.
 */
export function seriesLabel(series: Named, all: readonly Named[]): string {
  if (series.block === all[0]?.block) return remedyTitle(series.remedy)
  return seriesTitle(series)
}

/** A series by its block and remedy, whatever stands beside it: "Type 2, batch norm". */
export function seriesTitle({ blockTitle, remedy }: Omit<Named, 'block'>): string {
  const block = shortTitle(blockTitle)
  return remedy === 'none' ? block : `${block}, ${remedyTitle(remedy)}`
}

/** The one name of a network, whatever stands beside it: "Type 2 + batch norm", "plain Type 2". */
export function networkTitle(network: {
  block: string
  blockTitle?: string
  remedy: string
  skip: 'on' | 'off'
}): string {
  const title =
    network.blockTitle ?? PRESETS.find(({ name }) => name === network.block)?.title ?? network.block
  const remedy = network.remedy === 'none' ? '' : ` + ${remedyTitle(network.remedy)}`
  return `${network.skip === 'off' ? 'plain ' : ''}${shortTitle(title)}${remedy}`
}
