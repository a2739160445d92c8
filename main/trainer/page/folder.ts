import type { Place } from '../../../shared/protocol/protocol'
import type { OpenedFile, RunFolder } from '../engine/run-folder'
import type { AskHost } from './asking'

/** Bytes that travel at once. */
const PIECE = 2 ** 24

/** The folder of a run, whose files the host reads and writes. */
export function hostFolder(ask: AskHost, { folder, resume, isReadOnly = false }: Place): RunFolder {
  const pathOf = (name: string) => `${folder}/${name}`
  return {
    resume,
    isReadOnly,
    pathOf,
    async open(name) {
      const opened = await ask('open', { folder, name })
      return opened && readWhole(ask, opened)
    },
    async write(name, parts) {
      const { file } = await ask('begin', { folder, name })
      try {
        for await (const part of parts)
          for (let from = 0; from < part.length; from += PIECE)
            await ask('write', { file, part: part.slice(from, from + PIECE) })
      } catch (error) {
        await ask('abandon', { file })
        throw error
      }
      await ask('finish', { file })
    },
    remove: async (name) => void (await ask('remove', { folder, name })),
    async within(name, resumeThere) {
      await ask('within', { folder, name })
      return hostFolder(ask, { folder: pathOf(name), resume: resumeThere, isReadOnly })
    },
  }
}

/** Readers do not wait for single numbers: all of it is in memory before the first is read. */
async function readWhole(ask: AskHost, opened: { file: number; size: number }): Promise<OpenedFile> {
  const { file, size } = opened
  const all = new Uint8Array(size)
  try {
    for (let from = 0; from < size; from += PIECE)
      all.set(await ask('read', { file, from, length: Math.min(PIECE, size - from) }), from)
  } finally {
    await ask('close', { file })
  }
  return {
    size,
    read(from, bytes) {
      if (from + bytes.length > size) throw new Error('it ends too early')
      bytes.set(all.subarray(from, from + bytes.length))
    },
    close: () => {},
  }
}
