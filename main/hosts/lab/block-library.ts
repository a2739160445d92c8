import * as fs from 'node:fs'
import * as path from 'node:path'
import { parseBlockGraph } from '../../../shared/block/file'
import { freeName } from '../../../shared/editor/experiment'
import { readDocument } from '../../../shared/base/document'
import { InputError } from '../../../shared/base/errors'
import type { SavedBlock, SavedBlocks } from '../../../shared/protocol/protocol'
import { readTextFile } from '../../files/read'
import { makeFile, replaceFile } from '../../files/write'
import {
  makePrivateFolder,
  reasonOf,
  removeOldTemporaries,
  serialised,
  type Serialised,
} from '../../files/data-folder'

const MOST_BLOCKS = 1000
const MAXIMUM_BYTES = 2 ** 20
/** Names of files, and nothing that leads elsewhere. */
const ID = /^[a-z0-9][a-z0-9-]{0,79}$/

export type BlockLibrary = ReturnType<typeof openBlockLibrary>

/**
 * The user's own blocks: one file each, replaced as a whole. A file that cannot be read is named, and left as
 * it is.
 */
export function openBlockLibrary(dataFolder: string, inTurn: Serialised = serialised(dataFolder)) {
  const folder = path.join(dataFolder, 'blocks')
  removeOldTemporaries(folder, (name) => name.endsWith('.json'))
  const fileOf = (id: string) => path.join(folder, `${id}.json`)

  function list(): SavedBlocks {
    const blocks: SavedBlock[] = []
    const problems: string[] = []
    for (const name of names()) {
      try {
        blocks.push(read(name.slice(0, -'.json'.length)))
      } catch (error) {
        problems.push(
          `${path.join(folder, name)} is no saved block (${reasonOf(error)}). It is left as it is.`,
        )
      }
    }
    return { blocks: blocks.sort((a, b) => (a.saved < b.saved ? 1 : -1)), problems }
  }

  function names(): string[] {
    try {
      return fs
        .readdirSync(folder)
        .filter((name) => name.endsWith('.json') && ID.test(name.slice(0, -'.json'.length)))
        .slice(0, MOST_BLOCKS)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw new Error(`The library ${folder} could not be read (${reasonOf(error)}). Make it readable.`, {
        cause: error,
      })
    }
  }

  function read(id: string): SavedBlock {
    const text = readTextFile(fileOf(id), MAXIMUM_BYTES)
    const value = readDocument(text, id, 'Mend or remove the file.') as Record<string, unknown> | null
    if (value?.version !== 1) throw new Error('another version wrote it')
    const saved = typeof value.saved === 'string' ? value.saved.slice(0, 40) : ''
    return { id, saved, block: parseBlockGraph(value.block, 'block') }
  }

  /** @param isNew the file is made, and none is replaced: one that came up meanwhile is an error */
  async function write(entry: SavedBlock, isNew: boolean): Promise<void> {
    const { id, saved, block } = entry
    const text = `${JSON.stringify({ version: 1, saved, block }, null, 1)}\n`
    if (Buffer.byteLength(text) > MAXIMUM_BYTES)
      throw new InputError('library', 'this block is larger than 1 MB', 'Save it as a file.')
    makePrivateFolder(folder)
    await (isNew ? makeFile : replaceFile)(fileOf(id), text)
  }

  /** Changes wait for each other. @throws Error that names cause and hint */
  async function change<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await inTurn(work)
    } catch (error) {
      if (error instanceof InputError) throw error
      throw new Error(
        `The library ${folder} could not be changed (${reasonOf(error)}). ` +
          'Free some space there, or set RESIDUAL_LAB_DATA to another folder.',
        { cause: error },
      )
    }
  }

  function existing(id: string): SavedBlock {
    const found = ID.test(id) ? list().blocks.find((entry) => entry.id === id) : undefined
    if (found) return found
    throw new InputError('library', `there is no saved block "${id}"`, 'It may have been removed elsewhere.')
  }

  async function saveNow(value: unknown, replace: string | null): Promise<SavedBlock> {
    const { blocks } = list()
    const old = replace === null ? null : existing(replace)
    if (!old && names().length >= MOST_BLOCKS)
      throw new InputError('library', `it holds ${MOST_BLOCKS} blocks`, 'Remove some first.')
    const block = parseBlockGraph(value, 'block')
    const others = blocks.filter(({ id }) => id !== old?.id)
    const name = freeName(block.name, new Set(others.map((other) => other.block.name)))
    const id = old?.id ?? freeName(slug(name), new Set(names().map((file) => file.slice(0, -'.json'.length))))
    const entry = { id, saved: new Date().toISOString(), block: { ...block, name } }
    await write(entry, old === null)
    return entry
  }

  async function renameNow(id: string, name: string): Promise<SavedBlock> {
    const old = existing(id)
    const block = parseBlockGraph({ ...old.block, name: name.trim() }, 'block')
    if (list().blocks.some((other) => other.id !== id && other.block.name === block.name))
      throw new InputError('library', `there is another block "${block.name}"`, 'Choose another name.')
    const title = old.block.title === old.block.name ? block.name : old.block.title
    const entry = { ...old, block: { ...block, title } }
    await write(entry, false)
    return entry
  }

  return {
    list,

    /** @param replace id of the saved block that this one takes the place of; without it a taken name gets a number */
    save: (value: unknown, replace: string | null): Promise<SavedBlock> =>
      change(() => saveNow(value, replace)),

    rename: (id: string, name: string): Promise<SavedBlock> => change(() => renameNow(id, name)),

    remove: (id: string): Promise<null> =>
      change(async () => {
        fs.rmSync(fileOf(existing(id).id), { force: true })
        return null
      }),
  }
}

/** A file's name that every system takes. */
function slug(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60)
  // Windows keeps some names for itself.
  return plain && !/^(con|prn|aux|nul|com\d|lpt\d)$/.test(plain) ? plain : `block-${plain || '1'}`
}
