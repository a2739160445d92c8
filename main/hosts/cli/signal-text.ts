import type { SeriesHeader } from '../../../shared/theory/series'
import type { SeriesResult } from '../../../shared/signal/results'
import { table } from './output'

/** A series' theory as the documents of `signal` and `theory` have it. */
export function theoryFields({ block, remedy, note, theory }: SeriesHeader) {
  const { note: theoryNote, remark, finiteWidth = null, ...curves } = theory
  return { block, remedy, note, theory: curves, theoryNote, theoryRemark: remark, finiteWidth }
}

/** The ends of the networks, measured (mean over replicas) where they were, and in theory. */
export function signalTable(series: (SeriesHeader & Partial<SeriesResult>)[]): string {
  const isMeasured = series.some((one) => one.q)
  const rows = series.map((one) => {
    const last = one.theory.q ? one.theory.q.length - 1 : one.q ? one.q.mean.length - 1 : 0
    const cell = (quantity: 'q' | 'v' | 'm' | 'p') => {
      const k = quantity === 'p' ? 0 : last
      const theory = one.theory[quantity]?.[k]
      const measured = one[quantity]?.mean[k]
      return (isMeasured ? [measured, theory] : [theory])
        .map((x) => (x === undefined ? '-' : short(x)))
        .join(' / ')
    }
    return [one.block, one.remedy, cell('q'), cell('v'), cell('m'), cell('p')]
  })
  const notes = series.flatMap((one) => (one.note ? [`${one.block} / ${one.remedy}: ${one.note}`] : []))
  return [
    ...table([['block', 'remedy', 'q_L', 'v_L', 'm_L', 'p_0'], ...rows]),
    isMeasured ? 'measured (mean over replicas) / theory' : 'theory',
    ...notes,
  ].join('\n')
}

const short = (x: number) => (Number.isFinite(x) ? String(Number(x.toPrecision(4))) : String(x))
