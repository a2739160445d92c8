import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import * as fs from 'node:fs/promises'
import * as path from 'node:path'
import type { Context } from './context'
import type { Found } from './locate'
import { pipDownload } from './pip'
import { byteProgress } from './progress'
import type { Wheel } from './sources'
import { ROOM_FOR_BINDING, disk, finish, roomFor } from './staging'
import { layout } from './store'
import { findTool } from './tools'
import type { TensorFlowLibrary } from './types'
import { unpack } from './zip'

// The headers that the binding includes, a few of a wheel's 9,000.
const FOLDERS = 'tensorflow/c/|tensorflow/core/platform/ctstring|xla/tsl/c/|tsl/platform/ctstring'
const HEADERS = new RegExp(String.raw`^tensorflow/(include/(?:${FOLDERS}).*\.h)$`)
const LIBRARIES = /^tensorflow\/(libtensorflow_(?:cc|framework)\.(?:so\.2|2\.dylib))$/
const LICENSES =
  /^tensorflow(?:[^/]*\.dist-info\/(?:.*\/)?|\/(?:include\/)?)((?:LICENSE|THIRD_PARTY_NOTICES)[^/]*)$/

/** The library out of Python’s package. `given`: the file, where it is here already. */
export async function fromWheel(
  context: Context,
  wheel: Wheel,
  staging: string,
  gpu: boolean,
  given?: string,
): Promise<TensorFlowLibrary> {
  const need = (given ? 0 : wheel.bytes) + wheel.unpackedBytes + ROOM_FOR_BINDING
  await roomFor(context, need)
  const archive = given ?? (await fromIndex(context, wheel))
  const watch = byteProgress(
    context.onProgress,
    'unpacking',
    "Unpacking TensorFlow's library",
    wheel.unpackedBytes,
  )
  const place = (name: string): string | null => {
    const library = LIBRARIES.exec(name)
    if (library) return path.join('lib', library[1]!)
    const license = LICENSES.exec(name)
    if (license) return license[1]!
    return HEADERS.exec(name)?.[1] ?? null
  }
  try {
    await unpack(archive, staging, place, { signal: context.signal, onBytes: watch })
  } catch (error) {
    throw await disk(context, error, need)
  }
  const libraries = (await fs.readdir(path.join(staging, 'lib'))).sort()
  const nvidia = gpu ? await pythonNvidia(context) : null
  const found: Found = {
    libraryFolder: path.join(staging, 'lib'),
    libraries,
    headers: path.join(staging, 'include'),
    version: wheel.version,
    nvidia,
  }
  const library = await finish(context, staging, found, 'wheel', gpu)
  if (!given) await fs.rm(archive, { force: true })
  return library
}

function fromIndex(context: Context, wheel: Wheel): Promise<string> {
  context.onProgress({ stage: 'locating', message: 'Asking the Python package index' })
  return pipDownload(context, wheel, layout(context.cacheFolder).downloads)
}

async function pythonNvidia(context: Context): Promise<string | null> {
  const python = findTool(['python3', 'python'], context.env, context.platform)
  if (!python) return null
  return new Promise((resolve) => {
    const code = 'import nvidia; print(list(nvidia.__path__)[0])'
    execFile(python, ['-c', code], { env: context.env, timeout: 20_000 }, (error, stdout) => {
      const folder = stdout.trim()
      resolve(!error && existsSync(folder) ? folder : null)
    })
  })
}
