import type { RunDocument, RunEntry } from '../../shared/runs/run'

export const byId = (entries: readonly RunEntry[]): ReadonlyMap<string, RunEntry> =>
  new Map(entries.map((run) => [run.id, run]))

/** The list after some of it has changed or gone; what is new stands first. */
export function merged(
  entries: readonly RunEntry[],
  changed: readonly RunEntry[],
  gone: readonly string[] = [],
): readonly RunEntry[] {
  const left = new Map(changed.map((run) => [run.id, run]))
  const lost = new Set(gone)
  const next = entries.flatMap((run) => {
    if (lost.has(run.id)) return []
    const newer = left.get(run.id)
    left.delete(run.id)
    return newer ?? run
  })
  return [...[...left.values()].reverse(), ...next]
}

/** Documents of runs that the page keeps: those that were looked at last. */
const MOST_DOCUMENTS = 40

/** Whole runs as they were read, so that none is read twice. */
export class RunDocuments {
  readonly #documents = new Map<string, Promise<RunDocument>>()

  /** @param read asks for one that is not known; what fails is asked for again */
  open(id: string, read: () => Promise<RunDocument>): Promise<RunDocument> {
    const known = this.#documents.get(id)
    if (known) return known
    const asked = read()
    this.#documents.set(id, asked)
    asked.catch(() => this.#documents.delete(id))
    if (this.#documents.size > MOST_DOCUMENTS) this.forget([this.#documents.keys().next().value!])
    return asked
  }

  /** They have changed, or are no more. */
  forget(ids: readonly string[]): void {
    for (const id of ids) this.#documents.delete(id)
  }
}
