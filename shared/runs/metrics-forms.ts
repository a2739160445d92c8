/** A form in which numbers of runs leave the lab. */
export interface MetricsForm {
  name: (typeof METRICS_FORM_NAMES)[number]
  title: string
  /** Whether it is a folder or one file. */
  is: 'folder' | 'file'
  extension: string
  /** What reads it, and how; PATH is where it lies. */
  reader: string
}

export const METRICS_FORM_NAMES = ['csv', 'parquet', 'tensorboard'] as const

export const METRICS_FORMS: readonly MetricsForm[] = [
  {
    ...{ name: 'csv', title: 'CSV', is: 'file', extension: 'csv' },
    reader: 'any spreadsheet, pandas.read_csv, R’s read.csv',
  },
  {
    ...{ name: 'parquet', title: 'Parquet', is: 'file', extension: 'parquet' },
    reader: 'pandas.read_parquet, Polars, DuckDB, R’s arrow',
  },
  {
    ...{ name: 'tensorboard', title: 'TensorBoard', is: 'folder', extension: '' },
    reader: 'tensorboard --logdir PATH',
  },
]

export const metricsForm = (name: MetricsForm['name']): MetricsForm =>
  METRICS_FORMS.find((one) => one.name === name)!
