import { parquetWriteBuffer } from 'hyparquet-writer'
import { version } from '../../../package.json'
import { metricsForm } from '../../../shared/runs/metrics-forms'
import { METRIC_COLUMNS, metricRows } from '../../../shared/runs/metrics-table'
import type { MetricsFormat } from './format'

const TYPES = { text: 'STRING', integer: 'INT32', number: 'DOUBLE' } as const

/** The table as Apache Parquet; the file's own metadata say what columns and metrics mean, and what the run was. */
export const PARQUET: MetricsFormat = {
  ...metricsForm('parquet'),
  files({ document, table }) {
    const columns = METRIC_COLUMNS.map((): (string | number | null)[] => [])
    for (const row of metricRows(document.entry.id, table.curves))
      for (const [i, cell] of row.entries()) columns[i].push(cell)
    const { entry, experiment } = document
    const { id, name, kind, created, device, seed, title } = entry
    const facts = {
      columns: METRIC_COLUMNS,
      metrics: table.metrics,
      run: { id, name, kind, created, device, seed, title, lab: entry.version },
      experiment,
    }
    const bytes = parquetWriteBuffer({
      columnData: METRIC_COLUMNS.map((column, i) => ({
        ...{ name: column.name, data: columns[i], type: TYPES[column.type], nullable: true },
      })),
      kvMetadata: Object.entries(facts).map(([key, value]) => ({
        key: `residual-lab.${key}`,
        value: JSON.stringify(value),
      })),
      createdBy: `residual-lab version ${version}`,
    })
    return [['', [new Uint8Array(bytes)]]]
  },
}
