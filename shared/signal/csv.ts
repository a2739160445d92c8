import { toCsv, type Cell } from '../base/csv'
import type { Quantity, SeriesHeader } from '../theory/series'
import type { Summary } from '../numerics/statistics'

export interface MeasuredSeries {
  header: Pick<SeriesHeader, 'block' | 'remedy' | 'theory'>
  q: Summary
  v: Summary
  m: Summary
  p: Summary
}

/** One line per series, quantity and k, with theory beside the measurement. */
export function signalCsv(
  series: readonly MeasuredSeries[],
  quantities: readonly Quantity[],
  context: { replicas: number; step: number },
): string {
  const header = ['block', 'remedy', 'quantity', 'k', 'mean', 'median', 'low', 'high', 'theory', 'n', 'step']
  return toCsv(header, signalRows(series, quantities, context))
}

function* signalRows(
  series: readonly MeasuredSeries[],
  quantities: readonly Quantity[],
  context: { replicas: number; step: number },
): Iterable<Cell[]> {
  for (const one of series) {
    const { block, remedy, theory } = one.header
    for (const quantity of quantities) {
      const { mean, median, low, high } = one[quantity]
      // Theory describes initialisation; it says nothing about trained weights.
      const expected = context.step === 0 ? theory[quantity] : null
      for (let k = 0; k < mean.length; k++) {
        const tail = [expected?.[k] ?? null, context.replicas, context.step]
        yield [block, remedy, quantity, k, mean[k], median[k], low[k], high[k], ...tail]
      }
    }
  }
}
