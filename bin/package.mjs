#!/usr/bin/env node
// npm run package [-- [--full] TARGET …]: makes the application in dist/, or of electron-builder's targets those that
// are named; with --full one that carries TensorFlow's library.
// Plain JavaScript, because it runs before anything is built.
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { lutimes, mkdir, mkdtemp, open, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { findElectron, obtainElectron } from './lib/electron.mjs'
import { localTools } from './lib/linux-tools.mjs'
import { carriedLibrary, installedLibrary } from './lib/carried-library.mjs'
import { allNotices, noticesText } from './lib/notices.mjs'
import { testElectron } from './lib/test-electron.mjs'
import { root, say, setUp } from './setup.mjs'

const execute = promisify(execFile)
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const LINUX_TARGETS = ['tar.gz', 'AppImage', 'deb']

/** What the executable refuses, whoever starts it with whatever flags. */
export const FUSES = {
  runAsNode: false,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  onlyLoadAppFromAsar: true,
  grantFileProtocolExtraPrivileges: false,
  enableEmbeddedAsarIntegrityValidation: true,
}

/**
 * Makes the application from what is built; the paths of the files made.
 * @param {{dist: string, version: string, test: boolean, appImageRuntime?: string}} electron a test build says so in
 *   its name and version, and lets itself be steered
 * @param {string} output a folder
 * @param {{targets?: string[], full?: boolean}} [options] targets: electron-builder's names; none: the platform's own
 *   list. full: TensorFlow's library is inside
 */
export async function makeApplication(electron, output, { targets = [], full = false } = {}) {
  const scratch = await mkdtemp(join(tmpdir(), 'residual-lab-packaging-'))
  // Every file in a package has this time at the latest, so that the same sources give the same bytes.
  process.env.SOURCE_DATE_EPOCH = String(await sourceTime())
  try {
    const config = { ...(await configuration(electron, scratch, full)), directories: { output } }
    if (process.platform !== 'linux') return await build(config, targets)
    return await linuxPackages(config, electron, output, targets.length ? targets : LINUX_TARGETS)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function build(config, targets, prepackaged) {
  const { build, Platform } = await import('electron-builder')
  const current = Platform.current()
  return build({
    projectDir: root,
    targets: targets.length ? current.createTarget(targets) : current.createTarget(),
    publish: 'never',
    config,
    ...(prepackaged && { prepackaged }),
  })
}

/** One target after the other from one folder: some of them write into it, each of them what it needs alone. */
async function linuxPackages(config, electron, output, targets) {
  await build(config, ['dir'])
  const folder = join(output, 'linux-unpacked')
  await setTimes(folder)
  const files = []
  const packages = LINUX_TARGETS.filter((target) => targets.includes(target))
  const other = targets.filter((target) => target !== 'dir' && !LINUX_TARGETS.includes(target))
  const tools = electron.appImageRuntime && packages.length ? localTools(electron.appImageRuntime) : null
  if (tools) Object.assign(process.env, tools.variables)
  try {
    for (const target of [...packages, ...other]) {
      const made = (await build(config, [target], folder)).filter((file) => !file.endsWith('.blockmap'))
      if (target === 'tar.gz') for (const file of made) await plainGzipHeader(file)
      files.push(...made)
    }
  } finally {
    if (tools) await rm(tools.folder, { recursive: true, force: true })
  }
  return files
}

/** Over electron-builder.yml: what is known now only. @param {string} scratch a folder for files to be packed */
export async function configuration(electron, scratch, full = false) {
  const notices = join(scratch, 'THIRD-PARTY-NOTICES.txt')
  await writeFile(notices, noticesText(allNotices(root)))
  const library = await installedLibrary()
  const carried = full ? await carriedLibrary(library, scratch) : null
  const own = electron.test ? testBuild(electron) : null
  return {
    extends: join(root, 'electron-builder.yml'),
    ...own,
    electronDist: electron.dist,
    electronVersion: electron.version,
    extraResources: [
      { from: join(root, 'LICENSE'), to: 'LICENSE.txt' },
      { from: notices, to: basename(notices) },
      ...(carried?.resources ?? []),
    ],
    electronFuses: { ...FUSES, ...own?.electronFuses },
    afterPack: removeDefaultApplication,
    ...(full && { artifactName: 'residual-lab-full-${version}-${os}-${arch}.${ext}' }),
    deb: {
      fpm: [`${join(root, 'LICENSE')}=/usr/share/doc/residual-lab/copyright`],
      // A quarter larger, and made in seconds instead of minutes.
      ...(electron.test && { compression: 'gz' }),
    },
    files: [...binding(library), ...(carried?.files ?? []), ...(own?.files ?? [])],
  }
}

/** What sets a test build apart. */
function testBuild({ version }) {
  const major = Number(version.split('.')[0])
  return {
    productName: 'Residual Lab test build',
    electronFuses: {
      // The one fuse that a test build differs in: Playwright steers the main process through Node's inspector.
      enableNodeCliInspectArguments: true,
      // Not known to older Electrons.
      grantFileProtocolExtraPrivileges: major < 29 ? undefined : FUSES.grantFileProtocolExtraPrivileges,
    },
    // What an older Electron lacks goes into the archive, and runs first.
    files: ['test/electron/default-app/shim-22.cjs', 'test/electron/packaged-main.cjs'],
    extraMetadata: {
      main: 'test/electron/packaged-main.cjs',
      version: `${manifest.version}-test.electron${major}`,
      testBuild: true,
    },
  }
}

/** Electron's own distribution brings an application that runs any folder it is told to. */
async function removeDefaultApplication({ appOutDir, packager }) {
  await rm(join(packager.getResourcesDir(appOutDir), 'default_app.asar'), { force: true })
}

/** The binding compiled for this machine, if there is one: then the application needs no compiler on others like it. */
function binding(library) {
  if (!library) return []
  const to = `binding/${process.platform}-${process.arch}-tf${library.version}`
  return [{ from: dirname(library.bindingPath), to, filter: [basename(library.bindingPath)] }]
}

/**
 * Seconds since 1970: SOURCE_DATE_EPOCH, else the time of the last commit, or of package.json where there is no
 * repository.
 */
export async function sourceTime() {
  if (process.env.SOURCE_DATE_EPOCH) return Number(process.env.SOURCE_DATE_EPOCH)
  try {
    return Number((await execute('git', ['log', '-1', '--format=%ct'], { cwd: root })).stdout.trim())
  } catch {
    return Math.floor((await stat(join(root, 'package.json'))).mtimeMs / 1000)
  }
}

async function setTimes(path) {
  const time = Number(process.env.SOURCE_DATE_EPOCH)
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await setTimes(join(path, entry.name))
    else await lutimes(join(path, entry.name), time, time)
  }
  await lutimes(path, time, time)
}

/** Takes the time and the name of a temporary file out of a gzip header (RFC 1952, section 2.3). */
async function plainGzipHeader(file) {
  const bytes = readFileSync(file)
  const [HAS_NAME, FIXED_LENGTH] = [8, 10]
  if (bytes[3] & ~HAS_NAME) throw new Error(`${file}: a gzip header with unknown parts`)
  const end = bytes[3] & HAS_NAME ? bytes.indexOf(0, FIXED_LENGTH) + 1 : FIXED_LENGTH
  const header = Buffer.from(bytes.subarray(0, FIXED_LENGTH))
  header[3] = 0
  header.writeUInt32LE(0, 4)
  const target = await open(file, 'w')
  await target.write(header)
  await target.write(bytes.subarray(end))
  await target.close()
}

/**
 * The Electron to ship; where it cannot be had, the one of the tests, for a test build. Throws one line with a hint if
 * there is neither.
 */
export async function electronToPackage(log = say) {
  // An Electron for tests (ELECTRON_OVERRIDE_DIST_PATH) is not for shipping.
  const env = { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: undefined }
  const there = findElectron(root, env)
  const { path, reason } = there ? { path: there, reason: null } : await obtainElectron(root, log, { env })
  if (path) {
    const { version } = JSON.parse(
      readFileSync(join(root, 'node_modules', 'electron', 'package.json'), 'utf8'),
    )
    const folder = join(root, 'node_modules', 'electron', 'dist')
    return { dist: existsSync(folder) ? folder : dirname(path), version, test: false }
  }
  try {
    const electron = await testElectron()
    log(
      `${reason}. Making a TEST BUILD on Electron ${electron.version}, which says so in its name and version: not ` +
        'for giving away. `npx install-electron` where the download can be reached gets the one to ship.',
    )
    return { ...electron, test: true }
  } catch (error) {
    throw new Error(
      `The application cannot be made: ${reason}, and no Electron for a test build is there either ` +
        `(${error.message.split('\n')[0]}). Run \`npx install-electron\` where its download can be reached, then ` +
        '`npm run package` again.',
      { cause: error },
    )
  }
}

/** @throws Error in one line for an option that there is not */
const parse = (args) =>
  parseArgs({ args, options: { full: { type: 'boolean', default: false } }, allowPositionals: true })

async function main(args) {
  const { values, positionals: targets } = parse(args)
  await setUp()
  const output = join(root, 'dist')
  await mkdir(output, { recursive: true })
  const files = await makeApplication(await electronToPackage(), output, { targets, full: values.full })
  say(files.length ? `Made ${files.join(', ')}` : `Made the application in ${output}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main(process.argv.slice(2)).catch((error) => {
    say(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  })
}
