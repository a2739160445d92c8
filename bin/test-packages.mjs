#!/usr/bin/env node
// npm run test:package [-- FOLDER]: makes the packages for Linux, or takes those in FOLDER, installs each one, starts
// it as a plain user without a network, and removes it again. The last line tells how many tests passed and failed.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { installedLibrary, whyNotFull } from './lib/carried-library.mjs'
import { missingTools } from './lib/linux-tools.mjs'
import { testElectron } from './lib/test-electron.mjs'
import { finish, runTests } from './lib/vitest.mjs'
import { makeApplication } from './package.mjs'
import { say, setUp } from './setup.mjs'

const TESTS = 'test/packages/installed.test.ts'

/** In a network of its own, which leads nowhere; what runs talks to itself. */
const OFFLINE = ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh']

/** Why the packages cannot be tested on this machine, or null. */
function obstacle() {
  if (process.platform !== 'linux' || process.getuid() !== 0)
    return 'a Debian package is installed, which takes root on Debian or Ubuntu'
  if (missingTools().length)
    return `${missingTools().join(', ')} missing (apt-get install ${missingTools().join(' ')})`
  const [program, ...args] = [...OFFLINE, 'true']
  if (spawnSync(program, args).status !== 0)
    return 'the network cannot be taken away (unshare --net, and ip of iproute2)'
  const format = ['--show', '--showformat=${Version} ${db:Status-Abbrev}', 'residual-lab']
  const { stdout } = spawnSync('dpkg-query', format, { encoding: 'utf8' })
  if (/ ii/.test(stdout) && !stdout.includes('~test.'))
    return 'Residual Lab is installed here, and would be exchanged for a test build and removed'
  return null
}

async function main(given) {
  const why = obstacle()
  if (why) return skip(why)
  await setUp({ built: !given })
  const electron = given ? null : await testElectron().catch((error) => error.message.split('\n')[0])
  if (typeof electron === 'string') return skip(`no Electron for a test build: ${electron}`)
  const folder = given ? resolve(given) : mkdtempSync(join(tmpdir(), 'residual-lab-made-'))
  try {
    const noFull = electron ? await makeAll({ ...electron, test: true }, folder) : null
    const env = { RESIDUAL_LAB_PACKAGES: folder, DISPLAY: '', WAYLAND_DISPLAY: '' }
    if (noFull) env.RESIDUAL_LAB_NO_FULL = noFull
    const { passed, failed, skipped } = await runTests([TESTS], { through: OFFLINE, env })
    finish(passed, failed, skipped)
  } finally {
    if (electron) rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Makes the packages for Linux, and of those that carry TensorFlow's library the archive.
 * @returns why there is none of the latter; null where there is
 */
async function makeAll(electron, folder) {
  // They are unpacked once, and are thrown away.
  process.env.ELECTRON_BUILDER_COMPRESSION_LEVEL = '1'
  await makeApplication(electron, folder)
  const why = whyNotFull(await installedLibrary())
  if (!why) await makeApplication(electron, folder, { targets: ['tar.gz'], full: true })
  return why
}

function skip(why) {
  process.stdout.write(`SKIPPED ${TESTS}: ${why}\n`)
  finish(0, 0, 1)
}

main(process.argv[2]).catch((error) => {
  say(error?.message ?? String(error))
  finish(0, 1, 0)
})
