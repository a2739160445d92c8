import { named } from '../../../shared/base/errors'
import { CSV } from './csv'
import type { MetricsFormat } from './format'
import { PARQUET } from './parquet'
import { TENSORBOARD } from './tensorboard'

/** The forms in which numbers of runs leave the lab. */
export const METRICS_FORMATS: readonly MetricsFormat[] = [CSV, PARQUET, TENSORBOARD]

/** @throws InputError with the nearest name */
export const metricsFormat = (name: string, where = '--format'): MetricsFormat =>
  named(METRICS_FORMATS, name, where, 'format')
