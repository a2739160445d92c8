import * as fs from 'node:fs/promises'
import { existsSync, linkSync, rmSync, type Stats } from 'node:fs'
import * as path from 'node:path'

// Whenever the machine stops or the disk is full, a file has all of the old text or all of the new one. The package
// write-file-atomic replaced a good file by a cut one on a full disk: it takes the first write's word, which says how
// much was written and is no error where that is less than all.

/** What is still to be renamed: removed when this process is ended in between. */
const temporaries = new Set<string>()
process.on('exit', () => temporaries.forEach((file) => rmSync(file, { recursive: true, force: true })))

let count = 0

/** A name beside a file for what is to take its place: removed when this process is ended in between. */
export function temporaryOf(file: string): string {
  const temporary = `${file}.${process.pid}${String(++count).padStart(6, '0')}`
  temporaries.add(temporary)
  return temporary
}

/** What had a temporary name has its own by now, or is not wanted. */
export function withoutTemporary(temporary: string): void {
  rmSync(temporary, { recursive: true, force: true })
  temporaries.delete(temporary)
}

/** Replaces a file, or makes it. @param mode of a new file; an old one keeps its own @throws Error of the system */
export async function replaceFile(file: string, data: string | Buffer, mode = 0o600): Promise<void> {
  // A link goes on to lead to the file that it led to.
  const target = await fs.realpath(file).catch(() => file)
  const old = await fs.stat(target).catch(() => null)
  await withTemporary(target, data, old?.mode ?? mode, old, async (temporary) => {
    await fs.rename(temporary, target)
  })
}

/** Makes a file, and replaces none. @throws Error of the system; its `code` is EEXIST where there is one */
export async function makeFile(file: string, data: string | Buffer, mode = 0o600): Promise<void> {
  await withTemporary(file, data, mode, null, async (temporary) => keepAs(file, temporary))
}

/**
 * Gives what is in a file now a second name, which it keeps when the file is replaced.
 * @throws Error of the system; its `code` is EEXIST where the name is taken
 */
export async function keepAs(name: string, file: string): Promise<void> {
  try {
    linkSync(file, name)
  } catch (error) {
    if (!WITHOUT_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) throw error
    if (await fs.stat(name).catch(() => null)) {
      throw Object.assign(new Error(`EEXIST: ${name} is there`), { code: 'EEXIST' })
    }
    await replaceFile(name, await fs.readFile(file))
  }
}

/** Gives a damaged file another name as well, before it is replaced. @throws Error of the system */
export async function keepDamaged(file: string): Promise<void> {
  let n = 1
  while (existsSync(`${file}.damaged-${n}`)) n++
  await keepAs(`${file}.damaged-${n}`, file)
}

/** What file systems without links answer (FAT, some shares). */
const WITHOUT_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV', 'EINVAL'])

/** Writes all of the data beside a file, on the disk itself, and does the last step with it. */
async function withTemporary(
  file: string,
  data: string | Buffer,
  mode: number,
  owner: Stats | null,
  finish: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = temporaryOf(file)
  try {
    const handle = await fs.open(temporary, 'wx', mode)
    try {
      await handle.writeFile(data)
      await handle.sync()
    } finally {
      await handle.close()
    }
    if (owner) await sameOwner(temporary, owner)
    await finish(temporary)
    await syncFolder(path.dirname(file))
  } finally {
    await fs.rm(temporary, { force: true }).catch(() => {})
    temporaries.delete(temporary)
  }
}

/** As far as the user may: a file of another's that one may write stays theirs. */
async function sameOwner(file: string, { uid, gid }: Stats): Promise<void> {
  if (uid === process.getuid?.() && gid === process.getgid?.()) return
  await fs.chown(file, uid, gid).catch(() => {})
}

/** The new name is on the disk too, where the system can be asked for that. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await fs.open(folder, 'r').catch(() => null)
  await handle?.sync().catch(() => {})
  await handle?.close().catch(() => {})
}
