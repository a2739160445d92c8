import * as path from 'node:path'
import { fromHalfBits } from '../../shared/numerics/float16'
import { tensorsByName } from '../../shared/import/tensors'
import { readJson } from '../../shared/base/json'
import { readSavedModel } from '../export/tensorflow/read-saved-model'
import type { WeightEntry } from '../export/tensorflow/weights'
import { readBytes, readTextFile } from '../files/read'
import { MOST_BYTES, MOST_TEXT_BYTES, checkCount, checkShape, type WeightsFile } from './weights-file'

/** Bytes of a SavedModel, which its own classes read as a whole, several times as large. */
const MOST_GRAPH_BYTES = 512 * 2 ** 20

/** model.json with its weights beside it, TensorFlow.js's form. @throws Error, a clause about the file */
export function readTensorFlowJs(folder: string, texts: ReadonlyMap<string, string>): WeightsFile {
  const { value } = readJson(readTextFile(path.join(folder, 'model.json'), MOST_TEXT_BYTES))
  const manifest = (value as { weightsManifest?: unknown } | null)?.weightsManifest
  if (!Array.isArray(manifest)) throw new Error('model.json lists no weights')
  const entries: WeightEntry[] = []
  const parts: Buffer[] = []
  let left = MOST_BYTES
  for (const group of manifest as unknown[]) {
    const { paths, weights } = (group ?? {}) as { paths?: unknown; weights?: unknown }
    if (!Array.isArray(paths) || !Array.isArray(weights)) throw new Error('model.json lists no weights')
    for (const name of paths) {
      // Also a name that would lead out of the folder.
      if (typeof name !== 'string' || !/^[\w-][\w.-]*$/.test(name))
        throw new Error('model.json names a file of weights that is not beside it')
      const part = readBytes(path.join(folder, name), left)
      left -= part.length
      parts.push(part)
    }
    entries.push(...weights.map(entryOf))
  }
  return weightsOf('TensorFlow.js', entries, Buffer.concat(parts), texts)
}

/** A SavedModel whose weights are constants, as exports of the lab have them. @throws Error, a clause about the file */
export function readSavedModelFolder(folder: string, texts: ReadonlyMap<string, string>): WeightsFile {
  const file = path.join(folder, 'saved_model.pb')
  readBytes(file, MOST_GRAPH_BYTES)
  const { weights, data } = readSavedModel(file)
  const opened = weightsOf('SavedModel', weights, Buffer.from(data), texts)
  // Halves are floats here already.
  const bare = opened.tensors.map((one) => ({ ...one, name: one.name.replace(/\.half$/, '') }))
  const names = new Map(bare.map((one, i) => [one.name, opened.tensors[i]]))
  return { ...opened, tensors: bare, values: ({ name }) => opened.values(names.get(name)!) }
}

function entryOf(value: unknown): WeightEntry {
  const { name, shape, dtype, quantization } = (value ?? {}) as Partial<WeightEntry>
  if (typeof name !== 'string' || !Array.isArray(shape))
    throw new Error('model.json lists a weight that is none')
  checkShape(shape as number[], name)
  if (dtype !== 'float32' && dtype !== 'int32') throw new Error(`"${name}" is neither float32 nor int32`)
  if (quantization && (quantization as { dtype?: unknown }).dtype !== 'float16')
    throw new Error(`"${name}" is quantized to whole numbers`)
  return { name, shape, dtype, ...(quantization ? { quantization } : {}) }
}

/** Weights that lie one after the other. */
function weightsOf(
  title: string,
  entries: readonly WeightEntry[],
  data: Buffer,
  texts: ReadonlyMap<string, string>,
): WeightsFile {
  checkCount(entries.length)
  const places = new Map<string, [number, WeightEntry]>()
  let end = 0
  for (const entry of entries) {
    if (places.has(entry.name)) throw new Error(`"${entry.name}" is in it twice`)
    places.set(entry.name, [end, entry])
    end += sizeOf(entry) * bytesOf(entry)
  }
  if (end !== data.length)
    throw new Error(`its weights have ${data.length} bytes, and their shapes ask for ${end}`)
  const named = entries.map(({ name, shape, dtype, quantization }) => ({
    ...{ name, shape, type: quantization?.dtype ?? dtype },
  }))
  // Whatever the weights are called, TensorFlow has [in, out]; what is no layer's is a number of the graph.
  const tensors = tensorsByName(named).map((one) => ({
    ...{ ...one, order: 'in-first' as const },
    layer: one.role === null ? null : one.layer,
  }))
  return {
    ...{ title, tensors, texts },
    values({ name }) {
      const [at, entry] = places.get(name)!
      const values = new Float32Array(sizeOf(entry))
      for (let i = 0; i < values.length; i++)
        values[i] = entry.quantization
          ? fromHalfBits(data.readUInt16LE(at + 2 * i))
          : data.readFloatLE(at + 4 * i)
      return values
    },
    close() {},
  }
}

const sizeOf = ({ shape }: WeightEntry) => shape.reduce((product, side) => product * side, 1)
const bytesOf = ({ quantization }: WeightEntry) => (quantization ? 2 : 4)
