import * as path from 'node:path'
import { InputError, messageOf } from '../../../shared/base/errors'
import { MOST_HELD_BYTES, valuesOf } from '../../../shared/data/description'
import type { Place } from '../../../shared/protocol/protocol'
import { openDataStore } from '../../data/store'
import { dataFolder } from '../../files/data-folder'
import type { OpenedFile } from '../../trainer/engine/run-folder'
import { nodeFolder } from '../../trainer/node-folder'
import { NODE_MEMORY } from '../../trainer/node-memory'
import type { Answer, Ask, AskName, Asks, FileName } from '../../trainer/page/wire'

/** Of one piece that is read. */
const MOST_AT_ONCE = 2 ** 25

/** A file that is being written: parts go in, and whoever writes the file takes them. */
interface Writing {
  put(part: Uint8Array): Promise<void>
  end(error?: Error): Promise<void>
}

export type PageFiles = ReturnType<typeof createPageFiles>

/**
 * Files, samples and memory for a page that computes: it reaches the folders of the runs that it is asked for, as long
 * as they run, and no other. @param held bytes that the page's process holds @param place the user's data folder
 */
export function createPageFiles(held: () => number, place = dataFolder()) {
  const places = new Map<string, Place>()
  const opened = new Map<number, OpenedFile>()
  const written = new Map<number, Writing>()
  let last = 0

  /** A run's folder, or one within it. @throws Error for any other, and for a name that is a path */
  function folderOf({ folder, name }: FileName, isWritten = false) {
    const own = [...places.values()].find(
      (one) => folder === one.folder || folder.startsWith(one.folder + path.sep),
    )
    const inside = own && path.normalize(folder) === folder && !folder.split(path.sep).includes('..')
    if (!inside || !/^[\w-][\w.-]*$/.test(name))
      throw new Error('This file is in no folder of a run that runs.')
    if (isWritten && own.isReadOnly) throw new Error('This run is looked at, and not written.')
    return nodeFolder({ ...own, folder })
  }

  function known<T>(all: Map<number, T>, file: number): T {
    const one = all.get(file)
    if (!one) throw new Error('This file is not open.')
    return one
  }

  const answers: {
    [A in AskName]: (given: Asks[A]['given']) => Promise<Asks[A]['reply']> | Asks[A]['reply']
  } = {
    async open(given) {
      const file = await folderOf(given).open(given.name)
      if (!file) return null
      opened.set(++last, file)
      return { file: last, size: file.size }
    },
    read({ file, from, length }) {
      const bytes = new Uint8Array(Math.min(length, MOST_AT_ONCE))
      known(opened, file).read(from, bytes)
      return bytes
    },
    close({ file }) {
      known(opened, file).close()
      opened.delete(file)
      return null
    },
    begin(given) {
      const folder = folderOf(given, true)
      written.set(
        ++last,
        beginWriting((parts) => folder.write(given.name, parts)),
      )
      return { file: last }
    },
    async write({ file, part }) {
      await known(written, file).put(part)
      return null
    },
    async finish({ file }) {
      const writing = known(written, file)
      written.delete(file)
      await writing.end()
      return null
    },
    async abandon({ file }) {
      const writing = written.get(file)
      written.delete(file)
      await writing?.end(new Error('abandoned')).catch(() => {})
      return null
    },
    async remove(given) {
      await folderOf(given, true).remove(given.name)
      return null
    },
    async within(given) {
      await folderOf(given).within(given.name, false)
      return null
    },
    data({ description }) {
      const { training, test, title } = description
      if ((training + test) * valuesOf(description) > MOST_HELD_BYTES) throw tooLarge(title)
      const data = openDataStore(place).read(description)
      if (![data.training.x, data.test.x].every((values) => ArrayBuffer.isView(values))) throw tooLarge(title)
      return data
    },
    memory: () => ({
      free: NODE_MEMORY.free(),
      total: NODE_MEMORY.total(),
      limit: NODE_MEMORY.limit() ?? 0,
      held: held(),
    }),
  }

  return {
    /** This job may reach this folder until it has ended. */
    admit: (id: string, own: Place) => void places.set(id, own),
    ended: (id: string) => void places.delete(id),

    /** Never throws. */
    async answer({ id, ask, given }: Ask): Promise<Answer> {
      try {
        if (!Object.hasOwn(answers, ask)) throw new Error('The page asks for something that there is not.')
        const answer = answers[ask] as (given: unknown) => Promise<Asks[AskName]['reply']>
        return { id, reply: await answer(given) }
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        const input: [string, string, string] | null =
          error instanceof InputError ? [error.where, error.what, error.hint] : null
        return { id, error: { message: messageOf(error), code, input } }
      }
    },

    /** The page is gone. */
    close() {
      places.clear()
      for (const file of opened.values()) file.close()
      for (const writing of written.values()) writing.end(new Error('the page is gone')).catch(() => {})
      opened.clear()
      written.clear()
    },
  }
}

const tooLarge = (title: string) =>
  new InputError(
    'data',
    `${title} is read from the disk piece by piece, which a GPU by WebGPU cannot wait for in the application`,
    'Choose another device in the settings, or another data set.',
  )

/** @param write takes the parts, whole or not at all */
function beginWriting(write: (parts: AsyncIterable<Uint8Array>) => Promise<void>): Writing {
  let wake = () => {}
  let part: Uint8Array | null = null
  let ending: { error?: Error } | null = null
  let taken = () => {}
  async function* parts() {
    for (;;) {
      if (part) {
        yield part
        part = null
        taken()
      } else if (ending) {
        if (ending.error) throw ending.error
        return
      } else await new Promise<void>((go) => (wake = go))
    }
  }
  const done = write(parts())
  // Heard by whoever puts the next part, or ends.
  done.catch(() => {})
  return {
    async put(next) {
      const isTaken = new Promise<void>((go) => (taken = go))
      part = next
      wake()
      await Promise.race([isTaken, done])
    },
    async end(error) {
      ending = { error }
      wake()
      await done
    },
  }
}
