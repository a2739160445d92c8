/** Pythons that have the peers: the user's own, and an environment in the cache folder. */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheFolder } from '../bin/lib/cache.mjs'

const run = promisify(execFile)

const versions = { 'tensorflow-cpu': '2.21.0', jax: '0.10.2', jaxlib: '0.10.2', numpy: '2.4.6' }

const own = process.env.PYTHON ?? 'python3'

/** Where Debian's python3-torch is, whatever comes first on the PATH. */
const SYSTEM = '/usr/bin/python3'

/**
 * For each peer a Python that has it, with its version.
 * @param install makes the environment with TensorFlow and JAX where there is none (some minutes, once)
 */
export async function pythonsWithPeers(say, install) {
  const environment = await environmentWithPeers(say, install)
  const pythons = [own, ...(environment ? [environment] : []), ...(existsSync(SYSTEM) ? [SYSTEM] : [])]
  const [found, missing] = [[], []]
  for (const peer of ['torch', 'tensorflow', 'jax']) {
    const versionsOfIt = await Promise.all(pythons.map((python) => versionIn(python, peer)))
    const at = versionsOfIt.findIndex((version) => version !== null)
    if (at < 0) missing.push(peer)
    else found.push({ peer, python: pythons[at], version: versionsOfIt[at] })
  }
  return { found, missing }
}

/** Null where it cannot be loaded. */
async function versionIn(python, peer) {
  const program = `import numpy, ${peer}; print(${peer}.__version__)`
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' }
  return run(python, ['-c', program], { env }).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  )
}

/** Null: there is none, and none is to be made. */
async function environmentWithPeers(say, install) {
  const folder = join(cacheFolder(), 'bench', Object.values(versions).join('-'))
  const python = process.platform === 'win32' ? join('Scripts', 'python.exe') : join('bin', 'python')
  if (existsSync(join(folder, 'ready'))) return join(folder, python)
  if (!install) return null
  say('Making a Python environment with TensorFlow and JAX (some minutes, once).')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  await run(own, ['-m', 'venv', folder])
  const packages = Object.entries(versions).map(([name, version]) => `${name}==${version}`)
  await run(
    join(folder, python),
    ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages],
    { maxBuffer: 2 ** 26 },
  )
  // Only a complete environment counts: an interrupted one is made again.
  writeFileSync(join(folder, 'ready'), '')
  return join(folder, python)
}
