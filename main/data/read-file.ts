import * as fs from 'node:fs'
import * as path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { CsvError } from 'csv-parse/sync'
import { parse } from 'csv-parse/sync'
import { fromBufferPromise, type ZipFile } from 'yauzl'
import { InputError, messageOf } from '../../shared/base/errors'
import { CIFAR_SHAPE, parseCifar } from '../../shared/data/readers/cifar'
import { isIdx, parseIdx, type FileArray } from '../../shared/data/readers/idx'
import { classesOf, labelsOf, samplesOf, type Labelled } from '../../shared/data/readers/labelled'
import { isNpy, parseNpy } from '../../shared/data/readers/npy'
import {
  columnNames,
  parseTable,
  separatorOf,
  type Row,
  type TableOptions,
} from '../../shared/data/readers/table'
import { readBytes } from '../files/read'
import { filesOfFolder, filesOfZip, isPictureName, readPictures, type PictureOptions } from './picture-folder'

export interface FileOptions extends TableOptions, PictureOptions {
  /** A file of labels, where they are apart. */
  labels?: string
  separator?: string
}

/** Samples of a file or a folder; `test`: how many of the last ones its maker has set apart; null: none. */
export type FileSamples = Labelled & { test: number | null; notes: string[] }

/** Samples are held in memory, and are there twice for a moment. */
const MOST_BYTES = 2 ** 31 - 1
/** Texts take many times their size while they are read. */
const MOST_TEXT = 256 * 2 ** 20

/**
 * Samples with labels of whatever form is known: CSV, NPY, NPZ, IDX (each also as .gz), CIFAR-10's binary form, a
 * folder with the files of MNIST or CIFAR-10 under their own names, or pictures in a folder for each class, also as a
 * zip.
 * @throws InputError in one line, with the place of what is wrong
 */
export async function readSamples(given: string, options: FileOptions = {}): Promise<FileSamples> {
  const found = fs.statSync(given, { throwIfNoEntry: false })
  if (!found) throw new InputError('PATH', `there is no file or folder ${given}`, 'Give one that is there.')
  if (found.isDirectory()) return readFolder(given, options)
  const bytes = contentOf(given)
  const where = path.basename(given)
  if (isZip(bytes)) return readZip(bytes, where, options)
  if (isNpy(bytes) || isIdx(bytes)) {
    if (options.labels === undefined)
      throw new InputError(
        '--labels',
        `${where} holds samples, and no labels`,
        'Name the file that holds them.',
      )
    const samples = arrayOf(bytes, where)
    const labels = contentOf(options.labels)
    return {
      ...together(samples, where, arrayOf(labels, path.basename(options.labels)), options.labels),
      test: null,
    }
  }
  if (/\.bin(\.gz)?$/i.test(given)) {
    const { x, y } = parseCifar(bytes, where)
    return { shape: CIFAR_SHAPE, x, ...classesOf(Array.from(y, String), where), test: null, notes: [] }
  }
  return { ...parseTable(rowsOf(bytes, where, options.separator), options, where), test: null }
}

/** A file's bytes, unpacked where they are packed. */
function contentOf(file: string): Uint8Array {
  let bytes: Buffer
  try {
    bytes = readBytes(file, MOST_BYTES)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const what = code === 'ENOENT' ? 'there is no such file' : messageOf(error)
    throw new InputError(file, what, 'Give a file that can be read, and that fits into memory.')
  }
  return unpacked(bytes, file)
}

function unpacked(bytes: Buffer, where: string): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_BYTES })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const what =
      code === 'ERR_BUFFER_TOO_LARGE'
        ? 'it is too large for memory when unpacked'
        : 'its compression is damaged, or it is cut off'
    throw new InputError(where, what, 'Get the file again, or import a part of it.')
  }
}

const isZip = (bytes: Uint8Array) => bytes[0] === 0x50 && bytes[1] === 0x4b
const arrayOf = (bytes: Uint8Array, where: string): FileArray =>
  isNpy(bytes) ? parseNpy(bytes, where) : parseIdx(bytes, where)

