import { execFile } from 'node:child_process'
import * as fs from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import * as path from 'node:path'
import { makeFolder } from '../../bin/lib/folder.mjs'
import { withLock } from '../../bin/lib/lock.mjs'
import { formatBytes } from '../../shared/base/format'
import { checkBinding } from './check'
import { RECIPE, canCompile, makeBinding, prebuiltBinding } from './compile'
import { makeContext, platformName, type Context, type RuntimeOptions } from './context'
import { download, sha256 } from './download'
import { recordFiles } from './integrity'
import { locate, refuseVersion, type Found } from './locate'
import { pipDownload } from './pip'
import { planInstallation } from './plan'
import { byteProgress } from './progress'
import type { Official, Wheel } from './sources'
import {
  RECORD,
  activate,
  addRecord,
  layout,
  readCarried,
  readInstalled,
  removeLeftovers,
  wasInstalled,
} from './store'
import { findTool, removedAtEnd, runTool } from './tools'
import { RuntimeError, isAbort, reason, throwIfAborted, type TensorFlowLibrary } from './types'
import { checkPresent, checking, linkedFolder, useCarried } from './verify'
import { knownWheel, type WheelFile } from './wheel-file'
import { unpack } from './zip'

// The headers that the binding includes, a few of a wheel's 9,000.
const FOLDERS = 'tensorflow/c/|tensorflow/core/platform/ctstring|xla/tsl/c/|tsl/platform/ctstring'
const HEADERS = new RegExp(String.raw`^tensorflow/(include/(?:${FOLDERS}).*\.h)$`)
const LIBRARIES = /^tensorflow\/(libtensorflow_(?:cc|framework)\.(?:so\.2|2\.dylib))$/
const LICENSES =
  /^tensorflow(?:[^/]*\.dist-info\/(?:.*\/)?|\/(?:include\/)?)((?:LICENSE|THIRD_PARTY_NOTICES)[^/]*)$/
const ROOM_FOR_BINDING = 50e6

/**
 * Gets TensorFlow's library unless one is installed of which every file is as it was: the official download, else the
 * Python wheel, or the wheel in the file that is named.
 */
export async function install(options: RuntimeOptions): Promise<TensorFlowLibrary> {
  const context = makeContext(options)
  const file = options.from === undefined ? null : await knownWheel(context, options.from)
  return exclusively(context, async (staging) => {
    const isAnew = options.force || file !== null
    const { library, problem } = isAnew
      ? { library: null, problem: null }
      : await checkPresent(context, staging)
    if (library) return (await renewed(context, staging)) ?? library
    if (problem) context.onProgress({ stage: 'locating', message: problem })
    const own = isAnew ? null : await linkedFolder(context)
    // The user may have brought their own up to date: then it is used as it is now.
    const again = own ? [(folder: string) => link(context, own, folder)] : []
    const carried = !isAnew && wasInstalled(context) ? await readCarried(context) : null
    const inPlace = carried ? [() => useCarried(context, carried)] : []
    try {
      return await firstOf(context, staging, [...again, ...inPlace, ...attempts(context, file)])
    } catch (error) {
      throw unrepaired(problem, error)
    }
  })
}

/**
 * A binding of today's making for what is installed, for a start: made once, of sound files only, and without a
 * download. Null where there is nothing to make, or it cannot be made.
 */
export async function renew(options: RuntimeOptions): Promise<TensorFlowLibrary | null> {
  const context = makeContext(options)
  const old = await outdated(context)
  if (!old || old.record.recipeTried === RECIPE) return null
  return exclusively(context, async (staging) => {
    const { library } = await checkPresent(context, staging)
    return library && (await renewed(context, staging))
  })
}

/** What is installed, where it has a binding of an earlier making and could have one of today's; else null. */
async function outdated(context: Context) {
  const installed = await readInstalled(context)
  if ('problem' in installed) return null
  const { recipe = 1, version } = installed.record
  if (recipe >= RECIPE) return null
  return canCompile(context) || prebuiltBinding(context, version) !== null ? installed : null
}

