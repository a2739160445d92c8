// TensorFlow's library as the application brings it: its binding always, all of it in a full build.
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../setup.mjs'

const execute = promisify(execFile)

/** The TensorFlow that is worth shipping: the one that the application installs by itself. */
const VERSION = '2.21.0'

/** Where `main/runtime/store.ts` looks for a library that the application carries, beside its archive and inside. */
const FOLDER = 'runtime'
const RECORD = 'library.json'
const LICENCES = ['LICENSE', 'THIRD_PARTY_NOTICES.txt']
/** What the binding was compiled with is not needed where it runs. */
const isCarried = (name) => !name.startsWith('include/')

const ask = async (...args) => {
  const cli = join(root, 'out', 'main', 'cli.cjs')
  const { stdout } = await execute(process.execPath, [cli, 'runtime', ...args, '--json'])
  return JSON.parse(stdout).library
}

/** The library that is installed on this machine, if it is of the version to ship; null otherwise. */
export async function installedLibrary() {
  const library = await ask('status')
  return library?.version === VERSION && existsSync(library.bindingPath) ? library : null
}

/** Why a full build cannot be made of the library in use, and what to do: null where it can. */
export function whyNotFull(library) {
  if (library?.source !== 'wheel') {
    return (
      `A full build carries TensorFlow ${VERSION} from its Python wheel, and that is not the library in use here. ` +
      `Get the wheel (pip download --no-deps tensorflow-cpu==${VERSION}), then npx residual-lab runtime install ` +
      '--from FILE.'
    )
  }
  const { files } = recordOf(library)
  const lacking = LICENCES.filter((name) => !files?.[name])
  if (lacking.length === 0) return null
  return (
    `TensorFlow's ${lacking.join(' and ')} did not come with the library in use here: an earlier version left them ` +
    'out. Get it anew with npx residual-lab runtime install --force.'
  )
}

const recordOf = (library) => JSON.parse(readFileSync(join(dirname(library.path), RECORD), 'utf8'))

/**
 * What electron-builder packs for a full build. The record goes into the archive, what it vouches for beside it:
 * whoever exchanges the library cannot exchange its hashes as well where the archive itself is guarded.
 * @param {{path: string, source: string} | null} library that is installed
 * @param {string} scratch a folder for the record
 */
export async function carriedLibrary(library, scratch) {
  const why = whyNotFull(library)
  if (why) throw new Error(why)
  // Only what is byte for byte what was installed is given to others.
  await ask('verify')
  const folder = dirname(library.path)
  const installed = recordOf(library)
  const files = Object.fromEntries(Object.entries(installed.files).filter(([name]) => isCarried(name)))
  // CUDA's libraries are not carried, whatever this machine has.
  const record = { ...installed, device: 'cpu', note: null, files }
  await writeFile(join(scratch, RECORD), `${JSON.stringify(record, null, 2)}\n`)
  return {
    resources: [{ from: folder, to: FOLDER, filter: Object.keys(files) }],
    files: [{ from: scratch, to: FOLDER, filter: [RECORD] }],
  }
}
