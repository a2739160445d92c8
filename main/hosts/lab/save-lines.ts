import type { Workspace } from './workspace'

/** The saves of one front end. */
interface SaveLine {
  last: Promise<unknown>
  /** What it has saved over. */
  bases: Set<string | null>
  /** What it saved last. */
  revision: string | null
}

/** Each front end's saves of its workspace, one after the other. */
export function createSaveLines() {
  const lines = new WeakMap<object, SaveLine>()
  return {
    /**
     * A front end may send a save before it has heard of the one before it, at its end most of all: bases that it has
     * itself saved over since count as what it saved last.
     */
    async save(
      workspace: Workspace,
      document: Record<string, unknown>,
      base: string | null | undefined,
      from: object,
    ) {
      const line = lines.get(from) ?? { last: Promise.resolve(null), bases: new Set(), revision: null }
      lines.set(from, line)
      const saving = line.last.then(async () => {
        const isOwn = base !== undefined && line.bases.has(base)
        const saved = await workspace.save(document, isOwn ? line.revision : base)
        if (saved.revision === null) return saved
        if (base !== undefined) line.bases.add(base)
        if (line.revision !== null) line.bases.add(line.revision)
        line.revision = saved.revision
        return saved
      })
      line.last = saving.catch(() => null)
      return saving
    },

    /** It has loaded the workspace: what it saved before is no base of its own any more. */
    forget: (from: object) => void lines.delete(from),
  }
}