/** What is installed, with a binding of today's making; null where it has that, or none can be made. */
async function renewed(context: Context, staging: string): Promise<TensorFlowLibrary | null> {
  const old = await outdated(context)
  if (!old) return null
  const { folder, record } = old
  try {
    await fs.rm(staging, { recursive: true, force: true })
    await fs.mkdir(path.join(staging, 'lib'), { recursive: true })
    if (record.linked) return await link(context, record.linked, staging)
    await roomFor(context, ROOM_FOR_BINDING)
    for (const name of record.libraries) {
      await fs.link(path.join(folder, 'lib', name), path.join(staging, 'lib', name))
    }
    const others = (await fs.readdir(folder)).filter((name) => !['lib', 'binding', RECORD].includes(name))
    for (const name of others) {
      await fs.cp(path.join(folder, name), path.join(staging, name), {
        recursive: true,
        verbatimSymlinks: true,
      })
    }
    const found: Found = {
      libraryFolder: path.join(staging, 'lib'),
      libraries: record.libraries,
      headers: path.join(staging, 'include'),
      version: record.version,
      nvidia: null,
    }
    return await finish(context, staging, found, record.source, record.note !== null)
  } catch (error) {
    if (isAbort(error)) throw error
    // The one that is there works as it did.
    await addRecord(folder, { ...record, recipeTried: RECIPE })
    return null
  }
}

/** Tries one after the other; where none succeeds, the last one's failure is told. */
async function firstOf(context: Context, staging: string, list: Attempt[]): Promise<TensorFlowLibrary> {
  const failures: unknown[] = []
  for (const attempt of list) {
    throwIfAborted(context.signal)
    await fs.rm(staging, { recursive: true, force: true })
    await fs.mkdir(staging, { recursive: true })
    try {
      return await attempt(staging)
    } catch (error) {
      if (isAbort(error)) throw error
      failures.push(error)
    }
  }
  throw summary(context, failures)
}

/** Whoever has a damaged library must hear of that, too. */
function unrepaired(problem: string | null, error: unknown): unknown {
  if (!problem || !(error instanceof RuntimeError)) return error
  return new RuntimeError(`${problem} It could not be repaired: ${error.message}`, error.hint, {
    cause: error,
  })
}

/** Uses an installation the user names. Its files stay where they are; only the binding is the lab's own. */
export async function use(given: string, options: RuntimeOptions): Promise<TensorFlowLibrary> {
  const context = makeContext(options)
  context.onProgress({ stage: 'locating', message: `Looking for TensorFlow in ${given}` })
  locate(given)
  return exclusively(context, (staging) => link(context, given, staging))
}

async function link(context: Context, given: string, staging: string): Promise<TensorFlowLibrary> {
  const found = locate(given)
  await roomFor(context, ROOM_FOR_BINDING)
  await fs.mkdir(path.join(staging, 'lib'), { recursive: true })
  for (const name of found.libraries) {
    await fs.symlink(path.join(found.libraryFolder, name), path.join(staging, 'lib', name))
  }
  return finish(context, staging, found, 'user')
}

type Attempt = (staging: string) => Promise<TensorFlowLibrary>

function attempts(context: Context, file: WheelFile | null): Attempt[] {
  const { official, wheel, gpu } = planInstallation(context)
  if (file) return [(staging) => fromWheel(context, file.wheel, staging, file.gpu, file.archive)]
  const list: Attempt[] = []
  if (official) list.push((staging) => fromOfficial(context, official, staging))
  if (wheel) list.push((staging) => fromWheel(context, wheel, staging, gpu))
  return list
}

async function fromOfficial(
  context: Context,
  official: Official,
  staging: string,
): Promise<TensorFlowLibrary> {
  const { downloads } = layout(context.cacheFolder)
  const archive = path.join(downloads, path.basename(official.path))
  const message = `Downloading libtensorflow ${official.version}`
  context.onProgress({ stage: 'locating', message: 'Asking for the official download' })
  await roomFor(context, official.unpackedBytes * 1.3)
  const report = (done: number, total: number) => {
    watch ??= byteProgress(context.onProgress, 'downloading', message, total)
    watch(done)
  }
  let watch: ((done: number) => void) | undefined
  try {
    await download(new URL(official.path, storage(context)).href, archive, {
      signal: context.signal,
      onBytes: report,
    })
  } catch (error) {
    if (isAbort(error)) throw error
    throw new RuntimeError(
      `The official download of libtensorflow ${official.version} could not be had: ${reason(error)}.`,
      'Connect to the network, then run `npx residual-lab runtime install` again.',
      { cause: error },
    )
  }
  if ((await sha256(archive)) !== official.sha256) {
    await fs.rm(archive, { force: true })
    throw new RuntimeError(
      `The downloaded ${path.basename(archive)} does not have the expected checksum, so it is not used.`,
      'Run `npx residual-lab runtime install` again; if it recurs, a proxy alters downloads.',
    )
  }
  context.onProgress({ stage: 'unpacking', message: 'Unpacking libtensorflow' })
  const { code, output } = await runTool('tar', ['-xzf', archive, '-C', staging], {
    env: context.env,
    signal: context.signal,
  })
  if (code !== 0) throw await disk(context, new Error(output.trim()), official.unpackedBytes)
  const library = await finish(context, staging, locate(staging), 'official')
  await fs.rm(archive, { force: true })
  return library
}

