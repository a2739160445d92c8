import * as fs from 'node:fs'
import * as path from 'node:path'
import { ownCommand } from '../files/program'
import { MAJOR, OLDEST } from './sources'
import { RuntimeError } from './types'

/** A TensorFlow installation on disk. */
export interface Found {
  /** Folder that holds the shared libraries. */
  libraryFolder: string
  /** File names the binding links against, the C interface first. */
  libraries: string[]
  headers: string
  /** As far as its files tell; the library itself is asked later. */
  version: string | null
  /** Folder that holds NVIDIA's Python packages, if there is one. */
  nvidia: string | null
}

const CORE = [
  'libtensorflow_cc.so.2',
  'libtensorflow_cc.2.dylib',
  'libtensorflow.so.2',
  'libtensorflow.so',
  'libtensorflow.2.dylib',
  'libtensorflow.dylib',
]
const FRAMEWORK = [
  'libtensorflow_framework.so.2',
  'libtensorflow_framework.so',
  'libtensorflow_framework.2.dylib',
  'libtensorflow_framework.dylib',
]

/**
 * Finds TensorFlow at what the user named: a libtensorflow folder, a Python environment, site-packages, the
 * package itself.
 */
export function locate(given: string): Found {
  const start = path.resolve(given)
  for (const folder of candidates(readable(start))) {
    const core = CORE.find((name) => fs.existsSync(path.join(folder, name)))
    const framework = FRAMEWORK.find((name) => fs.existsSync(path.join(folder, name)))
    if (core && framework) return describe(folder, core, framework)
    if (isPackage(folder)) refuseVersion(packageVersion(folder), folder, 'has no libtensorflow_cc')
  }
  throw new RuntimeError(
    `No TensorFlow library in ${start}: neither lib/libtensorflow.so nor tensorflow/libtensorflow_cc.so.2.`,
    'Give an unpacked libtensorflow, or a Python environment (or its site-packages) with TensorFlow in it.',
    { badInput: true },
  )
}

/** The folder itself, or that of a file. @throws RuntimeError where there is none that may be read */
function readable(start: string): string {
  try {
    const folder = fs.statSync(start).isDirectory() ? start : path.dirname(start)
    fs.readdirSync(folder)
    return folder
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new RuntimeError(`There is nothing at ${start}.`, 'Give the path of an existing folder.', {
        badInput: true,
      })
    throw new RuntimeError(
      `${start} cannot be read (${code}).`,
      'Let this user read it, or point at another installation.',
      { badInput: true },
    )
  }
}

function candidates(start: string): string[] {
  const sites = (root: string): string[] => {
    const found: string[] = []
    for (const lib of ['lib', 'lib64', 'Lib']) {
      const folder = path.join(root, lib)
      found.push(path.join(folder, 'site-packages'))
      for (const name of list(folder)) {
        if (/^python3/.test(name)) {
          found.push(path.join(folder, name, 'site-packages'), path.join(folder, name, 'dist-packages'))
        }
      }
    }
    return found
  }
  // The parent serves those who name an environment's bin folder or its python.
  const roots =
    path.basename(start) === 'bin' || path.basename(start) === 'Scripts'
      ? [start, path.dirname(start)]
      : [start]
  return roots.flatMap((root) => [
    root,
    path.join(root, 'lib'),
    path.join(root, 'tensorflow'),
    ...sites(root).map((site) => path.join(site, 'tensorflow')),
  ])
}

const isPackage = (folder: string) =>
  fs.existsSync(path.join(folder, '__init__.py')) && path.basename(folder) === 'tensorflow'

function describe(folder: string, core: string, framework: string): Found {
  const python = core.includes('_cc')
  const version = python ? packageVersion(folder) : fileVersion(path.join(folder, core))
  refuseVersion(version, folder)
  const nvidia = path.join(folder, '..', 'nvidia')
  return {
    libraryFolder: folder,
    libraries: [core, framework],
    headers:
      [path.join(folder, 'include'), path.join(folder, '..', 'include')].find((at) => fs.existsSync(at)) ??
      folder,
    version,
    nvidia: python && fs.existsSync(nvidia) ? path.resolve(nvidia) : null,
  }
}

function packageVersion(folder: string): string | null {
  for (const name of list(path.dirname(folder))) {
    const match = /^tensorflow(?:_cpu|_gpu|_intel|_macos)?-(\d[^-]*)\.dist-info$/.exec(name)
    if (match) return match[1]!
  }
  return null
}

/** libtensorflow carries its version in the name of the file that the short names link to. */
function fileVersion(file: string): string | null {
  return (
    /\.so\.(\d+\.\d+\.\d+)$|\.(\d+\.\d+\.\d+)\.dylib$/.exec(fs.realpathSync(file))?.slice(1).find(Boolean) ??
    null
  )
}

export function refuseVersion(version: string | null, where: string, also?: string): void {
  const [major, minor] = (version ?? '').split('.').map(Number)
  const old =
    major !== undefined &&
    minor !== undefined &&
    (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
  if (version && !old && major === MAJOR && !also) return
  if (!version && !also) return // unknown until the library itself is asked
  const wrong = also && !old && major === MAJOR ? also : 'is of the wrong version'
  throw new RuntimeError(
    `TensorFlow ${version ?? 'of unknown version'} in ${where} ${wrong}; ` +
      `the lab needs ${OLDEST.join('.')} or newer, below ${MAJOR + 1}.`,
    `Point at another installation, or let the lab get its own: ${ownCommand('runtime install')}.`,
    { badInput: true },
  )
}

function list(folder: string): string[] {
  try {
    return fs.readdirSync(folder)
  } catch {
    return []
  }
}
