import { readJson } from '../../shared/base/json'
import { tensorsByName } from '../../shared/import/tensors'
import { openSafetensors } from '../trainer/engine/checkpoint/safetensors'
import { checkCount, checkShape, type WeightsFile } from './weights-file'

/** NumPy's words for the format's; others are said as they are. */
const TYPES: Readonly<Record<string, string>> = {
  ...{ F64: 'float64', F32: 'float32', F16: 'float16', BF16: 'bfloat16', BOOL: 'bool' },
  ...{ I64: 'int64', I32: 'int32', I16: 'int16', I8: 'int8' },
  ...{ U64: 'uint64', U32: 'uint32', U16: 'uint16', U8: 'uint8' },
}

/** @param texts of the export that the file is part of @throws Error, a clause about the file */
export function readSafetensors(file: string, texts: ReadonlyMap<string, string>): WeightsFile {
  // The lab's own parser refuses a name that is there twice.
  const opened = openSafetensors(file, (text) => readJson(text).value)
  try {
    checkCount(opened.shapes.size)
    const named = [...opened.shapes].map(([name, shape]) => {
      checkShape(shape, name)
      const type = opened.types.get(name)!
      return { name, shape, type: TYPES[type] ?? type }
    })
    return {
      ...{ title: 'safetensors', tensors: tensorsByName(named), texts },
      values: ({ name }) => opened.values(name),
      close: () => opened.close(),
    }
  } catch (error) {
    opened.close()
    throw error
  }
}
