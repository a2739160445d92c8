/** A Python environment with the peers, made once in the cache folder. */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheFolder } from '../bin/lib/cache.mjs'

const run = promisify(execFile)

export const versions = { 'tensorflow-cpu': '2.21.0', jax: '0.10.2', jaxlib: '0.10.2', numpy: '2.4.6' }

export async function environmentWithPeers(say) {
  const folder = join(cacheFolder(), 'bench', Object.values(versions).join('-'))
  const python = process.platform === 'win32' ? join('Scripts', 'python.exe') : join('bin', 'python')
  if (existsSync(join(folder, 'ready'))) return join(folder, python)
  say('Making a Python environment with TensorFlow and JAX (some minutes, once).')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  await run(process.env.PYTHON ?? 'python3', ['-m', 'venv', folder])
  const packages = Object.entries(versions).map(([name, version]) => `${name}==${version}`)
  await run(
    join(folder, python),
    ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages],
    {
      maxBuffer: 2 ** 26,
    },
  )
  // Only a complete environment counts: an interrupted one is made again.
  writeFileSync(join(folder, 'ready'), '')
  return join(folder, python)
}
