// Whether two builds of the same sources are the same, and if not, where they part.
import { createHash } from 'node:crypto'
import { createReadStream, lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

export async function sha256(file) {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

/**
 * What differs between two builds, as lines; none if every package is the same to the last byte.
 * @param {{packages: Map<string, string>, folder: string}} one the hash of each package by its name, and the folder in
 *   which they were made
 * @param {{packages: Map<string, string>, folder: string}} other
 */
export async function differences(one, other) {
  const packages = unequal(one.packages, other.packages)
  if (packages.length === 0) return []
  const [before, after] = [await contents(one.folder), await contents(other.folder)]
  const inside = unequal(before, after)
  const why = inside.length
    ? `made of different files: ${inside.slice(0, 20).join(', ')}${inside.length > 20 ? ' and others' : ''}`
    : 'made of the same files: the packing itself differs, in times, order or permissions'
  return [`${packages.join(', ')}: ${why}`]
}

const unequal = (one, other) =>
  [...new Set([...one.keys(), ...other.keys()])].filter((name) => one.get(name) !== other.get(name)).sort()

/** The hash of every file in what was packed, and of every file in its archive. */
async function contents(folder) {
  const hashes = new Map()
  for (const top of readdirSync(folder).filter((name) => /unpacked$|^mac/.test(name)))
    await addFolder(join(folder, top), top, hashes)
  return hashes
}

async function addFolder(folder, name, hashes) {
  for (const entry of readdirSync(folder).sort()) {
    const [path, inside] = [join(folder, entry), `${name}/${entry}`]
    const found = lstatSync(path)
    if (found.isDirectory()) await addFolder(path, inside, hashes)
    else if (found.isSymbolicLink()) hashes.set(inside, readlinkSync(path))
    else if (entry === 'app.asar') await addArchive(path, inside, hashes)
    else hashes.set(inside, `${found.mode} ${await sha256(path)}`)
  }
}

async function addArchive(archive, name, hashes) {
  const { getRawHeader } = await import('@electron/asar')
  const add = ({ files }, inside) => {
    for (const [entry, found] of Object.entries(files)) {
      if (found.files) add(found, `${inside}/${entry}`)
      else hashes.set(`${inside}/${entry}`, found.integrity?.hash ?? found.link ?? '')
    }
  }
  add(getRawHeader(archive).header, name)
}