function together(samples: FileArray, where: string, labels: FileArray, labelsWhere: string) {
  const own = samplesOf(samples, where)
  return { ...own, ...labelsOf(labels, samples.shape[0], path.basename(labelsWhere)), notes: [] as string[] }
}

/** Two parts one behind the other. */
function joined(training: [FileArray, FileArray], test: [FileArray, FileArray], where: string): FileSamples {
  const join = (a: FileArray, b: FileArray): FileArray => {
    const isSame = a.shape.slice(1).join() === b.shape.slice(1).join()
    if (!isSame)
      throw new InputError(
        where,
        `samples of ${a.shape.slice(1).join(' × ')} and of ${b.shape.slice(1).join(' × ')} values are no data set`,
        'Give both parts alike.',
      )
    const Values =
      a.values instanceof Uint8Array && b.values instanceof Uint8Array ? Uint8Array : Float64Array
    const values = new Values(a.values.length + b.values.length)
    values.set(a.values)
    values.set(b.values, a.values.length)
    return { shape: [a.shape[0] + b.shape[0], ...a.shape.slice(1)], values }
  }
  const all = together(join(training[0], test[0]), where, join(training[1], test[1]), where)
  return { ...all, test: test[0].shape[0] }
}

// ---- Tables ---------------------------------------------------------------------------------------------------------

function rowsOf(bytes: Uint8Array, where: string, separator?: string): Row[] {
  if (bytes.length > MOST_TEXT) {
    const what = `it is larger than ${MOST_TEXT / 2 ** 20} MB of text`
    throw new InputError(where, what, 'Save it as NPY, or import a part of it.')
  }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    const hint = 'Give CSV, NPY, NPZ, IDX (each also as .gz), or CIFAR-10’s .bin files.'
    throw new InputError(where, 'it is neither text in UTF-8 nor a form of file that is known', hint)
  }
  try {
    const found = parse(text, {
      delimiter: separator ?? separatorOf(text),
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
    }) as unknown as { record: string[]; info: { lines: number; bytes: number } }[]
    let last = 0
    return found.map(({ record, info }) => {
      const lines = 1 + record.reduce((sum, cell) => sum + (cell.match(/\n/g)?.length ?? 0), 0)
      last = Math.max(last + 1, info.lines - lines + 1)
      return { line: last, cells: record }
    })
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const line = typeof error.lines === 'number' ? `line ${error.lines}: ` : ''
    throw new InputError(
      where,
      `${line}a quotation mark stands where none may`,
      'Close it, or double those that belong to a cell.',
    )
  }
}

const HEAD_BYTES = 2 ** 16

/** The columns of a table, of its first row; null where the file is none. @throws InputError where it cannot be read */
export function columnsOf(
  file: string,
  { separator, header }: Pick<FileOptions, 'separator' | 'header'> = {},
): string[] | null {
  if (fs.statSync(file).isDirectory()) return null
  const bytes = contentOf(file)
  if (isZip(bytes) || isNpy(bytes) || isIdx(bytes) || /\.bin(\.gz)?$/i.test(file)) return null
  // A row that is cut off where the head ends is not the first one.
  const end = bytes.length > HEAD_BYTES ? bytes.lastIndexOf(0x0a, HEAD_BYTES) : bytes.length
  const [first] = rowsOf(bytes.subarray(0, end < 0 ? bytes.length : end), path.basename(file), separator)
  return first ? columnNames(first, header).names : null
}

// ---- NPZ ------------------------------------------------------------------------------------------------------------

const SAMPLES = ['x', 'X', 'data', 'images']
const LABELS = ['y', 'labels', 'target', 'arr_1']

/** Arrays of numpy's, or pictures by class. */
async function readZip(bytes: Uint8Array, where: string, options: FileOptions): Promise<FileSamples> {
  const opened = () =>
    fromBufferPromise(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), { lazyEntries: true })
  let zip: ZipFile | null = null
  try {
    zip = await opened()
    const found = await filesOfZip(zip)
    if (found.files.some((one) => isPictureName(one.path))) return await readPictures(found, options, where)
    zip.close()
    zip = await opened()
    return npzSamples(await membersOf(zip, where), where)
  } catch (error) {
    throw error instanceof InputError ? error : damaged(where, error)
  } finally {
    zip?.close()
  }
}

