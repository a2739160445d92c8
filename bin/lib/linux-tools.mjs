import { accessSync, constants, copyFileSync, mkdirSync, mkdtempSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { root } from '../setup.mjs'

/** Programs of the system that electron-builder would download, by the Debian package that has them. */
const PROGRAMS = {
  '7zz': '7zip',
  mksquashfs: 'squashfs-tools',
  'desktop-file-validate': 'desktop-file-utils',
  'dpkg-deb': 'dpkg',
}

function findProgram(name, env) {
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return join(folder, name)
    } catch {
      // In another folder, or in none.
    }
  }
  return null
}

/** The Debian packages whose programs are not here. */
export const missingTools = (env = process.env) =>
  Object.entries(PROGRAMS)
    .filter(([name]) => !findProgram(name, env))
    .map(([, debianPackage]) => debianPackage)

/**
 * Environment variables by which electron-builder takes this machine's programs in place of downloads. Throws, with
 * their names, if some are missing.
 * @param {string} appImageRuntime the program that an AppImage begins with
 */
export function localTools(appImageRuntime, env = process.env) {
  const missing = missingTools(env)
  if (missing.length) {
    throw new Error(
      `The Linux packages cannot be made: ${missing.join(', ')} missing. Install them ` +
        `(apt-get install ${missing.join(' ')}), then run \`npm run package\` again.`,
    )
  }
  // In the layout of electron-builder's own download.
  const folder = mkdtempSync(join(tmpdir(), 'residual-lab-tools-'))
  for (const name of ['mksquashfs', 'desktop-file-validate']) {
    symlinkSync(findProgram(name, env), join(folder, name))
  }
  mkdirSync(join(folder, 'runtimes'))
  copyFileSync(appImageRuntime, join(folder, 'runtimes', 'runtime-x64'))
  // Libraries that old programs want beside them; Electron brings its own or asks for the system's.
  mkdirSync(join(folder, 'lib', 'x64'), { recursive: true })
  return {
    folder,
    variables: {
      ELECTRON_BUILDER_7ZIP_PATH: findProgram('7zz', env),
      // The builder's own 9 takes minutes more for a hundredth less.
      ELECTRON_BUILDER_COMPRESSION_LEVEL: env.ELECTRON_BUILDER_COMPRESSION_LEVEL ?? '5',
      APPIMAGE_TOOLS_PATH: folder,
      CUSTOM_FPM_PATH: join(root, 'bin', 'lib', 'deb.mjs'),
    },
  }
}
