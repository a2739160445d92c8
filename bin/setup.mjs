// What a checkout needs before anything of the lab can run: its packages and its build. Node's own modules only.
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { killGroup, spawnGroup } from './lib/group.mjs'
import { withLock } from './lib/lock.mjs'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

// What the bundles are made of. Lock file included: a dependency is a source too.
const SOURCES = [
  'main',
  'shared',
  'renderer',
  'electron.vite.config.ts',
  'tsconfig.json',
  'package.json',
  'package-lock.json',
]
const OLDEST_NODE = [20, 19]

/** A failure whose message is meant for the user as it is. */
export class SetupError extends Error {}

export const say = (text) => process.stderr.write(`${text}\n`)

/**
 * Makes packages and build current. Concurrent calls wait for each other; nothing is printed if nothing is to be done.
 * @param {boolean} [options.built] false: packages alone, for what runs on the sources
 */
export async function setUp({ log = say, folder = root, built = true } = {}) {
  checkNode()
  const stamps = { packages: packageStamp(folder), sources: built ? sourceStamp(folder) : null }
  const current = () =>
    packagesCurrent(folder, stamps.packages) && (!built || buildCurrent(folder, stamps.sources))
  if (current()) return
  // Beside, not inside node_modules, which `npm ci` removes.
  const lock = join(folder, '.cache', 'setup.lock')
  const onWait = (owner) =>
    log(`Waiting for another start of the lab${owner ? ` (process ${owner.pid})` : ''} to finish building`)
  const work = async () => {
    if (!packagesCurrent(folder, stamps.packages)) await installPackages(folder, stamps.packages, log)
    if (!current()) await build(folder, stamps.sources, log)
  }
  try {
    await withLock(lock, work, { onWait })
  } catch (error) {
    throw UNWRITABLE.has(error.code) ? unwritable(folder, error) : error
  }
}

/** How the system refuses to write: it may not, it cannot, there is no room, something else has the name. */
const UNWRITABLE = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EEXIST', 'ENOTDIR'])

const unwritable = (folder, { message }) =>
  new SetupError(
    `The checkout in ${folder} has to be set up, and cannot be written: ${message}. ` +
      'Make it writable and give it room, or copy it to a folder of yours.',
  )

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    throw new SetupError(
      `Residual Lab needs Node ${OLDEST_NODE.join('.')} or newer, and this is ${process.versions.node}. ` +
        'Install a newer Node.',
    )
  }
}

const packagesMark = (folder) => join(folder, 'node_modules', '.residual-lab-packages')
const buildMark = (folder) => join(folder, 'out', '.residual-lab-build')

function packageStamp(folder) {
  const lockFile = join(folder, 'package-lock.json')
  return hash([existsSync(lockFile) ? readFileSync(lockFile) : '', process.platform, process.arch])
}

function packagesCurrent(folder, stamp) {
  if (!existsSync(join(folder, 'node_modules'))) return false
  const mark = packagesMark(folder)
  if (existsSync(mark) && readFileSync(mark, 'utf8') === stamp) return true
  // Installed by hand with npm: its own record is written with, or after, the lock file that it came from.
  const npms = join(folder, 'node_modules', '.package-lock.json')
  return (
    existsSync(npms) && statSync(npms).mtimeMs + 5000 >= statSync(join(folder, 'package-lock.json')).mtimeMs
  )
}

const buildCurrent = (folder, stamp) =>
  existsSync(buildMark(folder)) &&
  existsSync(join(folder, 'out', 'main', 'cli.cjs')) &&
  readFileSync(buildMark(folder), 'utf8') === stamp

/**
 * A hash over names and contents, because times mean nothing after a clone or a switch of branches. The contents are
 * read where a file has changed since they were hashed, which its size, number and times tell.
 */
export function sourceStamp(folder) {
  const files = sourceFiles(folder)
  const seen = hash([files.map(({ name, stat }) => `${name} ${told(stat)}`).join('\n')])
  const known = readKnown(folder)
  if (known?.seen === seen) return known.stamp
  const stamp = hash(files.flatMap(({ name }) => [name, readFileSync(join(folder, name))]))
  // A file that changes again within the clock's tick would look the same.
  const isOld = ({ stat }) => stat.ctimeMs < Date.now() - TICK_MS
  if (files.every(isOld)) keepKnown(folder, { seen, stamp })
  return stamp
}