function npzSamples(arrays: ReadonlyMap<string, FileArray>, where: string): FileSamples {
  const pick = (names: readonly string[]) => names.flatMap((name) => arrays.get(name) ?? [])[0]
  const parts = [
    ['x_train', 'y_train'],
    ['x_test', 'y_test'],
  ].map((names) => names.map((name) => arrays.get(name)))
  const [training, test] = parts
  if (training[0] && training[1] && test[0] && test[1])
    return joined(training as [FileArray, FileArray], test as [FileArray, FileArray], where)
  const [x, y] = [pick([...SAMPLES, 'arr_0']), pick(LABELS)]
  if (x && y) return { ...together(x, where, y, where), test: null }
  throw new InputError(
    where,
    `it holds ${[...arrays.keys()].join(', ') || 'no arrays'}`,
    'Name the arrays x and y, or x_train, y_train, x_test and y_test.',
  )
}

async function membersOf(zip: ZipFile, where: string): Promise<Map<string, FileArray>> {
  const arrays = new Map<string, FileArray>()
  for await (const entry of zip.eachEntry()) {
    if (!entry.fileName.endsWith('.npy')) continue
    const name = entry.fileName.slice(0, -'.npy'.length)
    if (entry.uncompressedSize > MOST_BYTES)
      throw new InputError(where, `its array ${name} is too large for memory`, 'Import a part of it.')
    const parts: Buffer[] = []
    for await (const part of await zip.openReadStreamPromise(entry)) parts.push(part as Buffer)
    arrays.set(name, parseNpy(Buffer.concat(parts), `${where}, ${name}`))
  }
  return arrays
}

const damaged = (where: string, error: unknown) =>
  new InputError(
    where,
    `it is cut off or damaged (${messageOf(error)})`,
    'Get the file again, or save it again with numpy.savez.',
  )

// ---- Folders --------------------------------------------------------------------------------------------------------

/** The files of MNIST and of those that followed it. */
export const MNIST_FILES = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte',
] as const

export const CIFAR_FILES = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`)
const CIFAR_TEST = 'test_batch.bin'

function readFolder(folder: string, options: FileOptions): FileSamples | Promise<FileSamples> {
  const present = new Set(fs.readdirSync(folder))
  const one = (name: string) => [name, `${name}.gz`].find((file) => present.has(file))
  const mnist = MNIST_FILES.map(one)
  if (mnist.every((file) => file !== undefined)) {
    const [x, y, xTest, yTest] = mnist.map((file) => parseIdx(contentOf(path.join(folder, file!)), file!))
    return joined([x, y], [xTest, yTest], path.basename(folder))
  }
  const batches = CIFAR_FILES.flatMap((name) => one(name) ?? [])
  const last = one(CIFAR_TEST)
  if (batches.length && last !== undefined) {
    const parts = [...batches, last].map((file) => parseCifar(contentOf(path.join(folder, file)), file))
    const x = new Uint8Array(parts.reduce((sum, part) => sum + part.x.length, 0))
    let at = 0
    for (const part of parts) {
      x.set(part.x, at)
      at += part.x.length
    }
    const labels = parts.flatMap(({ y }) => Array.from(y, String))
    const test = parts[parts.length - 1].y.length
    return { shape: CIFAR_SHAPE, x, ...classesOf(labels, path.basename(folder)), test, notes: [] }
  }
  const pictures = filesOfFolder(folder)
  if (pictures.files.some((one) => isPictureName(one.path)))
    return readPictures(pictures, options, path.basename(path.resolve(folder)))
  throw new InputError(
    folder,
    'this folder holds no data set that is known',
    'It would hold pictures (PNG, JPEG) in a folder for each class, ' +
      `${MNIST_FILES.join(', ')} (also as .gz), or data_batch_1.bin … data_batch_5.bin and ${CIFAR_TEST}.`,
  )
}
