import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { InputError } from '../../shared/base/errors'
import { TORCH_WEIGHTS } from '../../shared/export/pytorch/code'
import { EXPORT_TEXT } from '../export/format'
import { KERAS_CONFIG, KERAS_WEIGHTS } from '../export/keras/file'
import { readFirstBytes, readTextFile } from '../files/read'
import { readZip, zipNames } from '../files/zip'
import { orRefused, isZip } from './run-archive'
import { readHdf5, readKeras } from './keras'
import { readNpz } from './npz'
import { readOnnx } from './onnx'
import { readSafetensors } from './safetensors'
import { readSavedModelFolder, readTensorFlowJs } from './tensorflow'
import { MOST_BYTES, MOST_TEXT_BYTES, TEXTS, type WeightsFile } from './weights-file'

const KINDS =
  'an export of Residual Lab, a .keras, .h5, .onnx, .npz or .safetensors file, or the .zip of a run'
const SAFETENSORS_HINT =
  'Save the weights with safetensors, which holds numbers alone: save_file(model.state_dict(), "model.safetensors").'

/**
 * Opens what holds the weights of a network, or of several replicas: a folder of an export, of exports, or one file.
 * Close them.
 * @throws InputError in one line: what is wrong with the file, and what helps
 */
export function openWeights(given: string): Promise<WeightsFile[]> {
  return orRefused(given, () => (fs.statSync(given).isDirectory() ? openFolder(given) : openOne(given)))
}

const REPLICA = /^replica-(\d+)(\.\w+)?$/

async function openFolder(folder: string): Promise<WeightsFile[]> {
  const names = fs.readdirSync(folder)
  const replicas = names.flatMap((name) => {
    const [, number] = REPLICA.exec(name) ?? []
    return number === undefined ? [] : [{ name, number: Number(number) }]
  })
  if (replicas.length === 0) return openExport(folder, names)
  const files: WeightsFile[] = []
  try {
    for (const { name } of replicas.sort((a, b) => a.number - b.number)) {
      const one = path.join(folder, name)
      files.push(
        ...(fs.statSync(one).isDirectory() ? await openExport(one, fs.readdirSync(one)) : await openOne(one)),
      )
    }
    return files
  } catch (error) {
    files.forEach((file) => file.close())
    throw error
  }
}

/** A folder that one network was exported to. */
async function openExport(folder: string, names: readonly string[]): Promise<WeightsFile[]> {
  const texts = new Map(
    TEXTS.filter((name) => names.includes(name)).map((name) => [
      name,
      readTextFile(path.join(folder, name), MOST_TEXT_BYTES),
    ]),
  )
  const has = (name: string) => names.includes(name)
  if (has(TORCH_WEIGHTS)) return [readSafetensors(path.join(folder, TORCH_WEIGHTS), texts)]
  if (has('model.json')) return [readTensorFlowJs(folder, texts)]
  if (has('saved_model.pb')) return [readSavedModelFolder(folder, texts)]
  // One file, and beside it what it needs.
  const files = names.filter((name) => FILES.test(name))
  if (files.length === 1) return openOne(path.join(folder, files[0]))
  const what = files.length ? 'this folder holds several files of weights' : 'this folder holds no export'
  throw new InputError(path.basename(path.resolve(folder)), what, `Give ${KINDS}.`)
}

/** Exports that are files. */
const FILES = /\.(keras|onnx|npz)$/

/** Pickle since its second version begins so. */
const isPickle = (bytes: Uint8Array) => bytes[0] === 0x80 && bytes[1] >= 2 && bytes[1] <= 5

async function openOne(file: string): Promise<WeightsFile[]> {
  const where = path.basename(file)
  const head = readFirstBytes(file, 16)
  // Of an export that is a folder, the file that a dialog for files can choose.
  const isPart =
    ['model.json', 'saved_model.pb'].includes(where) || (where === TORCH_WEIGHTS && hasFacts(file))
  if (isPart) return openExport(path.dirname(file), fs.readdirSync(path.dirname(file)))
  const named = (...endings: string[]) => endings.includes(path.extname(file).toLowerCase())
  if (isPickle(head) || named('.pt', '.pth', '.pkl', '.pickle', '.ckpt', '.joblib')) throw pickled(where)
  if (isZip(head)) return openZip(file, where)
  if (head.toString('latin1', 0, 4) === '\x89HDF' || named('.h5', '.hdf5', '.keras'))
    return [await readHdf5(file)]
  if (head.toString('latin1', 0, 6) === '\x93NUMPY') {
    const what = 'one array is no network'
    throw new InputError(where, what, 'Save all weights as .npz with numpy.savez, or as .safetensors.')
  }
  if (named('.safetensors') || (head[8] === 0x7b && head.readBigUInt64LE(0) < 2n ** 32n))
    return [readSafetensors(file, new Map())]
  if (named('.onnx')) return [readOnnx(file)]
  throw new InputError(where, 'this is none of the files that are imported', `Give ${KINDS}.`)
}

const hasFacts = (file: string) => fs.existsSync(path.join(path.dirname(file), EXPORT_TEXT))

const pickled = (where: string) =>
  new InputError(
    where,
    'it holds pickled Python objects, and reading these could run any code',
    SAFETENSORS_HINT,
  )

async function openZip(file: string, where: string): Promise<WeightsFile[]> {
  const names = await zipNames(file)
  if (names.some((name) => name.endsWith('data.pkl'))) throw pickled(where)
  if (names.includes(KERAS_CONFIG) && names.includes(KERAS_WEIGHTS)) return [await readKeras(file)]
  if (names.some((name) => name.endsWith('.npy'))) return [await readNpz(file)]
  return openPacked(file, names, where)
}

/** Files of exports that are folders; what else is in an archive is not unpacked. */
const PACKED = [...TEXTS, TORCH_WEIGHTS, 'model.json', 'weights.bin', 'saved_model.pb']

/** A folder that was exported to, as a .zip file of it. */
async function openPacked(file: string, names: readonly string[], where: string): Promise<WeightsFile[]> {
  const own = names.filter((name) => PACKED.includes(path.posix.basename(name)) || FILES.test(name))
  // A folder within a folder that holds nothing else, as systems pack them; of replicas each has its own.
  const folders = [...new Set(own.map((name) => path.posix.dirname(name)))]
  const parents = new Set(
    folders.map((one) => (REPLICA.test(path.posix.basename(one)) ? path.posix.dirname(one) : one)),
  )
  if (parents.size !== 1) {
    const what = parents.size ? 'it holds more than one export' : 'it holds no export'
    throw new InputError(where, what, `Give ${KINDS}.`)
  }
  const members = await readZip(file, { wanted: (name) => own.includes(name), most: MOST_BYTES })
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-import-'))
  const remove = () => fs.rmSync(root, { recursive: true, force: true })
  try {
    for (const [name, bytes] of members) {
      const target = path.join(root, ...name.split('/'))
      fs.mkdirSync(path.dirname(target), { recursive: true, mode: 0o700 })
      fs.writeFileSync(target, bytes, { flag: 'wx', mode: 0o600 })
    }
    const [parent] = parents
    const opened = await openFolder(path.join(root, ...parent.split('/')))
    const close = (one: WeightsFile) => () => {
      one.close()
      remove()
    }
    return opened.map((one) => ({ ...one, close: close(one) }))
  } catch (error) {
    remove()
    throw error
  }
}