/** Where @tensorflow/tfjs-node-gpu downloads from, by its own words and its own environment variable. */
function storage(context: Context): string {
  const own = context.env.TFJS_NODE_CDN_STORAGE
  if (own) return own.endsWith('/') ? own : `${own}/`
  const manifest = createRequire(import.meta.url)('@tensorflow/tfjs-node-gpu/package.json') as {
    binary: { host: string }
  }
  return new URL('/', manifest.binary.host).href
}

async function fromWheel(
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

async function finish(
  context: Context,
  staging: string,
  found: Found,
  source: TensorFlowLibrary['source'],
  gpu = false,
): Promise<TensorFlowLibrary> {
  // TensorFlow looks for CUDA's libraries in ../nvidia, seen from its own folder.
  if (found.nvidia) await fs.symlink(found.nvidia, path.join(staging, 'nvidia'))
  const binding = await makeBinding(context, staging, found.headers, found.libraries, found.version ?? '')
  throwIfAborted(context.signal)
  context.onProgress({ stage: 'checking', message: 'Checking that TensorFlow loads and computes' })
  const checked = await checkBinding(context, binding, staging)
  refuseVersion(checked.version, found.libraryFolder)
  throwIfAborted(context.signal)
  const note =
    gpu && !checked.gpu
      ? "There is an NVIDIA GPU, but TensorFlow cannot use it without CUDA's libraries: " +
        "pip install 'tensorflow[and-cuda]==2.21.0', then `npx residual-lab runtime use` that Python environment."
      : null
  const files = await recordFiles(staging, { signal: context.signal, onBytes: checking(context) })
  const library = await activate(context, staging, {
    version: checked.version,
    source,
    device: checked.gpu ? 'gpu' : 'cpu',
    note,
    platform: platformName(context),
    libraries: found.libraries,
    linked: source === 'user' ? found.libraryFolder : null,
    recipe: RECIPE,
    files,
  })
  context.onProgress({
    stage: 'done',
    message: `TensorFlow ${library.version} is ready (${library.device.toUpperCase()})`,
  })
  return library
}

/** One installation at a time; a second waits, and then mostly finds the work done. */
async function exclusively<T>(context: Context, work: (staging: string) => Promise<T>): Promise<T> {
  const { root, lock, downloads } = layout(context.cacheFolder)
  try {
    makeFolder(downloads)
  } catch (cause) {
    throw new RuntimeError(
      `The cache folder ${context.cacheFolder} cannot be written: ${reason(cause)}.`,
      'Make it writable, or set RESIDUAL_LAB_CACHE to another folder.',
      { cause },
    )
  }
  const run = async () => {
    await removeLeftovers(context.cacheFolder)
    const staging = path.join(root, `tmp-${process.pid}-${Date.now().toString(36)}`)
    const forget = removedAtEnd(staging)
    try {
      return await work(staging)
    } finally {
      await fs.rm(staging, { recursive: true, force: true })
      forget()
    }
  }
  return withLock(lock, run, {
    signal: context.signal,
    onWait: (owner) =>
      context.onProgress({
        stage: 'locating',
        message: `Waiting for another installation${owner ? ` (process ${owner.pid})` : ''} to finish`,
      }),
  })
}

async function roomFor(context: Context, need: number): Promise<void> {
  const free = await context.freeBytes(context.cacheFolder)
  if (free !== null && free < need) throw noRoom(context, need, free)
}

const noRoom = (context: Context, need: number, free: number) =>
  new RuntimeError(
    `Not enough disk space in ${context.cacheFolder}: ` +
      `${formatBytes(need)} are needed and ${formatBytes(free)} are free.`,
    'Free some space, or set RESIDUAL_LAB_CACHE to a folder on another disk.',
  )

/** A full disk told as such; any other error as it is. */
async function disk(context: Context, error: unknown, need: number): Promise<unknown> {
  if (isAbort(error) || !/ENOSPC|No space left/i.test(reason(error))) return error
  return noRoom(context, need, (await context.freeBytes(context.cacheFolder)) ?? 0)
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

/** The last source's failure decides what to do; the others' are told too. */
function summary(context: Context, failures: unknown[]): unknown {
  const last = failures[failures.length - 1]
  if (failures.length < 2 || !(last instanceof RuntimeError)) return last
  // What went wrong with an earlier source is worth a line only if it was not simply out of reach.
  const others = failures.slice(0, -1).map(reason)
  context.onProgress({ stage: 'locating', message: others.join(' ') })
  return last
}
