import * as fs from 'node:fs'
import * as path from 'node:path'
import { homedir } from 'node:os'
import { InputError } from '../../../shared/base/errors'
import { readDocument } from '../../../shared/base/document'
import type { FileKind, OpenedFile, RecentFile } from '../../../shared/protocol/protocol'
import { readTextFile } from '../../files/read'
import { replaceFile } from '../../files/write'
import { serialised, type Serialised } from '../../files/data-folder'
import { idOf, readOpenedFile } from './opened-file'

const VERSION = 1
const MOST = 10
const MOST_BYTES = 2 ** 18
/** A disk that does not answer so long is as good as missing. */
const PATIENCE_MS = 500

interface Entry {
  path: string
  kind: FileKind
  used: string
}

export type RecentFiles = ReturnType<typeof openRecentFiles>

/**
 * The files that were opened or saved last. They are known to the page by ids, and it only gets those of files that the
 * user has chosen: it cannot make the host read any other.
 * @param onChange told of every change, with the path of a file that was added
 */
export function openRecentFiles(
  folder: string,
  inTurn: Serialised = serialised(folder),
  onChange: (added: string | null) => void = () => {},
) {
  const file = path.join(folder, 'recent.json')
  /** Of files that the user has chosen since the start. */
  const named = new Map<string, string>()

  /** A list that is damaged or cannot be read is none: no work depends on it. */
  function read(): Entry[] {
    try {
      const document = readDocument(readTextFile(file, MOST_BYTES), file, '') as Record<
        string,
        unknown
      > | null
      if (document?.version !== VERSION || !Array.isArray(document.files)) return []
      return document.files.filter(isEntry).slice(0, MOST)
    } catch {
      return []
    }
  }

  async function list(): Promise<RecentFile[]> {
    return Promise.all(
      read().map(async ({ path: one, kind, used }) => ({
        ...{ id: idOf(one), name: path.basename(one), folder: shortened(path.dirname(one)), kind, used },
        isMissing: !(await isThere(one)),
      })),
    )
  }

  const find = (id: string): string | null =>
    named.get(id) ?? read().find((entry) => idOf(entry.path) === id)?.path ?? null

  function pathOf(id: string): string {
    const found = find(id)
    if (found !== null) return found
    throw new InputError('file', 'this one is not in the list any more', 'Open it by its name.')
  }

  async function change(next: (entries: Entry[]) => Entry[], added: string | null = null): Promise<null> {
    await inTurn(async () => {
      const document = { version: VERSION, files: next(read()).slice(0, MOST) }
      await replaceFile(file, `${JSON.stringify(document, null, 1)}\n`)
    })
    onChange(added)
    return null
  }

  return {
    list,

    /** Path of a file that the page names; null: nobody has chosen it, or it is out of the list. */
    find,

    /** The id by which the page may call a file that the user has chosen. */
    name(one: string): string {
      named.set(idOf(one), one)
      return idOf(one)
    },

    /** @throws InputError where it is not there any more, Error where it cannot be read */
    async open(id: string): Promise<OpenedFile> {
      const one = pathOf(id)
      if (!(await isThere(one)))
        throw new InputError(
          one,
          'it is not there any more',
          'Look for it elsewhere, or take it off the list.',
        )
      return readOpenedFile(one)
    },

    remember(id: string, kind: FileKind): Promise<null> {
      const entry = { path: pathOf(id), kind, used: new Date().toISOString() }
      const others = (entries: Entry[]) => entries.filter((other) => other.path !== entry.path)
      return change((entries) => [entry, ...others(entries)], entry.path)
    },

    remove: (id: string): Promise<null> =>
      change((entries) => entries.filter((entry) => idOf(entry.path) !== id)),

    clear: (): Promise<null> => change(() => []),
  }
}

function isEntry(value: unknown): value is Entry {
  const { path: one, kind, used } = (value ?? {}) as Partial<Record<keyof Entry, unknown>>
  const isKind = kind === 'experiment' || kind === 'block'
  return typeof one === 'string' && path.isAbsolute(one) && isKind && typeof used === 'string'
}

/** Never waits long: on a share that has gone, the system itself would. */
async function isThere(file: string): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), PATIENCE_MS)))
  const found = fs.promises.stat(file).then(
    (stats) => stats.isFile(),
    () => false,
  )
  return Promise.race([found, late]).finally(() => clearTimeout(timer))
}

/** "~/experiments" for a folder in the user's home. */
function shortened(folder: string): string {
  const home = homedir()
  return folder === home || folder.startsWith(home + path.sep) ? `~${folder.slice(home.length)}` : folder
}
