import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { InputError } from '../../../shared/base/errors'
import { formatBytes } from '../../../shared/base/format'
import { MOST_FILES, MOST_UPLOADED, type GivenFile } from '../../../shared/protocol/data'
import { GIVEN } from '../../data/leftovers'
import { makePrivateFolder } from '../../files/data-folder'
import { hasCommand, ownCommand } from '../../files/program'
import { removedAtEnd } from '../../runtime/tools'

export type GivenFiles = ReturnType<typeof createGivenFiles>

/** How something is imported that is too large to be handed over. */
const WHERE_IT_LIES = hasCommand('data')
  ? `Import it from where it lies by ${ownCommand('data import PATH --name NAME')}.`
  : 'Import it from where it lies, by the buttons on the Data tab.'

/** Folders in a folder of files; a place in it is no deeper. */
const DEEPEST = 8
const LONGEST_NAME = 200

/**
 * Files of one front end: chosen in the host's dialogs, where they stay where they are, or handed over piece by piece,
 * into a folder of their own that goes with the front end. The page knows them by ids alone.
 * @param parent where that folder is made
 */
export function createGivenFiles(parent: string) {
  const paths = new Map<string, string>()
  let folder: { path: string; forget(): void } | null = null
  let bytes = 0
  let files = 0

  function ownFolder(): string {
    if (folder) return folder.path
    makePrivateFolder(parent)
    const made = fs.mkdtempSync(path.join(parent, GIVEN))
    folder = { path: made, forget: removedAtEnd(made) }
    return made
  }

  const newId = () => randomBytes(8).toString('hex')

  return {
    /** One that the host's dialog has given. */
    add(file: string): GivenFile {
      const id = newId()
      paths.set(id, file)
      return { file: id, name: path.basename(file) }
    },

    /** @throws InputError for what nobody has given */
    pathOf(id: string): string {
      const found = paths.get(id)
      if (found !== undefined) return found
      throw new InputError('file', 'this one was not chosen', 'Choose the file again.')
    },

    /**
     * Takes the next piece of a file. @param id of the file or folder that it goes on with; null: a new one
     * @param name the file's, or its place in a folder with "/" between @throws InputError
     */
    upload(id: string | null, name: string, content: Buffer): GivenFile {
      const parts = placeOf(name)
      if (bytes + content.length > MOST_UPLOADED)
        throw new InputError(
          parts[parts.length - 1],
          `a page hands over ${formatBytes(MOST_UPLOADED)} at most`,
          WHERE_IT_LIES,
        )
      const own = id ?? newId()
      const root = path.join(ownFolder(), own)
      if (id !== null && !paths.get(id)?.startsWith(root))
        throw new InputError('file', 'this one was not handed over', 'Choose the file again.')
      const target = path.join(root, ...parts)
      if (!fs.existsSync(target) && ++files > MOST_FILES)
        throw new InputError(
          parts[0],
          `a page hands over ${MOST_FILES.toLocaleString('en')} files at most`,
          WHERE_IT_LIES,
        )
      fs.mkdirSync(path.dirname(target), { recursive: true, mode: 0o700 })
      fs.appendFileSync(target, content, { mode: 0o600 })
      bytes += content.length
      paths.set(own, path.join(root, parts[0]))
      return { file: own, name: parts[0] }
    },

    /** Removes what was handed over. */
    clear(): void {
      paths.clear()
      bytes = files = 0
      if (!folder) return
      fs.rmSync(folder.path, { recursive: true, force: true })
      folder.forget()
      folder = null
    },
  }
}

/** Plain names one in the other, which lead nowhere else. @throws InputError */
function placeOf(name: string): string[] {
  const parts = name.split('/')
  const isPlain = (part: string) =>
    part !== '' &&
    part.length <= LONGEST_NAME &&
    !/^\.+$|[\\:]/.test(part) &&
    ![...part].some((one) => one < ' ')
  if (parts.length <= DEEPEST && parts.every(isPlain)) return parts
  throw new InputError('file', 'its name leads nowhere', 'Give it a plain name.')
}
