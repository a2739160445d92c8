#!/usr/bin/env node
// npm run test:interop [-- PATTERN …]: opens exports in real frameworks, in a Python environment of the cache folder
// that is made once (test/interop/requirements.txt). The last line tells how many passed and failed. Where the
// environment cannot be made, that is a failure: nothing would have been tried.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { cacheFolder } from './lib/cache.mjs'
import { finish, inherit, runTests } from './lib/vitest.mjs'
import { root, say, setUp } from './setup.mjs'

const TESTS = 'test/interop/frameworks'

/** A Python with the frameworks. @throws Error where it cannot be made */
async function environment() {
  const requirements = join(root, 'test', 'interop', 'requirements.txt')
  const key = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12)
  const folder = join(cacheFolder(), 'interop', key)
  const python = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python')
  if (existsSync(join(folder, 'ready'))) return python
  say('Making a Python environment with Keras, TensorFlow and ONNX Runtime (a minute, once).')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const made = (await inherit(process.env.PYTHON ?? 'python3', ['-m', 'venv', folder])) === 0
  if (!made)
    throw new Error('python3 -m venv failed: install Python with venv, or name another one in PYTHON.')
  const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]
  if ((await inherit(python, args)) !== 0) throw new Error('pip could not install the frameworks; see above.')
  // Only a complete environment counts: an interrupted one is made again.
  writeFileSync(join(folder, 'ready'), '')
  return python
}

async function main(args) {
  await setUp({ built: false })
  const python = await environment()
  const { passed, failed, skipped } = await runTests(args.length ? args : [TESTS], {
    env: { RESIDUAL_LAB_INTEROP: python },
  })
  finish(passed, failed, skipped)
}

main(process.argv.slice(2)).catch((error) => {
  say(error?.message ?? String(error))
  finish(0, 1, 0)
})
