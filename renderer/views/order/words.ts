import type { Experiment } from '../../../shared/settings/experiment'
import { orderingTitle } from '../../../shared/order/set'
import type { OrderRow } from '../../../shared/order/rows'
import type { SeriesHeader } from '../../../shared/theory/series'

/** n, of what is measured to the end: where it was stopped, that is less than was asked for. */
function networksText(
  rows: readonly OrderRow[],
  seeds: number,
  replicas: number,
  isRunning: boolean,
): string {
  const whole = seeds * replicas
  const counts = rows.map(({ n }) => n)
  const [least, most] = [Math.min(...counts, whole), Math.max(...counts, 0)]
  if (least === whole)
    return `n = ${whole} networks a curve (${seeds} ${seeds === 1 ? 'seed' : 'seeds'} × ${replicas})`
  if (isRunning) return `n = ${whole} networks a curve once all are measured`
  return `n = ${least === most ? most : `${least} to ${most}`} of ${whole} networks a curve`
}

/** Which networks the charts and the table are about. */
export function contextText(
  { blocks, width, network, skip, replicas }: Experiment,
  rows: readonly OrderRow[],
  seeds: number,
  isRunning: boolean,
): string {
  const widths = network
    ? `widths ${[...new Set(network.stages.map((stage) => stage.width))].join(', ')}`
    : `width ${width}`
  // Stages that do not take part in the comparison.
  const kept = network?.stages.filter(({ block }) => block !== undefined).length ?? 0
  const own = kept === 1 ? '; 1 stage keeps a block of its own' : `; ${kept} stages keep blocks of their own`
  return [
    `${blocks} blocks, ${widths}${skip === 'off' ? ', no skip' : ''}; mean of `,
    networksText(rows, seeds, replicas, isRunning),
    kept ? own : '',
  ].join('')
}

export function bandText({ replicas }: Pick<Experiment, 'replicas'>, seeds: number): string {
  return seeds === 1 || replicas === 1
    ? 'Bands: 5th to 95th percentile over the networks.'
    : 'Bands: 5th to 95th percentile over each seed’s networks, averaged over the seeds.'
}

/** Where theory is not what finite networks do, and for which orderings; one sentence or more for each reason. */
export function theoryRemarks(headers: readonly Pick<SeriesHeader, 'blockTitle' | 'theory'>[]): string[] {
  const about = new Map<string, Set<string>>()
  for (const { blockTitle, theory } of headers) {
    if (!theory.remark) continue
    about.set(theory.remark, (about.get(theory.remark) ?? new Set()).add(orderingTitle(blockTitle)))
  }
  return [...about].map(([remark, titles]) => `${[...titles].join(', ')}: ${remark}`)
}
