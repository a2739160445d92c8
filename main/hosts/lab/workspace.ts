import * as fs from 'node:fs'
import * as path from 'node:path'
import { homedir } from 'node:os'
import writeFileAtomic from 'write-file-atomic'
import { decodeMessage, encodeMessage } from '../../../shared/protocol/protocol'

type Document = Record<string, unknown>

const MAXIMUM_BYTES = 8 * 2 ** 20

/** Where the user's own things are kept, on each platform's usual place. */
export function dataFolder(env = process.env, platform: NodeJS.Platform = process.platform): string {
  if (env.RESIDUAL_LAB_DATA) return path.resolve(env.RESIDUAL_LAB_DATA)
  if (env.XDG_DATA_HOME) return path.join(env.XDG_DATA_HOME, 'residual-lab')
  const home = homedir()
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'residual-lab')
  if (platform === 'win32') {
    return path.join(env.LOCALAPPDATA ?? path.join(home, 'AppData', 'Local'), 'residual-lab')
  }
  return path.join(home, '.local', 'share', 'residual-lab')
}

export interface Workspace {
  load(): { document: Document | null; problem: string | null }
  /** @throws Error that names cause and hint */
  save(document: Document): Promise<void>
}

/** The autosaved document: one file, replaced as a whole, never overwritten when it could not be read. */
export function openWorkspace(folder: string): Workspace {
  const file = path.join(folder, 'workspace.json')
  return {
    load() {
      let text: string
      try {
        text = fs.readFileSync(file, 'utf8')
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { document: null, problem: null }
        const problem =
          `The saved workspace could not be read (${reason(error)}). ` +
          `The workbench starts afresh; make ${file} readable to get it back.`
        return { document: null, problem }
      }
      const document = parse(text)
      if (document) return { document, problem: null }
      return { document: null, problem: keepAside(file) }
    },

    async save(document) {
      const text = encodeMessage(document)
      if (Buffer.byteLength(text) > MAXIMUM_BYTES) {
        throw new Error(
          'The workspace is too large to save (more than 8 MB). Save it as a file and start a smaller one.',
        )
      }
      try {
        fs.mkdirSync(folder, { recursive: true })
        await writeFileAtomic(file, text)
      } catch (error) {
        throw new Error(
          `The workspace could not be saved to ${file} (${reason(error)}). ` +
            'Free some space there, or set RESIDUAL_LAB_DATA to another folder.',
          { cause: error },
        )
      }
    },
  }
}

function parse(text: string): Document | null {
  try {
    const value = decodeMessage(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Document) : null
  } catch {
    return null
  }
}

/** Moves a file that is no workspace out of the way. Returns what to tell the user. */
function keepAside(file: string): string {
  let n = 1
  while (fs.existsSync(`${file}.corrupt-${n}`)) n++
  const aside = `${file}.corrupt-${n}`
  try {
    fs.renameSync(file, aside)
    return `The saved workspace is damaged. The workbench starts afresh; the damaged file is kept as ${aside}.`
  } catch (error) {
    return (
      `The saved workspace ${file} is damaged and could not be moved aside (${reason(error)}). ` +
      'Move it away yourself to keep it: the next change overwrites it.'
    )
  }
}

const reason = (error: unknown) => (error instanceof Error ? error.message : String(error))
