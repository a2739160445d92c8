import { execFile } from 'node:child_process'
import * as fs from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import * as path from 'node:path'

export interface OpeningFile {
  path: string
  remove(): Promise<void>
}

/** Writes a page that only this user can read, in a folder of its own that only this user can enter. */
export async function writeOpeningFile(page: string, place: string | null = null): Promise<OpeningFile> {
  const folder = await fs.mkdtemp(path.join(place ?? (await placeForBrowser()), 'residual-lab-'))
  const file = path.join(folder, 'open.html')
  await fs.writeFile(file, page, { mode: 0o600, flag: 'wx' })
  return { path: file, remove: () => fs.rm(folder, { recursive: true, force: true }) }
}

/**
 * Where the user's browser can read files. One that is a snap (Ubuntu's Firefox and Chromium) has a /tmp of its own,
 * and sees no hidden folders.
 */
async function placeForBrowser(): Promise<string> {
  if (process.platform !== 'linux') return tmpdir()
  const name = await new Promise<string>((resolve) => {
    const options = { timeout: 2000 }
    execFile('xdg-settings', ['get', 'default-web-browser'], options, (_error, stdout) =>
      resolve(stdout.trim()),
    )
  })
  const [, snap] = /^([\w-]+)_[\w-]+\.desktop$/.exec(name) ?? []
  const common = snap && path.join(homedir(), 'snap', snap, 'common')
  return common && (await isFolder(common)) ? common : tmpdir()
}

const isFolder = (name: string) =>
  fs.stat(name).then(
    (found) => found.isDirectory(),
    () => false,
  )
