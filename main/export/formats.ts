import type { ExportFormName } from '../../shared/export/forms'
import type { ExportFormat } from './format'
import { keras } from './keras'
import { npz } from './npz'
import { onnx } from './onnx'
import { pytorch } from './pytorch'
import { savedmodel } from './tensorflow/saved-model'
import { tfjs } from './tensorflow/tfjs'

/** All forms in which networks leave the lab. */
export const EXPORT_FORMATS: readonly ExportFormat[] = [pytorch, keras, onnx, tfjs, savedmodel, npz]

export const formatNamed = (name: ExportFormName): ExportFormat =>
  EXPORT_FORMATS.find((format) => format.name === name)!
