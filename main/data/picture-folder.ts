import * as fs from 'node:fs'
import * as path from 'node:path'
import type { Entry, ZipFile } from 'yauzl'
import { InputError, messageOf } from '../../shared/base/errors'
import { classesOf, type Labelled } from '../../shared/data/readers/labelled'
import { grey, isGrey, resized, type ByteImage } from '../../shared/data/resize'
import { readBytes } from '../files/read'
import { decodePicture } from './picture'

export interface PictureOptions {
  /** What every picture is brought to; without it all must have one size. */
  size?: { rows: number; columns: number }
  /** One channel, whatever the pictures have. */
  grey?: boolean
}

/** One file of a folder or an archive. */
export interface PictureFile {
  /** From the folder down: "train/cat/1.png". */
  path: string
  /** @throws InputError */
  read: () => Buffer | Promise<Buffer>
}

/** Samples with how many of the last ones are for the test (null: none are set apart), and what is to be told. */
type Pictures = Labelled & { test: number | null; notes: string[] }

const MOST_FILE_BYTES = 64 * 2 ** 20
const MOST_BYTES = 2 ** 31 - 1
const MOST_FILES = 1_000_000
const DEEPEST = 16

/** What systems put beside files: .DS_Store, Thumbs.db and the like. */
const isLitter = (name: string) => /^(\.|__MACOSX$|Thumbs\.db$|desktop\.ini$)/i.test(name)
export const isPictureName = (name: string): boolean => /\.(png|jpe?g)$/i.test(name)

const TRAINING = ['train', 'training']
/** The first one that is there is for the test. */
const TEST = ['test', 'testing', 'val', 'valid', 'validation']

// ---- Where files come from ------------------------------------------------------------------------------------------

/** All files of a folder, and its empty folders. @throws InputError for links that lead out of it */
export function filesOfFolder(root: string): { files: PictureFile[]; folders: string[] } {
  const files: PictureFile[] = []
  const folders: string[] = []
  const real = fs.realpathSync(root)
  const visit = (folder: string, depth: number) => {
    const entries = fs.readdirSync(path.join(root, folder), { withFileTypes: true })
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const own = folder ? `${folder}/${entry.name}` : entry.name
      if (isLitter(entry.name)) continue
      if (entry.isDirectory()) {
        if (depth === DEEPEST)
          throw new InputError(own, `folders lie more than ${DEEPEST} deep`, ONE_FOLDER_EACH)
        folders.push(own)
        visit(own, depth + 1)
        continue
      }
      if (entry.isSymbolicLink()) checkLink(real, path.join(root, own), own)
      files.push({ path: own, read: () => contentOf(path.join(root, own), own) })
      if (files.length > MOST_FILES)
        throw new InputError(
          root,
          `there are more than ${MOST_FILES.toLocaleString('en')} files in it`,
          'Import a part of them.',
        )
    }
  }
  visit('', 0)
  return { files, folders }
}

const ONE_FOLDER_EACH = 'Give a folder for each class, with the pictures of that class in it.'

function checkLink(root: string, file: string, own: string): void {
  let target: string
  try {
    target = fs.realpathSync(file)
  } catch {
    throw new InputError(own, 'it is a link to what is not there', 'Take it out of the folder.')
  }
  if (!target.startsWith(root + path.sep))
    throw new InputError(
      own,
      'it is a link that leads out of the folder',
      'Put the file itself in its place.',
    )
  if (fs.statSync(target).isDirectory())
    throw new InputError(own, 'it is a link to a folder', 'Put the folder itself in its place.')
}

function contentOf(file: string, own: string): Buffer {
  try {
    return readBytes(file, MOST_FILE_BYTES)
  } catch (error) {
    throw new InputError(own, messageOf(error), 'Make it readable and small, or take it out of the folder.')
  }
}

/** All files of an opened archive, which stays open; the folders that it names. */
export async function filesOfZip(zip: ZipFile): Promise<{ files: PictureFile[]; folders: string[] }> {
  const files: PictureFile[] = []
  const folders: string[] = []
  for await (const entry of zip.eachEntry()) {
    const own = entry.fileName.replace(/\/$/, '')
    if (own.split('/').some(isLitter)) continue
    if (entry.fileName.endsWith('/')) folders.push(own)
    else files.push({ path: own, read: () => memberOf(zip, entry) })
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1))
  return { files, folders }
}

async function memberOf(zip: ZipFile, entry: Entry): Promise<Buffer> {
  if (entry.uncompressedSize > MOST_FILE_BYTES) {
    const most = `${MOST_FILE_BYTES / 2 ** 20} MB`
    throw new InputError(entry.fileName, `it is larger than ${most}`, 'Make it smaller, or take it out.')
  }
  const parts: Buffer[] = []
  try {
    for await (const part of await zip.openReadStreamPromise(entry)) parts.push(part as Buffer)
  } catch (error) {
    throw new InputError(
      entry.fileName,
      `it cannot be unpacked (${messageOf(error)})`,
      'Make the archive again.',
    )
  }
  return Buffer.concat(parts)
}

// ---- Which class, which part ----------------------------------------------------------------------------------------

interface Sorted {
  training: Classed[]
  test: Classed[] | null
  notes: string[]
}
type Classed = PictureFile & { label: string }

