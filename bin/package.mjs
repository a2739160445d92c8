#!/usr/bin/env node
// npm run package: makes the application in dist/. Plain JavaScript, because it runs before anything is built.
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { findElectron, obtainElectron } from './lib/electron.mjs'
import { root, say, setUp } from './setup.mjs'

const execute = promisify(execFile)

/** The TensorFlow whose binding is worth shipping: the one that the application installs by itself. */
const BINDING_VERSION = '2.21.0'

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
 * Makes the application from what is built.
 * @param {object} changes over electron-builder.yml, and electron-builder's other options
 * @param {string[]} [targets] electron-builder's names; none: the platform's own list
 */
export async function makeApplication(changes, targets = []) {
  const { build, Platform } = await import('electron-builder')
  const target = targets.length ? Platform.current().createTarget(targets) : Platform.current().createTarget()
  return build({
    projectDir: root,
    targets: target,
    publish: 'never',
    config: {
      extends: join(root, 'electron-builder.yml'),
      extraResources: await binding(),
      electronFuses: FUSES,
      afterPack: removeDefaultApplication,
      ...changes,
    },
  })
}

/** Electron's own distribution brings an application that runs any folder it is told to. */
async function removeDefaultApplication({ appOutDir, packager }) {
  await rm(join(packager.getResourcesDir(appOutDir), 'default_app.asar'), { force: true })
}

/** The binding compiled for this machine, if there is one: then the application needs no compiler on others like it. */
async function binding() {
  const cli = join(root, 'out', 'main', 'cli.cjs')
  const { stdout } = await execute(process.execPath, [cli, 'runtime', 'status', '--json'])
  const { library } = JSON.parse(stdout)
  if (library?.version !== BINDING_VERSION || !existsSync(library.bindingPath)) return []
  const folder = `binding/${process.platform}-${process.arch}-tf${BINDING_VERSION}`
  return [{ from: library.bindingPath, to: `${folder}/tfjs_binding.node` }]
}

/** Electron's own distribution; throws one line with a hint if it is not here and cannot be had. */
async function electronFolder() {
  // An Electron for tests (ELECTRON_OVERRIDE_DIST_PATH) is not for shipping.
  const env = { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: undefined }
  const { path, reason } = findElectron(root, env)
    ? { path: findElectron(root, env) }
    : await obtainElectron(root, say, { env })
  if (!path) {
    throw new Error(
      `The application cannot be made: ${reason}. Run \`npx install-electron\` where its download can be ` +
        `reached, then \`npm run package\` again.`,
    )
  }
  const manifest = JSON.parse(readFileSync(join(root, 'node_modules', 'electron', 'package.json'), 'utf8'))
  const folder = join(root, 'node_modules', 'electron', 'dist')
  return { electronDist: existsSync(folder) ? folder : dirname(path), electronVersion: manifest.version }
}

async function main(targets) {
  await setUp()
  const files = await makeApplication(await electronFolder(), targets)
  say(files.length ? `Made ${files.join(', ')}` : `Made the application in ${join(root, 'dist')}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main(process.argv.slice(2)).catch((error) => {
    say(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  })
}
