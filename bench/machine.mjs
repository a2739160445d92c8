/** What measured, as the page names it. */
import { existsSync, readFileSync } from 'node:fs'
import { cpus, loadavg, platform, release, totalmem } from 'node:os'
import { delimiter, join } from 'node:path'

/** Debian's, another on the PATH, or $CHROMIUM; null: there is none. */
export function findChromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM
  const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(existsSync) ?? null
}

export function machineOf(pythons) {
  return {
    processor: cpus()[0].model.trim(),
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${distribution() ?? platform()}, kernel ${release()}`,
    node: process.version,
    peers: Object.fromEntries(pythons.found.map(({ peer, version }) => [peer, version])),
    missing: pythons.missing,
  }
}

/** What else computes: the mean number of busy processes over the last minute. */
export const load = () => Math.round(10 * loadavg()[0]) / 10

function distribution() {
  if (!existsSync('/etc/os-release')) return null
  return /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? null
}
