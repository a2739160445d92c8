import { ZipFile } from 'yazl'

/** The first moment that zip files know, for files that have none of their own. */
export const FIRST_TIME = new Date('1980-01-01T00:00:00Z')

/** A zip file whose members are stored as they are, one after the other; the same members give the same bytes. */
export async function zipBytes(members: ReadonlyMap<string, Uint8Array>): Promise<Buffer> {
  const zip = new ZipFile()
  for (const [name, bytes] of members) {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    zip.addBuffer(buffer, name, {
      compress: false,
      mtime: FIRST_TIME,
      mode: 0o100644,
      forceDosTimestamp: true,
    })
  }
  zip.end()
  const parts: Buffer[] = []
  for await (const part of zip.outputStream) parts.push(part as Buffer)
  return Buffer.concat(parts)
}
