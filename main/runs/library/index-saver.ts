import { writeIndex, type IndexedRun } from './index-file'

/** Changes come in crowds; the index is written once for all of them. */
const INDEX_MS = 1000

/**
 * Writes the index of a library some time after it has changed. A library that takes no index works without one.
 * @param runs all that it holds now; null: the index is not to be written over
 */
export function createIndexSaver(library: string, runs: () => IndexedRun[] | null) {
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()
  let isOld = false

  function save(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    if (!isOld) return writing
    isOld = false
    writing = writing.then(write).catch(() => {})
    return writing
  }

  async function write() {
    const all = runs()
    if (all) await writeIndex(library, all)
  }

  return {
    /** Something has changed. */
    later() {
      isOld = true
      timer ??= setTimeout(() => void save(), INDEX_MS).unref()
    },

    /** Resolves when everything is on the disk. */
    save,
  }
}
