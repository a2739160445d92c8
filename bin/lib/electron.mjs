import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { run } from '../setup.mjs'
import { cacheFolder } from './cache.mjs'

const LIMIT_MS = 120_000
const DAY_MS = 24 * 60 * 60 * 1000
const EXECUTABLE = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' }

/** Why no window can be opened on this machine, or null. */
export function noWindowReason(env = process.env, platform = process.platform) {
  if (platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY)
    return 'there is no screen (DISPLAY is not set)'
  return null
}

/** An Electron executable that is already on disk, or null. */
export function findElectron(root, env = process.env, platform = process.platform) {
  const name = EXECUTABLE[platform] ?? 'electron'
  const folders = [env.ELECTRON_OVERRIDE_DIST_PATH, join(root, 'node_modules', 'electron', 'dist')]
  for (const folder of folders) {
    if (folder && existsSync(join(folder, name))) return join(folder, name)
  }
  return null
}

/**
 * Lets the electron package fetch its binary, once. A failure is remembered for a day, so that later starts on a
 * machine that cannot reach the download do not wait for it again.
 */
export async function obtainElectron(
  root,
  log,
  { env = process.env, now = Date.now(), limitMs = LIMIT_MS } = {},
) {
  const installer = join(root, 'node_modules', 'electron', 'install.js')
  if (!existsSync(installer)) return { path: null, reason: 'the electron package is not installed' }
  const { version } = JSON.parse(readFileSync(join(dirname(installer), 'package.json'), 'utf8'))
  const memo = join(cacheFolder(env), 'electron.json')
  const failed = recall(memo)
  if (failed && failed.version === version && now - failed.at < DAY_MS) {
    return {
      path: null,
      reason:
        `Electron ${version} could not be downloaded (tried within the last day; to try again: npx ` +
        'install-electron)',
    }
  }
  log(`Getting Electron ${version}`)
  const { code } = await run(process.execPath, [installer], { cwd: root, env, timeoutMs: limitMs })
  const path = findElectron(root, env)
  if (code === 0 && path) return { path, reason: null }
  await mkdir(dirname(memo), { recursive: true })
  await writeFile(memo, JSON.stringify({ version, at: now }))
  return { path: null, reason: `Electron ${version} could not be downloaded` }
}

function recall(memo) {
  try {
    return JSON.parse(readFileSync(memo, 'utf8'))
  } catch {
    return null
  }
}

/** Runs Electron on the checkout; the exit code once its window is closed. */
export function runElectron(path, root, args, { env = process.env, platform = process.platform } = {}) {
  // Chromium's sandbox refuses to run as root; nobody but root's own files is at stake in a container.
  const flags = platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const clean = { ...env }
  delete clean.ELECTRON_RUN_AS_NODE
  return new Promise((resolve, reject) => {
    const child = spawn(path, [...flags, root, ...args], { stdio: 'inherit', env: clean })
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
    child.on('error', reject)
    child.on('close', (code, signal) => resolve(code ?? (signal ? 1 : 0)))
  })
}
