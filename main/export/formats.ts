import { named } from '../../shared/base/errors'
import type { ExportFormat } from './format'
import { onnx } from './onnx'
import { pytorch } from './pytorch'

/** All forms in which networks leave the lab. */
export const EXPORT_FORMATS: readonly ExportFormat[] = [pytorch, onnx]

/** @throws InputError with the nearest name */
export const formatNamed = (name: string, where = '--format'): ExportFormat =>
  named(EXPORT_FORMATS, name, where, 'format')
