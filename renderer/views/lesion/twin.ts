import type { RunDocument, RunEntry } from '../../../shared/runs/run'
import type { Lab } from '../../state/lab.svelte'

/** Both halves of a survey were measured one right after the other. Milliseconds. */
const SOON = 10 * 60_000

/** A survey's run with the one of the other side: the same settings but for the skip connection. */
export async function withTwin(lab: Lab, document: RunDocument): Promise<RunDocument[]> {
  const { entry } = document
  const twins = lab.runs.kept.filter((other) => isTwin(entry, other))
  const distance = (other: RunEntry) => Math.abs(Date.parse(other.created) - Date.parse(entry.created))
  const [nearest] = twins.sort((a, b) => distance(a) - distance(b))
  return nearest && distance(nearest) < SOON + 1000 * entry.seconds
    ? [document, await lab.runs.open(nearest.id)]
    : [document]
}

function isTwin(one: RunEntry, other: RunEntry): boolean {
  const { skip, ...settings } = one.settings
  const { skip: otherSkip, ...others } = other.settings
  return other.kind === 'lesion' && skip !== otherSkip && JSON.stringify(settings) === JSON.stringify(others)
}
