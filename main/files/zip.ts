import { openPromise, type Entry } from 'yauzl'

const MB = 2 ** 20

/** Numbers as text compress tenfold; a bomb a thousandfold. Small files may be anything. */
const LARGEST_RATIO = 200
const SMALL = 16 * MB

/** More are no archive of anything that is read here. */
const MOST_MEMBERS = 10_000

/** What speaks against a member before any of it is unpacked, as a clause; null: nothing. @param most bytes */
export function memberProblem(entry: Entry, name: string, most: number): string | null {
  if (isLink(entry)) return `${name} in it is a link, not a file`
  if (entry.isEncrypted()) return `${name} in it is encrypted`
  const { uncompressedSize: size, compressedSize } = entry
  if (size > most) return `${name} in it is larger than ${most / MB} MB`
  if (size > SMALL && size > LARGEST_RATIO * compressedSize)
    return `${name} in it would become more than ${LARGEST_RATIO} times as large`
  return null
}

/** Systems like Unix keep a file's kind in the upper half of its attributes. */
const isLink = ({ externalFileAttributes }: Entry) =>
  ((externalFileAttributes >>> 16) & 0o170000) === 0o120000

/**
 * A zip file's members by name, unpacked into memory. yauzl refuses names that lead out of a folder, and ends a member
 * whose size differs from what the directory says.
 * @param wanted whether a member is unpacked @param most bytes of all of them together
 * @throws Error, a clause about the file, where it is none, is damaged, or would not stay within its bounds
 */
export async function readZip(
  file: string,
  { wanted = () => true, most = Infinity }: { wanted?: (name: string) => boolean; most?: number } = {},
): Promise<Map<string, Buffer>> {
  const zip = await openPromise(file, { lazyEntries: true, autoClose: false, strictFileNames: true })
  try {
    if (zip.entryCount > MOST_MEMBERS) throw new Error(`it holds ${zip.entryCount} files`)
    const members = new Map<string, Buffer>()
    let left = most
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileName
      if (name.endsWith('/') || !wanted(name)) continue
      if (members.has(name)) throw new Error(`it holds ${name} twice`)
      const problem = memberProblem(entry, name, most)
      if (problem) throw new Error(problem)
      left -= entry.uncompressedSize
      if (left < 0) throw new Error(`what it holds is larger than ${most / MB} MB`)
      const parts: Buffer[] = []
      for await (const part of await zip.openReadStreamPromise(entry)) parts.push(part as Buffer)
      members.set(name, Buffer.concat(parts))
    }
    return members
  } finally {
    zip.close()
  }
}

/** Names of a zip file's members. @throws Error as `readZip` */
export async function zipNames(file: string): Promise<string[]> {
  const names: string[] = []
  await readZip(file, {
    wanted(name) {
      names.push(name)
      return false
    },
  })
  return names
}