/** Files by class and part: "cat/1.png", or "train/cat/1.png" and "test/cat/2.png". @throws InputError */
function sortedOut(all: readonly PictureFile[], allFolders: readonly string[], where: string): Sorted {
  const { files, folders } = withoutCommon(all, allFolders)
  const notes: string[] = []
  const inFolders = files.filter((one) => one.path.includes('/')).map((one) => one.path)
  const names = [...new Set([...folders, ...inFolders].map((own) => own.split('/')[0]))]
  const training = names.find((name) => TRAINING.includes(name.toLowerCase()))
  const test = TEST.flatMap((one) => names.filter((name) => name.toLowerCase() === one))[0]
  const isSplit = training !== undefined && test !== undefined
  const left = isSplit ? names.filter((name) => name !== training && name !== test) : []
  if (left.some((name) => !TEST.includes(name.toLowerCase())))
    throw new InputError(
      left[0],
      `it stands beside ${training} and ${test}`,
      'Give classes alone, or folders for training and test with the classes in them.',
    )
  if (left.length) notes.push(`${left.join(', ')}: left out; ${test} is what is tested on.`)
  if (!isSplit) return { training: classed(files, folders, '', where, notes), test: null, notes }
  const part = (name: string) =>
    classed(
      files.filter((one) => one.path.startsWith(`${name}/`)),
      folders.filter((one) => one.startsWith(`${name}/`)),
      `${name}/`,
      where,
      notes,
    )
  const [first, second] = [part(training), part(test)]
  const known = new Set(first.map(({ label }) => label))
  const stranger = second.find(({ label }) => !known.has(label))
  if (stranger)
    throw new InputError(
      stranger.path,
      `the class "${stranger.label}" is in ${test} and not in ${training}`,
      'Give every class in both.',
    )
  return { training: first, test: second, notes }
}

/** Without the single folders that are round everything, as long as there are folders in them. */
function withoutCommon(files: readonly PictureFile[], folders: readonly string[]) {
  for (;;) {
    const paths = [...folders.map((own) => `${own}/`), ...files.map((one) => one.path)]
    const [around] = paths[0]?.split('/') ?? ['']
    const isCommon = paths.every((own) => own.startsWith(`${around}/`))
    if (!isCommon || !files.some((one) => one.path.split('/').length > 2)) return { files, folders }
    const cut = (own: string) => own.slice(around.length + 1)
    files = files.map((one) => ({ ...one, path: cut(one.path) }))
    folders = folders.map(cut).filter((own) => own !== '')
  }
}

function classed(
  files: readonly PictureFile[],
  folders: readonly string[],
  prefix: string,
  where: string,
  notes: string[],
): Classed[] {
  const found: Classed[] = []
  for (const one of files) {
    const parts = one.path.slice(prefix.length).split('/')
    if (parts.length > 1) found.push({ ...one, label: parts[0] })
    else if (isPictureName(one.path))
      throw new InputError(one.path, 'it lies in no class', 'Put it into the folder of its class.')
    else notes.push(`${one.path}: no picture, and left out.`)
  }
  const classes = new Set(found.map(({ label }) => label))
  const empty = folders.find((own) => {
    const [label, ...rest] = own.slice(prefix.length).split('/')
    return rest.length === 0 && label !== '' && !classes.has(label)
  })
  if (classes.size > 0 && empty !== undefined)
    throw new InputError(empty, 'there are no pictures of this class', 'Put some in, or take the folder out.')
  if (classes.size === 0) throw new InputError(where, 'there are no pictures in it', ONE_FOLDER_EACH)
  return found
}

// ---- Pictures to samples --------------------------------------------------------------------------------------------

const tooMuch = (count: number, { rows, columns }: Pick<ByteImage, 'rows' | 'columns'>, where: string) =>
  new InputError(
    where,
    `${count.toLocaleString('en')} pictures of ${columns} × ${rows} pixels do not fit into memory`,
    'Give a smaller size (--size 32x32), or import a part of them.',
  )

/**
 * Pictures by class as samples, bytes: one channel where all are grey or that is asked for, else red, green and blue.
 * Classes are the folders, by the alphabet (numbers by size); folders called train and test set the test apart.
 * @param where what they come from
 * @throws InputError naming the file
 */
export async function readPictures(
  { files, folders }: { files: readonly PictureFile[]; folders: readonly string[] },
  options: PictureOptions,
  where: string,
): Promise<Pictures> {
  const { training, test, notes } = sortedOut(files, folders, where)
  const all = [...training, ...(test ?? [])]
  const labels = classesOf(
    all.map(({ label }) => label),
    where,
  )
  const images: ByteImage[] = []
  let [first, isColoured] = ['', false]
  let shape: Pick<ByteImage, 'rows' | 'columns'> | undefined = options.size
  for (const { path: own, read } of all) {
    const picture = decodePicture(await read(), own)
    shape ??= picture
    first ||= own
    if (!options.size && (picture.rows !== shape.rows || picture.columns !== shape.columns))
      throw new InputError(
        own,
        `it has ${picture.columns} × ${picture.rows} pixels, and ${first} has ${shape.columns} × ${shape.rows}`,
        `Give all one size: --size ${shape.columns}x${shape.rows}.`,
      )
    if (all.length * shape.rows * shape.columns * (isColoured ? 3 : 1) > MOST_BYTES)
      throw tooMuch(all.length, shape, where)
    const isAsIs = picture.rows === shape.rows && picture.columns === shape.columns
    const sized = isAsIs ? picture : resized(picture, shape.rows, shape.columns)
    const kept = options.grey || isGrey(sized) ? grey(sized) : sized
    isColoured ||= kept.channels > 1
    images.push(kept)
  }
  const { rows, columns } = shape!
  const units = isColoured ? 3 : 1
  const length = rows * columns * units
  if (all.length * length > MOST_BYTES) throw tooMuch(all.length, shape!, where)
  const x = new Uint8Array(all.length * length)
  images.forEach(({ channels, pixels }, i) => {
    if (channels === units) return x.set(pixels, i * length)
    for (let at = 0; at < length; at++) x[i * length + at] = pixels[Math.floor(at / 3)]
  })
  return { shape: { units, rows, columns }, x, ...labels, test: test && test.length, notes }
}
