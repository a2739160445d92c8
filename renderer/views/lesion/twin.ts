import type { LesionResult } from '../../../shared/lesion/results'
import type { RunDocument, RunEntry } from '../../../shared/runs/run'
import type { Lab } from '../../state/lab.svelte'
import { isTrained } from '../../state/lesion-asked'

/** Both halves of a survey were measured one right after the other. Milliseconds. */
const SOON = 10 * 60_000

/** A survey's run with the one of the other side: the same settings but for the skip connection. */
export async function withTwin(lab: Lab, document: RunDocument): Promise<RunDocument[]> {
  const { entry } = document
  const twins = lab.runs.kept.filter((other) => isTwin(entry, other))
  const distance = (other: RunEntry) => Math.abs(Date.parse(other.created) - Date.parse(entry.created))
  const near = twins.filter((other) => distance(other) < SOON + 1000 * entry.seconds)
  for (const { id } of near.sort((a, b) => distance(a) - distance(b)).slice(0, MOST_OPENED)) {
    const other = await lab.runs.open(id)
    if (lesionsOf(other) === lesionsOf(document) && isOfTrained(other) === isOfTrained(document))
      return [document, other]
  }
  return [document]
}

/** So many runs are read at most, to find the one of the other side. */
const MOST_OPENED = 8

/** What was done to the blocks, as text. */
const lesionsOf = ({ result }: RunDocument) => JSON.stringify((result as LesionResult | null)?.lesions ?? [])

const isOfTrained = ({ result }: RunDocument) => result !== null && isTrained(result as LesionResult)

function isTwin(one: RunEntry, other: RunEntry): boolean {
  const { skip, ...settings } = one.settings
  const { skip: otherSkip, ...others } = other.settings
  return other.kind === 'lesion' && skip !== otherSkip && JSON.stringify(settings) === JSON.stringify(others)
}
