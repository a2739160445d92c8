/** The trash is a date in a run's run.json. */
import { InputError } from '../../../shared/base/errors'
import type { RunEntry } from '../../../shared/runs/run'
import type { Changes } from './changes'
import type { KnownRuns } from './known-runs'

const DAY_MS = 86_400_000

/**
 * Puts runs into the trash, or takes them out.
 * @param removed when, in ISO 8601; null: they come back
 * @throws InputError for a run that is not there, or still running; Error that names cause and hint
 */
export const setRemoved = (
  runs: KnownRuns,
  { change, edit }: Changes,
  ids: readonly string[],
  removed: string | null,
): Promise<RunEntry[]> =>
  change(async () => {
    const entries: RunEntry[] = []
    for (const id of ids) {
      if (removed !== null && runs.existing(id).state === 'running')
        throw new InputError('run', `"${id}" is still running`, 'Stop it first.')
      entries.push(await edit(id, (stored) => ({ ...stored, entry: { ...stored.entry, removed } })))
    }
    return entries
  })

/** Deletes what is in the trash for good. @throws Error that names cause and hint */
export const emptyTrash = (runs: KnownRuns, { change }: Changes): Promise<{ deleted: number }> =>
  change(() => {
    runs.refresh()
    return { deleted: emptyOld(runs, 0) }
  })

/** Within a turn: deletes what has been in the trash for so many days. @returns how many there were */
export function emptyOld(runs: KnownRuns, days: number): number {
  const last = new Date(Date.now() - days * DAY_MS).toISOString()
  const old = runs
    .entries()
    .filter(({ removed }) => removed !== null && removed <= last)
    .map(({ id }) => id)
  old.forEach((id) => runs.erase(id))
  runs.erased(old)
  return old.length
}
