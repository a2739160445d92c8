/** What measured, as the page names it. */
import { existsSync, readFileSync } from 'node:fs'
import { cpus, loadavg, platform, release, totalmem } from 'node:os'
import { delimiter, join } from 'node:path'

/** A program on the PATH by the first of its names that is there; null: none is. */
export function findProgram(...names) {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync) ?? null
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
