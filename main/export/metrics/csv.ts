import { toCsvLines } from '../../../shared/base/csv'
import { metricsForm } from '../../../shared/runs/metrics-forms'
import { METRIC_COLUMNS, metricRows } from '../../../shared/runs/metrics-table'
import type { MetricsFormat } from './format'

/** Characters that are encoded together. */
const CHUNK = 2 ** 16

/** The table as text (RFC 4180). */
export const CSV: MetricsFormat = {
  ...metricsForm('csv'),
  files({ document, table }) {
    const header = METRIC_COLUMNS.map(({ name }) => name)
    return [['', encoded(toCsvLines(header, metricRows(document.entry.id, table.curves)))]]
  },
}

function* encoded(lines: Iterable<string>): Generator<Uint8Array> {
  let chunk = ''
  for (const line of lines) {
    chunk += line
    if (chunk.length < CHUNK) continue
    yield Buffer.from(chunk)
    chunk = ''
  }
  yield Buffer.from(chunk)
}
