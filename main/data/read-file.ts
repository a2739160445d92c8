import * as fs from 'node:fs'
import * as path from 'node:path'
import { fromBufferPromise, type ZipFile } from 'yauzl'
import { InputError, messageOf } from '../../shared/base/errors'
import { CIFAR_SHAPE, parseCifar } from '../../shared/data/readers/cifar'
import { idxHeader, isIdx, parseIdx, type FileArray } from '../../shared/data/readers/idx'
import { classesOf, labelsOf, samplesOf, type Labelled, type Task } from '../../shared/data/readers/labelled'
import { isNpy, npyHeader, parseNpy } from '../../shared/data/readers/npy'
import { columnNames, type TableOptions } from '../../shared/data/readers/table'
import type { Attention } from './attention'
import { MOST_BYTES, contentOf, headOf } from './file-bytes'
import { filesOfFolder, filesOfZip, isPictureName, readPictures, type PictureOptions } from './picture-folder'
import { arrayStream, cifarStream, collected, tableStream, type SampleStream } from './sample-stream'
import { rowsOf } from './table-rows'

export interface FileOptions extends TableOptions, PictureOptions {
  /** A file of labels, where they are apart. */
  labels?: string
  separator?: string
}

/** Samples of a file or a folder; `test`: how many of the last ones its maker has set apart; null: none. */
export type FileSamples = Labelled & { test: number | null; notes: string[] }

/** Bytes of the beginning of a file that say of what form it is; numpy's headers are shorter. */
const HEAD_BYTES = 2 ** 17

/**
 * Samples with labels of whatever form is known: CSV, NPY, NPZ, IDX (each also as .gz), CIFAR-10's binary form, a
 * folder with the files of MNIST or CIFAR-10 under their own names, or pictures in a folder for each class, also as a
 * zip.
 * @throws InputError in one line, with the place of what is wrong; the abort's error
 */
export async function readSamples(
  given: string,
  options: FileOptions = {},
  attention: Attention = {},
): Promise<FileSamples> {
  const found = await openSamples(given, options, attention)
  if (!('pieces' in found)) return found
  return { ...(await collected(found, attention)), test: null, notes: found.notes }
}

/**
 * As `readSamples`; but of tables, and of arrays and CIFAR-10's files that are not packed, pieces are read when they
 * are asked for.
 */
export async function openSamples(
  given: string,
  options: FileOptions = {},
  attention: Attention = {},
): Promise<FileSamples | SampleStream> {
  const found = fs.statSync(given, { throwIfNoEntry: false })
  if (!found) throw new InputError('PATH', `there is no file or folder ${given}`, 'Give one that is there.')
  if (found.isDirectory()) return readFolder(given, options)
  const where = path.basename(given)
  const { head, isPacked } = await headOf(given, HEAD_BYTES)
  if (isZip(head)) return readZip(contentOf(given), where, options)
  if (isNpy(head) || isIdx(head)) {
    if (options.labels === undefined)
      throw new InputError(
        '--labels',
        `${where} holds samples, and no labels`,
        'Name the file that holds them.',
      )
    const labelsWhere = path.basename(options.labels)
    const labels = (file: string) => arrayOf(contentOf(file), labelsWhere)
    if (isPacked) {
      const samples = arrayOf(contentOf(given), where)
      return { ...together(samples, where, labels(options.labels), options.labels, options.task), test: null }
    }
    const header = (isNpy(head) ? npyHeader : idxHeader)(head, found.size, where)
    const own = labelsOf(labels(options.labels), header.shape[0], labelsWhere, options.task)
    return arrayStream(given, header, own)
  }
  if (/\.bin(\.gz)?$/i.test(given)) {
    if (!isPacked) return cifarStream(given)
    const { x, y } = parseCifar(contentOf(given), where)
    return { shape: CIFAR_SHAPE, x, ...classesOf(y, where), test: null, notes: [] }
  }
  return tableStream(given, options, attention)
}

const isZip = (bytes: Uint8Array) => bytes[0] === 0x50 && bytes[1] === 0x4b
const arrayOf = (bytes: Uint8Array, where: string): FileArray =>
  isNpy(bytes) ? parseNpy(bytes, where) : parseIdx(bytes, where)

function together(
  samples: FileArray,
  where: string,
  labels: FileArray,
  labelsWhere: string,
  task: Task | undefined,
) {
  const own = samplesOf(samples, where)
  const found = labelsOf(labels, samples.shape[0], path.basename(labelsWhere), task)
  return { ...own, ...found, notes: [] as string[] }
}

/** Two parts one behind the other. */
function joined(
  training: [FileArray, FileArray],
  test: [FileArray, FileArray],
  where: string,
  task?: Task,
): FileSamples {
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
  const all = together(join(training[0], test[0]), where, join(training[1], test[1]), where, task)
  return { ...all, test: test[0].shape[0] }
}

/** The columns of a table, of its first row; null where the file is none. @throws InputError where it cannot be read */
export async function columnsOf(
  file: string,
  { separator, header }: Pick<FileOptions, 'separator' | 'header'> = {},
): Promise<string[] | null> {
  if (fs.statSync(file).isDirectory()) return null
  const { head } = await headOf(file, HEAD_BYTES)
  if (isZip(head) || isNpy(head) || isIdx(head) || /\.bin(\.gz)?$/i.test(file)) return null
  for await (const first of rowsOf(file, separator)) return columnNames(first, header).names
  return null
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
    return npzSamples(await membersOf(zip, where), where, options.task)
  } catch (error) {
    throw error instanceof InputError ? error : damaged(where, error)
  } finally {
    zip?.close()
  }
}

function npzSamples(arrays: ReadonlyMap<string, FileArray>, where: string, task?: Task): FileSamples {
  const pick = (names: readonly string[]) => names.flatMap((name) => arrays.get(name) ?? [])[0]
  const parts = [
    ['x_train', 'y_train'],
    ['x_test', 'y_test'],
  ].map((names) => names.map((name) => arrays.get(name)))
  const [training, test] = parts
  if (training[0] && training[1] && test[0] && test[1])
    return joined(training as [FileArray, FileArray], test as [FileArray, FileArray], where, task)
  const [x, y] = [pick([...SAMPLES, 'arr_0']), pick(LABELS)]
  if (x && y) return { ...together(x, where, y, where, task), test: null }
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
    const labels = parts.flatMap(({ y }) => [...y])
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