const told = ({ size, ino, mtimeMs, ctimeMs }) => `${size} ${ino} ${mtimeMs} ${ctimeMs}`
const TICK_MS = 2000

function sourceFiles(folder) {
  const files = []
  const add = (name) => {
    const path = `${folder}/${name}`
    const stat = statSync(path, { throwIfNoEntry: false })
    if (!stat) return
    if (!stat.isDirectory()) return files.push({ name, stat })
    for (const one of readdirSync(path).sort()) {
      if (one !== 'node_modules' && !one.startsWith('.')) add(`${name}/${one}`)
    }
  }
  SOURCES.forEach(add)
  return files
}

const knownStamp = (folder) => join(folder, '.cache', 'source-stamp.json')

function readKnown(folder) {
  try {
    return JSON.parse(readFileSync(knownStamp(folder), 'utf8'))
  } catch {
    return null
  }
}

/** Where it cannot be kept, the next start reads all again. */
function keepKnown(folder, known) {
  const file = knownStamp(folder)
  const own = `${file}.${process.pid}`
  try {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(own, JSON.stringify(known))
    renameSync(own, file)
  } catch {
    rmSync(own, { force: true })
  }
}

function hash(parts) {
  const sum = createHash('sha256')
  for (const part of parts) sum.update(part).update('\0')
  return sum.digest('hex')
}

async function installPackages(folder, stamp, log) {
  log('Installing packages (npm ci)')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const { code, output } = await run(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    shell: process.platform === 'win32',
    // npx and npm tell their children about themselves; npm ci is to see the checkout as it is.
    env: Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^npm_(config_(prefix|global)|package_)/i.test(name)),
    ),
  })
  if (code !== 0) {
    throw new SetupError(
      `The packages could not be installed: ${gist(output)} Check the network, then run \`npm ci\` in ${folder}.`,
    )
  }
  await mkdir(join(folder, 'node_modules'), { recursive: true })
  await writeFile(packagesMark(folder), stamp)
}

async function build(folder, stamp, log) {
  log('Building (electron-vite build)')
  const program = join(folder, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
  if (!existsSync(program)) {
    throw new SetupError(`electron-vite is not installed in ${folder}. Run \`npm ci\` there.`)
  }
  // Half a build of these sources must not pass for one of others, to which the checkout may return.
  await rm(buildMark(folder), { force: true })
  const { code, output } = await run(process.execPath, [program, 'build'], { cwd: folder })
  if (code !== 0) {
    process.stderr.write(output)
    throw new SetupError(`The build failed: ${gist(output)} Mend the sources, then start again.`)
  }
  if (!existsSync(join(folder, 'out', 'main', 'cli.cjs'))) {
    throw new SetupError(
      'The build made no out/main/cli.cjs: main/hosts/cli/start.ts is missing from the checkout or the build.',
    )
  }
  await mkdir(join(folder, 'out'), { recursive: true })
  await writeFile(buildMark(folder), stamp)
}

/** Runs a program quietly; what it printed comes back. It ends with this process. */
export function run(program, args, { timeoutMs, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawnGroup(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
    let output = ''
    const keep = (chunk) => {
      output = (output + chunk).slice(-200_000)
    }
    child.stdout?.on('data', keep)
    child.stderr?.on('data', keep)
    const timer = timeoutMs ? setTimeout(() => killGroup(child), timeoutMs) : undefined
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ code, signal, output })
    })
  })
}

/** The line of a tool's output that says what is wrong. */
function gist(output) {
  // eslint-disable-next-line no-control-regex
  const lines = output.replace(/\x1b\[[0-9;]*m/g, '').split('\n')
  // "Error during build:" and the like announce the line that tells; a bundler marks its own by [A_NAME].
  const telling = (text) =>
    (/error/i.test(text) || /^\[[A-Z_]+\]/.test(text)) &&
    !/:\s*$|failed with|^\s*at |^npm error (code|A complete log)/.test(text)
  const line = lines.find(telling)
  return `${(line ?? lines.filter(Boolean).pop() ?? 'no output').trim().replace(/\.$/, '')}.`
}
